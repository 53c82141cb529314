import { randomUUID } from "node:crypto";
import { basename } from "node:path";
import type { TokenAttribution } from "../../core/attribution/tokenAttribution.js";
import type { StreamedRun } from "../../core/run/streamedArray.js";
import type {
  AttributionSettings,
  Run,
  RunFileHash,
  RunInfo,
  RunModel,
  RunToken,
} from "../../core/run/types.js";
import type { ExplainRequest } from "../../protocol/modelProcess.js";
import type { LoadedVlm, TappedVlm } from "../model/loadModel.js";
import { generationExtras } from "../../core/run/generationExtras.js";
import { TOOL } from "../version.js";
import type { Answer } from "./answer.js";
import { modelsPenalty } from "./choosing/logitsProcessors.js";
import { captureShape, joinBatches, type CapturedBatch } from "./capture.js";
import { streamBatches } from "./streamBatches.js";
import type { EarlierAnswer } from "./earlierAnswer.js";
import type { PreparedPrompt } from "./prompt.js";

/** What a run is made of before its first token. */
export interface AnswerStart {
  readonly vlm: LoadedVlm;
  readonly model: TappedVlm;
  /** Hashes of the model's files. */
  readonly files: readonly RunFileHash[];
  readonly request: ExplainRequest;
  readonly prompt: PreparedPrompt;
  readonly settings: AttributionSettings;
  /** The answer that this one goes on from. */
  readonly earlier: EarlierAnswer | null;
}

/** What a run says of a decoder that attends to an encoder; nothing of the others. */
export function attendsOf({ decoder }: LoadedVlm): Pick<RunModel, "attends"> {
  return decoder.structure.attends === "encoder" ? { attends: "encoder" } : {};
}

/** A run's `layerNumbers`, by the names of the decoder's caches; nothing where every layer attends. */
function layerNumbersOf({ decoder }: LoadedVlm): Pick<RunModel, "layerNumbers"> {
  const numbers = decoder.structure.layers.map(({ attention }) =>
    Number(/\.(\d+)\./.exec(attention.value)?.[1]),
  );
  const isHybrid =
    numbers.every((number, index) => number >= index) && numbers.some((number, index) => number > index);
  return isHybrid ? { layerNumbers: numbers } : {};
}

/** The description of a run that has no tokens yet; `partial` until it is finished. */
export function startRun(start: AnswerStart): RunInfo {
  const { vlm, files, request, prompt, settings, earlier } = start;
  const { picture, layout, placed } = prompt;
  const names = (request.imagePaths ?? [request.imagePath]).map((path) => basename(path));
  const images = earlier?.images ?? placed?.map((one, index) => ({ name: names[index] ?? "", ...one }));
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
      dtype: vlm.parts.decoder.dtype,
      device: vlm.device.name,
      layers,
      heads,
      ...attendsOf(vlm),
      ...layerNumbersOf(vlm),
    },
    prompt: { text: request.prompt, rendered: prompt.rendered, tokens: prompt.tokens },
    generation: generationOf(start),
    image: {
      name: earlier?.image ?? names.join(" + "),
      entry: `image.${picture.format}`,
      width: picture.width,
      height: picture.height,
      sha256: picture.sha256,
      seen: layout.seen,
    },
    ...(images && { images }),
    tokens: [],
    cells: layout.cells,
    settings,
    timings: {},
    warnings: prompt.warnings,
    partial: true,
  };
}

/** How the answer is to be generated; it is "cancelled" until it is finished. */
function generationOf({ model, request, earlier }: AnswerStart): RunInfo["generation"] {
  const { target, maxNewTokens, temperature, topK, seed } = request;
  const { repetitionPenalty: asked, ...extras } = generationExtras(request);
  const repetitionPenalty = asked ?? modelsPenalty(model);
  return {
    mode: target ? "forced" : "generated",
    maxNewTokens,
    temperature,
    topK,
    seed,
    ...extras,
    ...(repetitionPenalty !== 1 && { repetitionPenalty }),
    finish: "cancelled",
    ...(earlier && { continued: { run: earlier.id, tokens: earlier.tokens.length } }),
  };
}

/** What an answer adds to the start of its run. */
export interface FinishedAnswer {
  readonly start: RunInfo;
  readonly prompt: PreparedPrompt;
  readonly finish: Answer["finish"];
  readonly stopString?: string;
  /** Of every explained token. */
  readonly tokens: readonly RunToken[];
  /** Of the tokens, in order. */
  readonly batches: CapturedBatch[];
  /** What the run's settings make of each batch. */
  readonly attributions: readonly TokenAttribution[];
  /** Milliseconds by stage. */
  readonly timings: Readonly<Record<string, number>>;
}

/** Puts a finished answer together as a run; the list of batches is emptied on the way. */
export function finishRun(answer: FinishedAnswer): Run {
  return runWith(answer, joinBatches(answer.batches, answer.start.model, positionsOf(answer)));
}

/** The same without holding all gradients at once: they are read from the batches while the run is written. */
export function streamedRun(answer: FinishedAnswer): StreamedRun {
  return runWith(answer, streamBatches(answer.batches, answer.start.model, positionsOf(answer)));
}

/** P: prompt and answer, without the last token, which is explained but not looked at. */
function positionsOf({ prompt, tokens }: FinishedAnswer): number {
  return prompt.ids.length + tokens.length - 1;
}

function runWith<Gradients>(answer: FinishedAnswer, gradients: Gradients) {
  const { start, prompt, finish, stopString, tokens, timings } = answer;
  return {
    info: {
      ...start,
      generation: { ...start.generation, finish, ...(stopString !== undefined && { stopString }) },
      tokens,
      timings,
      partial: finish === "cancelled",
    },
    image: prompt.picture.bytes,
    arrays: {
      inputIds: Int32Array.from([...prompt.ids, ...tokens.map((token) => token.id)]),
      imagePositions: Int32Array.from(prompt.imagePositions),
      ...gradients,
    },
  };
}
