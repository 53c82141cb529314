import type { ModelMemory } from "../../core/memory/types.js";
import { throwIfCancelled } from "../../runtime/answer/cancellation.js";
import { allBytes, keptBytes } from "../report/keptRows.js";
import type { BenchGrowth } from "../report/types.js";
import { memoryOfMode, type StartClient } from "./memoryOfModes.js";
import { OWN_MODES, requestOf, type Mode } from "./modes.js";
import { fitLine } from "./statistics.js";
import { requestFor, TEXT_TOKENS, writePicture, type Subject } from "./subject.js";

/** Lengths of the answer that are measured. */
const ANSWER_LENGTHS = [16, 64, 256];

/** How the peak of private memory grows with the answer, generated alone and explained, beside what is known to be kept. */
export async function memoryGrowth(
  subject: Subject,
  model: ModelMemory,
  start: StartClient,
  signal: AbortSignal,
): Promise<BenchGrowth[]> {
  const growth: BenchGrowth[] = [];
  for (const mode of OWN_MODES.filter(({ id }) => id === "plain" || id === "k16")) {
    growth.push(await growthOfMode(subject, model, mode, start, signal));
  }
  return growth;
}

async function growthOfMode(
  subject: Subject,
  model: ModelMemory,
  mode: Mode,
  start: StartClient,
  signal: AbortSignal,
): Promise<BenchGrowth> {
  const request = requestFor(subject, await writePicture(subject));
  const measured: [number, number][] = [];
  const kept: [number, number][] = [];
  for (const answerTokens of ANSWER_LENGTHS) {
    throwIfCancelled(signal);
    const asked = { ...requestOf(mode, request, []), maxNewTokens: answerTokens };
    measured.push([answerTokens, (await memoryOfMode(subject, mode, asked, start, signal)).privatePeak]);
    const { imageTokens } = subject;
    const answer = { promptTokens: imageTokens + TEXT_TOKENS, imageTokens, answerTokens };
    kept.push([answerTokens, allBytes(keptBytes(model, answer, mode.captureEvery !== null))]);
  }
  return {
    id: `memory.${mode.id}`,
    label: `peak private memory, ${mode.label}`,
    ...{ unit: "bytes", per: "answer token", points: measured },
    ...fitLine(measured),
    statedSlope: fitLine(kept).slope,
  };
}
