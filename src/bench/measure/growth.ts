import type { ExplainRequest } from "../../protocol/modelProcess.js";
import { throwIfCancelled } from "../../runtime/answer/cancellation.js";
import { loadModel, type LoadedVlm } from "../../runtime/model/loadModel.js";
import type { BenchGrowth } from "../report/types.js";
import { fitLine, median } from "./statistics.js";
import { requestFor, writePicture, type Subject } from "./subject.js";
import { decodeTime, timeExplained, timePlain } from "./timeAnswer.js";

/** Lengths of the answer that are measured. */
const ANSWER_LENGTHS = [8, 16, 32, 64, 128, 256];
/** Numbers of image tokens that are measured. */
export const IMAGE_TOKENS = [64, 256, 576, 1024, 2304, 4096];

type Points = (readonly [x: number, ms: number])[];

/** How the time after the first token grows with the answer: generated alone, explained, and the gradients alone. */
export async function growthWithAnswer(
  vlm: LoadedVlm,
  request: ExplainRequest,
  rounds: number,
  signal: AbortSignal,
): Promise<BenchGrowth[]> {
  const points = { plain: [] as Points, explained: [] as Points, gradient: [] as Points };
  for (const maxNewTokens of ANSWER_LENGTHS) {
    throwIfCancelled(signal);
    const asked = { ...request, maxNewTokens };
    const [plain, explained, gradient]: [number[], number[], number[]] = [[], [], []];
    for (let round = 0; round < rounds; round++) {
      plain.push(decodeTime(await timePlain(vlm, asked, signal)));
      const time = await timeExplained(vlm, asked, signal);
      explained.push(decodeTime(time));
      gradient.push(time.gradient);
    }
    points.plain.push([maxNewTokens, median(plain)]);
    points.explained.push([maxNewTokens, median(explained)]);
    points.gradient.push([maxNewTokens, median(gradient)]);
  }
  const per = "answer token";
  return [
    growth("answer.plain", "generation after the first token", per, points.plain),
    growth("answer.k16", "the same explained, K = 16", per, points.explained),
    growth("answer.gradient", "gradients and maps alone, K = 16", per, points.gradient),
  ];
}

/** How the gradients of a token, and a decode step, grow with the image tokens. */
export async function growthWithImage(
  subjects: readonly Subject[],
  rounds: number,
  signal: AbortSignal,
): Promise<BenchGrowth[]> {
  const points = { step: [] as Points, gradient: [] as Points };
  for (const subject of subjects) {
    throwIfCancelled(signal);
    const vlm = await loadModel(subject.modelDir, subject.dtype);
    try {
      const request = requestFor(subject, await writePicture(subject));
      const [step, gradient]: [number[], number[]] = [[], []];
      for (let round = 0; round < rounds; round++) {
        const time = await timeExplained(vlm, request, signal);
        gradient.push(time.gradient / subject.tokens);
        step.push((decodeTime(time) - time.gradient) / (subject.tokens - 1));
      }
      points.step.push([subject.imageTokens, median(step)]);
      points.gradient.push([subject.imageTokens, median(gradient)]);
    } finally {
      await vlm.dispose();
    }
  }
  const per = "image token";
  return [
    growth("image.step", "one decode step", per, points.step),
    growth("image.gradient", "gradients and maps of one answer token, K = 16", per, points.gradient),
  ];
}

function growth(id: string, label: string, per: string, points: Points): BenchGrowth {
  return { id, label, per, points, ...fitLine(points) };
}
