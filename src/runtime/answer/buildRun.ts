import { randomUUID } from "node:crypto";
import { basename } from "node:path";
import type { AttributionSettings, Run, RunFileHash, RunInfo, RunToken } from "../../core/run/types.js";
import type { ExplainRequest } from "../../protocol/modelProcess.js";
import type { LoadedVlm } from "../model/loadModel.js";
import { TOOL } from "../version.js";
import type { Answer } from "./answer.js";
import { captureShape, joinBatches, type CapturedBatch } from "./capture.js";
import type { PreparedPrompt } from "./prompt.js";

/** What a run is made of before its first token. */
export interface AnswerStart {
  readonly vlm: LoadedVlm;
  /** Hashes of the model's files. */
  readonly files: readonly RunFileHash[];
  readonly request: ExplainRequest;
  readonly prompt: PreparedPrompt;
  readonly settings: AttributionSettings;
}

/** The description of a run that has no tokens yet; `partial` until it is finished. */
export function startRun({ vlm, files, request, prompt, settings }: AnswerStart): RunInfo {
  const { picture, layout } = prompt;
  const { layers, heads } = captureShape(vlm);
  return {
    format: "dexar-run",
    version: 1,
    id: randomUUID(),
    tool: TOOL,
    time: new Date().toISOString(),
    model: {
      name: vlm.name,
      family: vlm.family.name,
      files,
      dtype: vlm.dtypes.decoder_model_merged,
      device: vlm.device.name,
      layers,
      heads,
    },
    prompt: { text: request.prompt, rendered: prompt.rendered, tokens: prompt.tokens },
    generation: {
      mode: request.target ? "forced" : "generated",
      maxNewTokens: request.maxNewTokens,
      temperature: request.temperature,
      topK: request.topK,
      seed: request.seed,
      finish: "cancelled",
    },
    image: {
      name: basename(request.imagePath),
      entry: `image.${picture.format}`,
      width: picture.width,
      height: picture.height,
      sha256: picture.sha256,
      seen: layout.seen,
    },
    tokens: [],
    cells: layout.cells,
    settings,
    timings: {},
    warnings: prompt.warnings,
    partial: true,
  };
}

/** What an answer adds to the start of its run. */
export interface FinishedAnswer {
  readonly start: RunInfo;
  readonly prompt: PreparedPrompt;
  readonly finish: Answer["finish"];
  /** Of every explained token. */
  readonly tokens: readonly RunToken[];
  /** Emptied: they become the run's arrays. */
  readonly batches: CapturedBatch[];
  /** Milliseconds by stage. */
  readonly timings: Readonly<Record<string, number>>;
}

/** Puts a finished answer together as a run. */
export function finishRun({ start, prompt, finish, tokens, batches, timings }: FinishedAnswer): Run {
  const positions = prompt.ids.length + tokens.length - 1;
  return {
    info: {
      ...start,
      generation: { ...start.generation, finish },
      tokens,
      timings,
      partial: finish === "cancelled",
    },
    image: prompt.picture.bytes,
    arrays: {
      inputIds: Int32Array.from([...prompt.ids, ...tokens.map((token) => token.id)]),
      imagePositions: Int32Array.from(prompt.imagePositions),
      ...joinBatches(batches, start.model, positions),
    },
  };
}
