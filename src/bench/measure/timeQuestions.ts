import type { LoadedVlm } from "../../runtime/model/loadModel.js";
import { promptOfWords } from "../model/modelJson.js";
import { requestFor, TEXT_TOKENS, writePicture, type Subject } from "./subject.js";
import { timeExplained } from "./timeAnswer.js";

/** Milliseconds from the request to the first token, by round. */
export interface QuestionTimes {
  /** About a picture the model has not seen. */
  readonly first: readonly number[];
  /** Another question about the same picture. */
  readonly second: readonly number[];
}

/** Asks two questions about each of `rounds` new pictures. */
export async function timeQuestions(
  vlm: LoadedVlm,
  subject: Subject,
  rounds: number,
  signal: AbortSignal,
): Promise<QuestionTimes> {
  const times = { first: [] as number[], second: [] as number[] };
  for (let round = 0; round < rounds; round++) {
    const request = { ...requestFor(subject, await writePicture(subject, round + 1)), maxNewTokens: 1 };
    const ask = async (variant: number) => {
      const prompt = promptOfWords(subject.shape, TEXT_TOKENS, variant);
      const { prepare, prefill } = await timeExplained(vlm, { ...request, prompt }, signal, variant > 0);
      return prepare + prefill;
    };
    times.first.push(await ask(0));
    times.second.push(await ask(1));
  }
  return times;
}
