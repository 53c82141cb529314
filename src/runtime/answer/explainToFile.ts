import { attribute } from "../../core/attribution/attribute.js";
import { attributionInput } from "../../core/attribution/attributionInput.js";
import type { ExplainToFileRequest, SavedRun } from "../../protocol/modelProcess.js";
import type { EmitEvent } from "../engineTypes.js";
import { saveDigest } from "../files/saveDigest.js";
import { saveRun } from "../files/saveRun.js";
import { writeOrKeepElsewhere } from "../files/keepElsewhere.js";
import { viewPicture, type ViewPicture } from "../image/viewPicture.js";
import type { LoadedVlm } from "../model/loadModel.js";
import { explainAnswer } from "./explain.js";

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
  const run = await explainAnswer(vlm, request, emit, signal, async (info, prompt) => {
    const { bytes } = (shown = await viewPicture(prompt.picture.bytes));
    picturePath = (await writeOrKeepElsewhere(picturePath, () => bytes)).path;
    const imagePositions = Int32Array.from(prompt.imagePositions);
    emit({ kind: "prepared", info, imagePositions, picturePath });
  });
  emit({ kind: "stage", stage: "saving", detail: files.runPath });
  // Not cancelled any more: the run is finished, and to write it takes less time than to make it again.
  const attribution = attribute(attributionInput(run), run.info.settings);
  const saved = await saveRun(run, files.runPath, attribution);
  await vlm.lastAnswer.savedAs(saved.runPath);
  const digestPath = await saveDigest({ ...run, info: saved.info }, attribution, shown, files);
  emit({ kind: "stage", stage: "done", detail: `${run.info.tokens.length} tokens` });
  return { ...saved, picturePath, ...(digestPath !== null && { digestPath }) };
}
