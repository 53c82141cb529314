import type { ModelMemory } from "../core/memory/types.js";
import { sized } from "../runtime/memory/openMemoryCheck.js";
import { readConfigs } from "../runtime/model/loadModel.js";
import { checkMemory } from "./measure/checkMemory.js";
import { growthWithImage, IMAGE_TOKENS } from "./measure/growth.js";
import { memoryGrowth } from "./measure/memoryGrowth.js";
import { memoryOfModes, type StartClient } from "./measure/memoryOfModes.js";
import { tellsMemory } from "./measure/processMemory.js";
import { requestFor, TEXT_TOKENS, writePicture, type Subject } from "./measure/subject.js";
import { measureTextbook, type TextbookPlan } from "./measure/textbook.js";
import { timeLoaded, type TimingOptions } from "./measure/timeLoaded.js";
import { buildModel, type ModelPlan } from "./model/buildModel.js";
import { barOf } from "./report/bars.js";
import { estimateRows } from "./report/estimateRows.js";
import { keptRows } from "./report/keptRows.js";
import { rowsOf, type Measurements } from "./report/rows.js";
import { textbookFacts, textbookRows } from "./report/textbookRows.js";
import type { BenchGrowth, BenchRow, ModelReport } from "./report/types.js";

/** How one model is measured. */
export interface MeasureOptions extends TimingOptions {
  readonly plan: ModelPlan;
  readonly tokens: number;
  /** Folder for pictures and run files. */
  readonly scratch: string;
  readonly startClient: StartClient;
  /** Where the textbook way is measured too; only with fused decoders in float32. */
  readonly textbook?: TextbookPlan | undefined;
}

/**
 * Builds a model where it is not in the cache, and measures it.
 * @throws DexarError `disk-full` or `not-enough-memory` before the work that would not fit, `cancelled`
 */
export async function measureModel(options: MeasureOptions): Promise<ModelReport> {
  const { plan, tokens, rounds, scratch, onProgress } = options;
  const { shape, style, dtype, imageTokens, seed } = plan;
  const modelDir = await buildModel(plan, options);
  const subject = { shape, dtype, imageTokens, tokens, scratch, modelDir };
  const setting = { shape: shape.name, style, dtype, promptTokens: imageTokens + TEXT_TOKENS, tokens };
  const answer = { promptTokens: setting.promptTokens, imageTokens, answerTokens: tokens };
  const model = sized(modelDir, dtype, readConfigs(modelDir)).memory;
  if (model !== null) checkMemory(`${shape.name} in ${dtype}`, model, answer);
  const { growth, sameAnswer, ids, ...times } = await timeLoaded(subject, options);
  onProgress("memory");
  const memory = await memoryOf(options, subject, ids);
  const rows = rowsOf({ ...times, memory }).map((row) => withBar(row, barOf(row.id, setting)));
  if (model !== null) rows.push(...estimateRows(model, answer, memory), ...keptRows(model, answer));
  const moreGrowth = options.growth ? await growthBeyond(options, subject, model) : [];
  const report = { ...setting, imageTokens, seed, rounds, sameAnswer, growth: [...growth, ...moreGrowth] };
  if (options.textbook === undefined || style !== "fused" || dtype !== "fp32") return { ...report, rows };
  const textbook = await measureTextbook(options.textbook, subject, options);
  return {
    ...report,
    rows: [...rows, ...textbookRows(textbook, setting)],
    textbook: textbookFacts(textbook),
  };
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

/** Growth of memory with the answer, where the system tells, and of time with the image. */
async function growthBeyond(
  options: MeasureOptions,
  subject: Subject,
  model: ModelMemory | null,
): Promise<BenchGrowth[]> {
  const { plan, startClient, signal, onProgress } = options;
  onProgress("growth of memory");
  const memory =
    model === null || !tellsMemory() ? [] : await memoryGrowth(subject, model, startClient, signal);
  onProgress("growth with the image");
  const subjects: Subject[] = [];
  for (const imageTokens of IMAGE_TOKENS) {
    const modelDir = await buildModel({ ...plan, imageTokens }, options);
    subjects.push({ ...subject, imageTokens, tokens: 16, modelDir });
  }
  return [...memory, ...(await growthWithImage(subjects, signal))];
}

function withBar(row: BenchRow, limit: number | undefined): BenchRow {
  if (limit === undefined || row.ratio === undefined) return row;
  return { ...row, bar: { limit, met: row.ratio <= limit } };
}
