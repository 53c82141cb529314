import { ENGINE_COSTS as COSTS } from "./engineCosts.js";
import {
  MEMORY_PARTS,
  MOMENTS,
  type AnswerSize,
  type ByMoment,
  type MemoryEstimate,
  type MemoryPart,
  type ModelMemory,
  type VisionSize,
} from "./types.js";

const FLOAT = 4;

/** The memory that a model process takes for one answer on the CPU, from loading to the written run. */
export function estimateMemory(model: ModelMemory, answer: AnswerSize): MemoryEstimate {
  const parts: Record<MemoryPart, ByMoment> = {
    process: always(processBytes(model)),
    weights: weightsPart(model, answer),
    image: fromPromptOn(imageBytes(model, answer)),
    activations: fromPromptOn(activationBytes(model, answer)),
    logits: logitsPart(model, answer),
    cache: cachePart(model, answer),
    taps: tapsPart(model, answer),
    gradientModel: gradientModelPart(model, answer),
    gradients: gradientsPart(model, answer),
  };
  const at = (moment: (typeof MOMENTS)[number]) =>
    MEMORY_PARTS.reduce((sum, part) => sum + parts[part][moment], 0);
  const moments: ByMoment = {
    loading: at("loading"),
    prompt: at("prompt"),
    answer: at("answer"),
    // Without a run file there is nothing after the answer.
    saving: answer.captureEvery === null ? 0 : at("saving"),
  };
  const peakAt = MOMENTS.reduce((a, b) => (moments[b] > moments[a] ? b : a));
  return { privatePeak: moments[peakAt], peakAt, mapped: mappedBytes(model, answer), moments, parts };
}

/** Bytes of the cache of `positions` positions: keys and values of all layers. */
export function cacheBytes({ decoder }: ModelMemory, positions: number): number {
  const { layers, kvHeads, headSize } = decoder;
  return 2 * layers * kvHeads * headSize * decoder.cacheBytes * positions;
}

/** Bytes of the gradients [T, L, H, P] of an answer in float32. */
export function gradientBytes({ decoder }: ModelMemory, { promptTokens, answerTokens }: AnswerSize): number {
  const positions = promptTokens + answerTokens - 1;
  return answerTokens * decoder.layers * decoder.heads * positions * FLOAT;
}

/** Bytes of the gradients that are in memory when the answer is finished. */
export function keptGradientBytes(model: ModelMemory, answer: AnswerSize): number {
  const all = gradientBytes(model, answer);
  return answer.spooled === true ? Math.min(all, COSTS.gradientsInMemory) : all;
}

/** Bytes of the tapped row of one answer token. */
export function tapBytes({ decoder }: ModelMemory): number {
  return decoder.tapWidth * FLOAT;
}

function always(bytes: number): ByMoment {
  return { loading: bytes, prompt: bytes, answer: bytes, saving: bytes };
}

/** ORT's arenas keep what they have had. */
function fromPromptOn(bytes: number): ByMoment {
  return { ...always(bytes), loading: 0 };
}

function processBytes({ decoder }: ModelMemory): number {
  return COSTS.process + COSTS.perEntry * decoder.vocabulary + COSTS.perNode * decoder.nodes;
}

function weightsPart({ weights }: ModelMemory, { captureEvery }: AnswerSize): ByMoment {
  const decoder = captureEvery === null ? weights.decoder : weights.tappedDecoder;
  const all = [decoder, weights.visionEncoder, weights.tokenEmbedding];
  const kept = all.reduce((sum, graph) => sum + graph.private, 0);
  return { ...always(kept), loading: kept + Math.max(...all.map((graph) => graph.whileLoading)) };
}

function imageBytes({ decoder, vision }: ModelMemory, { imageTokens }: AnswerSize): number {
  const features = 3 * imageTokens * decoder.hidden * FLOAT;
  if (vision === null) return features;
  const all = imageTokens * vision.merged;
  const patches = vision.patches ?? Math.max(1, all);
  // All tiles of a picture go through the encoder together.
  return features + Math.max(1, Math.ceil(all / patches)) * encoderBytes(vision, patches);
}

/** One picture or tile. */
function encoderBytes({ patch, hidden, mlp, heads }: VisionSize, patches: number): number {
  const pixels = 3 * (3 * patches * patch * patch);
  const live = COSTS.liveVisionRows;
  const rows = patches * (live.hidden * hidden + live.mlp * mlp);
  return (pixels + rows + COSTS.scoreCopies * heads * patches * patches) * FLOAT;
}

