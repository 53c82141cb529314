import { sized } from "../runtime/memory/openMemoryCheck.js";
import { loadModel, readConfigs } from "../runtime/model/loadModel.js";
import { growthWithAnswer, growthWithImage, IMAGE_TOKENS } from "./measure/growth.js";
import { memoryOfModes, type StartClient } from "./measure/memoryOfModes.js";
import { tellsMemory } from "./measure/processMemory.js";
import { timeRunParts } from "./measure/runParts.js";
import { requestFor, TEXT_TOKENS, writePicture, type Subject } from "./measure/subject.js";
import { timeModes } from "./measure/timeModes.js";
import { openTransformersPeer } from "./measure/transformersPeer.js";
import { timeQuestions } from "./measure/timeQuestions.js";
import { buildModel, type ModelPlan } from "./model/buildModel.js";
import { barOf } from "./report/bars.js";
import { estimateRows } from "./report/estimateRows.js";
import { rowsOf, type Measurements } from "./report/rows.js";
import type { BenchGrowth, BenchRow, ModelReport } from "./report/types.js";

/** How one model is measured. */
export interface MeasureOptions {
  readonly plan: ModelPlan;
  readonly tokens: number;
  readonly rounds: number;
  /** Whether growth with answer and image is measured too. */
  readonly growth: boolean;
  /** Folder for pictures and run files. */
  readonly scratch: string;
  readonly startClient: StartClient;
  readonly signal: AbortSignal;
  /** Told what is being done. */
  readonly onProgress: (doing: string) => void;
}

/** Builds a model where it is not in the cache, and measures it. */
export async function measureModel(options: MeasureOptions): Promise<ModelReport> {
  const { plan, tokens, rounds, onProgress } = options;
  const { shape, style, dtype, imageTokens } = plan;
  onProgress("building or checking the model");
  const subject = { shape, dtype, imageTokens, tokens, scratch: options.scratch, modelDir: buildModel(plan) };
  const { growth, sameAnswer, ids, ...times } = await timeLoaded(options, subject);
  onProgress("memory");
  const memory = await memoryOf(options, subject, ids);
  const setting = { shape: shape.name, style, dtype, promptTokens: imageTokens + TEXT_TOKENS, tokens };
  return {
    ...setting,
    imageTokens,
    rounds,
    sameAnswer,
    rows: [
      ...rowsOf({ ...times, memory }).map((row) => withBar(row, barOf(row.id, setting))),
      ...estimatesOf(subject, setting.promptTokens, memory),
    ],
    growth: [...growth, ...(await imageGrowth(options, subject))],
  };
}

interface LoadedTimes extends Omit<Measurements, "memory"> {
  /** The answer. */
  readonly ids: readonly number[];
  readonly sameAnswer: boolean;
  readonly growth: readonly BenchGrowth[];
}

/** Everything that is timed in this process with the model loaded once. */
async function timeLoaded(options: MeasureOptions, subject: Subject): Promise<LoadedTimes> {
  const { rounds, signal, scratch, onProgress } = options;
  const request = requestFor(subject, await writePicture(subject));
  const vlm = await loadModel(subject.modelDir, subject.dtype);
  try {
    onProgress("warming up");
    const peer = await openTransformersPeer(vlm);
    const onRound = (round: number) => {
      onProgress(`round ${round + 1} of ${rounds}`);
    };
    const { times, ids, sameAnswer } = await timeModes(
      { vlm, peer },
      request,
      rounds,
      signal,
      onRound,
    ).finally(() => peer.dispose());
    onProgress("run file, another token, second question");
    const parts = await timeRunParts(vlm, request, rounds, scratch, signal);
    const questions = await timeQuestions(vlm, subject, rounds, signal);
    if (options.growth) onProgress("growth with the answer");
    const growth = options.growth ? await growthWithAnswer(vlm, request, rounds, signal) : [];
    return { times, parts, questions, ids, sameAnswer, growth };
  } finally {
    await vlm.dispose();
  }
}

/** Peak memory of each mode; null where the system does not tell. */
async function memoryOf(
  { startClient, signal }: MeasureOptions,
  subject: Subject,
  ids: readonly number[],
): Promise<Measurements["memory"]> {
  if (!tellsMemory()) return null;
  const request = requestFor(subject, await writePicture(subject));
  return memoryOfModes(subject, request, ids, startClient, signal);
}

/** What was foretold of the memory, with what it came to. */
function estimatesOf(
  { modelDir, dtype, imageTokens, tokens }: Subject,
  promptTokens: number,
  memory: Measurements["memory"],
): BenchRow[] {
  const model = sized(modelDir, dtype, readConfigs(modelDir)).memory;
  return model === null
    ? []
    : estimateRows(model, { promptTokens, imageTokens, answerTokens: tokens }, memory);
}

function imageGrowth(options: MeasureOptions, subject: Subject): Promise<BenchGrowth[]> {
  const { plan, rounds, signal, onProgress } = options;
  if (!options.growth) return Promise.resolve([]);
  onProgress("growth with the image");
  const subjects = IMAGE_TOKENS.map((imageTokens) => ({
    ...subject,
    imageTokens,
    tokens: 16,
    modelDir: buildModel({ ...plan, imageTokens }),
  }));
  return growthWithImage(subjects, rounds, signal);
}

function withBar(row: BenchRow, limit: number | undefined): BenchRow {
  if (limit === undefined || row.ratio === undefined) return row;
  return { ...row, bar: { limit, met: row.ratio <= limit } };
}
