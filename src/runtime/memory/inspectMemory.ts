import { estimateMemory } from "../../core/memory/estimateMemory.js";
import type { AnswerSize } from "../../core/memory/types.js";
import type { InspectedAnswer, ModelInspection } from "../engineTypes.js";
import type { ModelConfigs } from "../families/family.js";
import { sized } from "./openMemoryCheck.js";

/** A usual question: LLaVA's image, a sentence, and the longest answer that the command line asks for unasked. */
const USUAL = { imageTokens: 576, textTokens: 64, answerTokens: 64 };
/** Tokens that command line and editor explain together. */
const CAPTURE_EVERY = 32;

/** Estimates the memory of an answer in each weight type of a folder; those that cannot be read are left out. */
export function inspectMemory(
  dir: string,
  dtypes: readonly string[],
  configs: ModelConfigs | null,
  given: InspectedAnswer,
): ModelInspection["memory"] {
  const { imageTokens, textTokens, answerTokens } = { ...USUAL, ...given };
  const answer: AnswerSize = {
    promptTokens: imageTokens + textTokens,
    imageTokens,
    answerTokens,
    captureEvery: CAPTURE_EVERY,
    forced: false,
    spooled: true,
  };
  const found = dtypes.flatMap((dtype) => {
    const { memory } = sized(dir, dtype, configs);
    if (memory === null) return [];
    return {
      dtype,
      weights: memory.weights,
      generate: estimateMemory(memory, { ...answer, captureEvery: null }),
      explain: estimateMemory(memory, answer),
    };
  });
  return { answer, dtypes: found };
}
