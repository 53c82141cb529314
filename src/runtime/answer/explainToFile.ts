import type { Run } from "../../core/run/types.js";
import type { ExplainToFileRequest, SavedRun } from "../../protocol/modelProcess.js";
import type { EmitEvent } from "../engineTypes.js";
import { saveRun } from "../files/saveRun.js";
import { writeOrKeepElsewhere } from "../files/keepElsewhere.js";
import { viewPicture } from "../image/viewPicture.js";
import type { LoadedVlm } from "../model/loadModel.js";
import { explainAnswer } from "./explain.js";

/**
 * Explains, writes picture and run to the files of the request, and reports all but the big arrays. What cannot be
 * written there goes to the system's folder for temporary files, with a warning in the run.
 * @throws DexarError those of `explainAnswer`, and `run-not-saved`
 */
export async function explainToFile(
  vlm: LoadedVlm,
  request: ExplainToFileRequest,
  emit: EmitEvent,
  signal: AbortSignal,
): Promise<SavedRun> {
  let { picturePath } = request.files;
  const run: Run = await explainAnswer(vlm, request, emit, signal, async (info, prompt) => {
    const picture = await viewPicture(prompt.picture.bytes);
    picturePath = (await writeOrKeepElsewhere(picturePath, picture.bytes)).path;
    const imagePositions = Int32Array.from(prompt.imagePositions);
    emit({ kind: "prepared", info, imagePositions, picturePath });
  });
  emit({ kind: "stage", stage: "saving", detail: request.files.runPath });
  // Not cancelled any more: the run is finished, and to write it takes less time than to make it again.
  const saved = await saveRun(run, request.files.runPath);
  emit({ kind: "stage", stage: "done", detail: `${run.info.tokens.length} tokens` });
  return { ...saved, picturePath };
}
