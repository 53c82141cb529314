import { DexarError } from "../core/errors.js";
import type { GeneratedText, GenerateRequest, LoadedModel, LoadRequest } from "../protocol/modelProcess.js";
import { captureShape } from "./answer/capture.js";
import { explainAlternative } from "./answer/explainAlternative.js";
import { explainAnswer } from "./answer/explain.js";
import { explainToFile } from "./answer/explainToFile.js";
import { generateAnswer } from "./answer/generate.js";
import type { EmitEvent, Engine } from "./engineTypes.js";
import { viewPicture } from "./image/viewPicture.js";
import { readMachineMemory, type ReadMachineMemory } from "./memory/machineMemory.js";
import { loadModel, type LoadedVlm } from "./model/loadModel.js";
import { modelBytes } from "./model/modelFiles.js";
import { renderFigure } from "./picture/renderFigure.js";
import { openDevice } from "./session/openDevice.js";

/** The engine over ONNX Runtime: one model at a time. */
export function createEngine(machine: ReadMachineMemory = readMachineMemory): Engine {
  let loaded: LoadedVlm | null = null;
  const vlm = (): LoadedVlm => {
    if (loaded) return loaded;
    throw new DexarError("no-model", "No model is loaded.", "Load a model first.");
  };
  const dispose = async () => {
    const old = loaded;
    loaded = null;
    await old?.dispose();
  };
  return {
    async load(request: LoadRequest, emit: EmitEvent): Promise<LoadedModel> {
      const device = await openDevice(request.device);
      emit({ kind: "stage", stage: "loading", detail: request.modelDir });
      await dispose();
      loaded = await loadModel(request.modelDir, request.dtype, { device, machine });
      return describe(loaded);
    },
    explain: async (request, emit, signal) => {
      const run = await explainAnswer(vlm(), request, emit, signal);
      emit({ kind: "stage", stage: "done", detail: `${run.info.tokens.length} tokens` });
      return run;
    },
    explainToFile: (request, emit, signal) => explainToFile(vlm(), request, emit, signal),
    explainAlternative: (request, signal) => explainAlternative(vlm(), request, signal),
    generate: (request: GenerateRequest, emit: EmitEvent, signal: AbortSignal): Promise<GeneratedText> =>
      generateAnswer(vlm(), request, emit, signal),
    renderFigure,
    viewPicture: ({ bytes }) => viewPicture(bytes),
    dispose,
  };
}

function describe(vlm: LoadedVlm): LoadedModel {
  const { device } = vlm;
  const { layers, heads } = captureShape(vlm);
  return {
    name: vlm.name,
    family: vlm.family.name,
    dtype: vlm.dtypes.decoder_model_merged,
    device: device.name,
    ...(device.difference !== null && { deviceDifference: device.difference }),
    ...(device.notice !== null && { deviceNotice: device.notice }),
    layers,
    heads,
    kvHeads: vlm.decoder.structure.layers[0]?.attention.kvHeads ?? 0,
    maxPositions: vlm.maxPositions,
    bytes: modelBytes(vlm.dir, vlm.dtypes),
  };
}
