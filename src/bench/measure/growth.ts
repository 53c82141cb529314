import type { ExplainRequest } from "../../protocol/modelProcess.js";
import { throwIfCancelled } from "../../runtime/answer/cancellation.js";
import { loadModel, type LoadedVlm } from "../../runtime/model/loadModel.js";
import type { BenchGrowth } from "../report/types.js";
import { fitLine } from "./statistics.js";
import { requestFor, writePicture, type Subject } from "./subject.js";
import { decodeTime, timeExplained, timePlain, type AnswerTime } from "./timeAnswer.js";

/** Lengths of the answer that are measured, once each: the line through all of them evens out what disturbs one. */
const ANSWER_LENGTHS = [8, 16, 32, 64, 128, 256];
/** Numbers of image tokens that are measured. */
export const IMAGE_TOKENS = [64, 256, 576, 1024, 2304, 4096];

type Points = (readonly [x: number, ms: number])[];

/** How the time after the first token grows with the answer: generated alone, explained, and the gradients alone. */
export async function growthWithAnswer(
  vlm: LoadedVlm,
  request: ExplainRequest,
  signal: AbortSignal,
): Promise<BenchGrowth[]> {
  const points = { plain: [] as Points, explained: [] as Points, gradient: [] as Points };
  for (const maxNewTokens of ANSWER_LENGTHS) {
    throwIfCancelled(signal);
    const asked = { ...request, maxNewTokens };
    points.plain.push([maxNewTokens, decodeTime(await timePlain(vlm, asked, signal))]);
    const explained = await timeExplained(vlm, asked, signal);
    points.explained.push([maxNewTokens, decodeTime(explained)]);
    points.gradient.push([maxNewTokens, explained.gradient]);
  }
  const per = "answer token";
  return [
    growth("answer.plain", "generation after the first token", per, points.plain),
    growth("answer.k16", "the same explained, K = 16", per, points.explained),
    growth("answer.gradient", "gradients and maps alone", per, points.gradient),
  ];
}

/** How the gradients of a token, a decode step and the prefill grow with the image tokens. */
export async function growthWithImage(
  subjects: readonly Subject[],
  signal: AbortSignal,
): Promise<BenchGrowth[]> {
  const points = { step: [] as Points, gradient: [] as Points, prefill: [] as Points };
  for (const subject of subjects) {
    const { imageTokens, tokens } = subject;
    const time = await timeOnceLoaded(subject, signal);
    points.step.push([imageTokens, (decodeTime(time) - time.gradient) / (tokens - 1)]);
    points.gradient.push([imageTokens, time.gradient / tokens]);
    points.prefill.push([imageTokens, time.prefill]);
  }
  const per = "image token";
  return [
    growth("image.step", "one decode step", per, points.step),
    growth("image.gradient", "gradients and maps of a token, K = 16", per, points.gradient),
    growth("image.prefill", "prefill, whether explained or not", per, points.prefill),
  ];
}

/** Loads a model, warms it up and times one explained answer. */
async function timeOnceLoaded(subject: Subject, signal: AbortSignal): Promise<AnswerTime> {
  throwIfCancelled(signal);
  const vlm = await loadModel(subject.modelDir, subject.dtype);
  try {
    const request = requestFor(subject, await writePicture(subject));
    // Sessions are opened when they are first needed.
    await timeExplained(vlm, { ...request, maxNewTokens: 2 }, signal);
    return await timeExplained(vlm, request, signal);
  } finally {
    await vlm.dispose();
  }
}

function growth(id: string, label: string, per: string, points: Points): BenchGrowth {
  return { id, label, unit: "ms", per, points, ...fitLine(points) };
}