/** Positions that go through the decoder at once. */
function rowsAtOnce({ promptTokens, answerTokens, forced }: AnswerSize): number {
  return promptTokens + (forced ? answerTokens - 1 : 0);
}

function activationBytes({ decoder }: ModelMemory, answer: AnswerSize): number {
  const { hidden, widest, heads, kvHeads, headSize, style } = decoder;
  const { mlp, hidden: residual, attention } = COSTS.liveRows;
  const rows = rowsAtOnce(answer);
  const width = mlp * widest + residual * hidden + attention * (heads + 2 * kvHeads) * headSize;
  const scores = style === "decomposed" ? COSTS.scoreCopies * heads * rows * rows : 0;
  // The CPU computes in float32, also where the cache is kept in half precision.
  const widened = decoder.cacheBytes === FLOAT ? 0 : 2 * decoder.layers * kvHeads * headSize;
  return (rows * (width + widened) + scores) * FLOAT;
}

function logitsPart({ decoder }: ModelMemory, answer: AnswerSize): ByMoment {
  const looked = answer.forced ? answer.answerTokens : 1;
  const rows = decoder.lastLogitsOnly ? looked : rowsAtOnce(answer);
  const prompt = rows * decoder.vocabulary * COSTS.perLogit;
  const freed = rows * decoder.vocabulary * COSTS.perLogitFreed;
  // Of a given answer all logits stay until it is explained.
  return { ...fromPromptOn(prompt), saving: answer.forced ? prompt : prompt - freed };
}

function cachePart(model: ModelMemory, answer: AnswerSize): ByMoment {
  const { cacheCopies, waitingCaches } = COSTS;
  const prompt = cacheCopies * cacheBytes(model, rowsAtOnce(answer));
  if (answer.forced) return fromPromptOn(prompt);
  const one = cacheBytes(model, answer.promptTokens + answer.answerTokens - 1);
  const waiting = Math.max(one, Math.min(waitingCaches.most * one, waitingCaches.bytes));
  const all = cacheCopies * one + waiting;
  return { loading: 0, prompt, answer: all, saving: all };
}

/** The rows of the answer's tokens; those of the other positions go as soon as they are computed. */
function tapsPart(model: ModelMemory, answer: AnswerSize): ByMoment {
  if (answer.captureEvery === null) return always(0);
  const { answerTokens, captureEvery, forced } = answer;
  // Those of a forced answer come at once, in ORT's arena and as its output; a batch is put together for the gradient.
  const rows = (forced ? 2 : 1) * answerTokens + Math.min(captureEvery, answerTokens);
  const kept = rows * tapBytes(model);
  return { loading: 0, prompt: 0, answer: kept, saving: kept };
}

/** It runs first when the answer has its first tokens, the prompt's logits still there. */
function gradientModelPart(model: ModelMemory, answer: AnswerSize): ByMoment {
  if (answer.captureEvery === null) return always(0);
  const values = cacheBytes(model, answer.promptTokens + answer.answerTokens - 1) / 2;
  const cast = model.decoder.cacheBytes === FLOAT ? 0 : (values * FLOAT) / model.decoder.cacheBytes;
  const { layers, unpackedLayer } = model.decoder;
  const bytes = COSTS.gradientModel + COSTS.perGradientLayer * layers + cast + unpackedLayer;
  return { loading: 0, prompt: 0, answer: bytes, saving: bytes };
}

function gradientsPart(model: ModelMemory, answer: AnswerSize): ByMoment {
  const { captureEvery, answerTokens } = answer;
  if (captureEvery === null) return always(0);
  const { oneBatch, batches } = COSTS.gradientCopies;
  const bytes = gradientBytes(model, answer);
  const batch = bytes * Math.min(1, captureEvery / answerTokens);
  const spooled = answer.spooled === true;
  const before = spooled ? Math.min(bytes - batch, COSTS.gradientsInMemory) : bytes - batch;
  const copies = answerTokens <= captureEvery ? oneBatch : batches;
  const kept = spooled ? keptGradientBytes(model, answer) : copies * bytes;
  // What ORT's arena holds of one batch stays there.
  return { ...always(0), answer: COSTS.batchCopies * batch + before, saving: batch + kept };
}

function mappedBytes({ weights }: ModelMemory, { captureEvery }: AnswerSize): number {
  const decoder = captureEvery === null ? weights.decoder.mapped : weights.gradient;
  return COSTS.programs + decoder + weights.visionEncoder.mapped + weights.tokenEmbedding.mapped;
}
