import type { GeneratedText, GenerateRequest, LoadedModel, LoadRequest } from "../protocol/modelProcess.js";
import { captureShape } from "./answer/capture.js";
import { explainAlternative } from "./answer/explainAlternative.js";
import { explainAnswer } from "./answer/explain.js";
import { explainToFile } from "./answer/explainToFile.js";
import { generateAnswer } from "./answer/generate.js";
import type { EmitEvent, Engine } from "./engineTypes.js";
import { viewPicture } from "./image/viewPicture.js";
import { readMachineMemory, type ReadMachineMemory } from "./memory/machineMemory.js";
import type { LoadedVlm, LoadOptions } from "./model/loadModel.js";
import { modelBytes } from "./model/modelFiles.js";
import { ModelHolder } from "./model/modelHolder.js";
import { renderFigure } from "./picture/renderFigure.js";

/**
 * The engine over ONNX Runtime: one model at a time.
 * @param machine tells how much memory there is
 * @param options where models are loaded, in place of what a request asks for; for tests
 */
export function createEngine(
  machine: ReadMachineMemory = readMachineMemory,
  options: Omit<LoadOptions, "machine"> = {},
): Engine {
  const model = new ModelHolder({ ...options, machine });
  const quiet: EmitEvent = () => undefined;
  return {
    load: async (request: LoadRequest, emit: EmitEvent): Promise<LoadedModel> =>
      describe(await model.load(request, emit)),
    explain: async (request, emit, signal) => {
      const run = await model.use(emit, (vlm, tell) => explainAnswer(vlm, request, tell, signal));
      emit({ kind: "stage", stage: "done", detail: `${run.info.tokens.length} tokens` });
      return run;
    },
    explainToFile: (request, emit, signal) =>
      model.use(emit, (vlm, tell) => explainToFile(vlm, request, tell, signal)),
    explainAlternative: (request, signal) =>
      model.use(quiet, (vlm) => explainAlternative(vlm, request, signal)),
    generate: (request: GenerateRequest, emit: EmitEvent, signal: AbortSignal): Promise<GeneratedText> =>
      model.use(emit, (vlm, tell) => generateAnswer(vlm, request, tell, signal)),
    renderFigure,
    viewPicture: ({ bytes }) => viewPicture(bytes),
    dispose: () => model.dispose(),
  };
}

function describe(vlm: LoadedVlm): LoadedModel {
  const { device, placement } = vlm;
  const { notices, vision, embedding, decoder } = placement;
  const { layers, heads } = captureShape(vlm);
  return {
    name: vlm.name,
    family: vlm.family.name,
    dtype: vlm.parts.decoder.dtype,
    device: device.name,
    devices: { vision: vision.name, embedding: embedding.name, decoder: decoder.name },
    ...(device.difference !== null && { deviceDifference: device.difference }),
    ...(notices.length > 0 && { deviceNotice: notices.join(" ") }),
    layers,
    heads,
    kvHeads: vlm.decoder.structure.layers[0]?.attention.kvHeads ?? 0,
    maxPositions: vlm.maxPositions,
    bytes: modelBytes(vlm.dir, vlm.parts),
  };
}
