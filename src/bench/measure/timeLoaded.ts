import { loadModel } from "../../runtime/model/loadModel.js";
import type { BenchGrowth } from "../report/types.js";
import { growthWithAnswer } from "./growth.js";
import { timeRunParts, type RunParts } from "./runParts.js";
import { requestFor, writePicture, type Subject } from "./subject.js";
import { timeModes, type ModeTimes } from "./timeModes.js";
import { timeQuestions, type QuestionTimes } from "./timeQuestions.js";
import { openTransformersPeer } from "./transformersPeer.js";

/** How everything is timed that needs the model in this process. */
export interface TimingOptions {
  readonly rounds: number;
  /** Whether growth with the answer is measured too. */
  readonly growth: boolean;
  readonly signal: AbortSignal;
  /** Told what is being done. */
  readonly onProgress: (doing: string) => void;
}

/** What was timed. */
export interface LoadedTimes extends ModeTimes {
  readonly parts: RunParts;
  readonly questions: QuestionTimes;
  readonly growth: readonly BenchGrowth[];
}

/** Loads a model once, by us and by transformers.js, and times everything with it. */
export async function timeLoaded(subject: Subject, options: TimingOptions): Promise<LoadedTimes> {
  const { rounds, signal, onProgress } = options;
  const request = requestFor(subject, await writePicture(subject));
  onProgress("loading");
  const vlm = await loadModel(subject.modelDir, subject.dtype);
  try {
    const peer = await openTransformersPeer(vlm);
    onProgress("warming up");
    const onRound = (round: number) => {
      onProgress(`round ${round + 1} of ${rounds}`);
    };
    const models = { vlm, peer };
    const modes = await timeModes(models, request, rounds, signal, onRound).finally(() => peer.dispose());
    onProgress("run file, another token");
    const parts = await timeRunParts(vlm, request, rounds, subject.scratch, signal);
    onProgress("second question");
    const questions = await timeQuestions(vlm, subject, rounds, signal);
    if (options.growth) onProgress("growth with the answer");
    const growth = options.growth ? await growthWithAnswer(vlm, request, signal) : [];
    return { ...modes, parts, questions, growth };
  } finally {
    await vlm.dispose();
  }
}
