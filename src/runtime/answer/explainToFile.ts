import { finishAttribution, joinTokens } from "../../core/attribution/tokenAttribution.js";
import type { ExplainToFileRequest, SavedRun } from "../../protocol/modelProcess.js";
import type { EmitEvent } from "../engineTypes.js";
import { saveDigest } from "../files/saveDigest.js";
import { saveRun } from "../files/saveRun.js";
import { writeOrKeepElsewhere } from "../files/keepElsewhere.js";
import { viewPicture, type ViewPicture } from "../image/viewPicture.js";
import type { LoadedVlm } from "../model/loadModel.js";
import { streamedRun } from "./buildRun.js";
import { recordExplanation, type ExplainHooks } from "./explain.js";
import { GradientSpool } from "./gradientSpool.js";

/**
 * Explains, writes picture, run and digest to the files of the request, and reports all but the big arrays. What
 * cannot be written there goes to the system's folder for temporary files, with a warning in the run.
 * @throws DexarError those of `explainAnswer`, and `run-not-saved`
 */
export async function explainToFile(
  vlm: LoadedVlm,
  request: ExplainToFileRequest,
  emit: EmitEvent,
  signal: AbortSignal,
): Promise<SavedRun> {
  const { files } = request;
  let { picturePath } = files;
  let shown: ViewPicture | null = null;
  const onPrepared: ExplainHooks["onPrepared"] = async (info, prompt) => {
    const { bytes } = (shown = await viewPicture(prompt.picture.bytes));
    picturePath = (await writeOrKeepElsewhere(picturePath, () => bytes)).path;
    const imagePositions = Int32Array.from(prompt.imagePositions);
    emit({ kind: "prepared", info, imagePositions, picturePath });
  };
  const spool = new GradientSpool(files.runPath);
  try {
    const answer = await recordExplanation(vlm, request, emit, signal, { onPrepared, keepBatch: spool.keep });
    emit({ kind: "stage", stage: "saving", detail: files.runPath });
    // Not cancelled any more: the run is finished, and to write it takes less time than to make it again.
    const run = streamedRun(answer);
    const { settings, cells } = run.info;
    const attribution = finishAttribution(joinTokens(answer.attributions), cells.length, settings);
    const saved = await saveRun(run, files.runPath, attribution);
    await vlm.lastAnswer.savedAs(saved.runPath);
    const shownRun = { ...run, info: saved.info, arrays: { ...run.arrays, ...NO_GRADIENT } };
    const digestPath = await saveDigest(shownRun, attribution, shown, files);
    emit({ kind: "stage", stage: "done", detail: `${run.info.tokens.length} tokens` });
    return { ...saved, picturePath, ...(digestPath !== null && { digestPath }) };
  } finally {
    spool.dispose();
  }
}

/** What a digest leaves out. */
const NO_GRADIENT = { gradient: null, gradientReferenceLast: null };
