import type { StoredAttribution } from "../../core/attribution/types.js";
import type { StreamedRun } from "../../core/run/streamedArray.js";
import type { RunInfo } from "../../core/run/types.js";
import { streamRun } from "../../core/run/writeRun.js";
import type { SavedRun } from "../../protocol/modelProcess.js";
import { writeOrKeepElsewhere } from "./keepElsewhere.js";

/**
 * Writes a run file. Where the folder cannot be written to, the run is kept among the system's temporary files, and
 * a warning in it says so.
 * @throws DexarError `run-not-saved` when that fails too
 */
export async function saveRun(
  run: StreamedRun,
  runPath: string,
  attribution: StoredAttribution,
): Promise<Pick<SavedRun, "info" | "runPath" | "bytes">> {
  let info: RunInfo = run.info;
  let bytes = 0;
  const { path } = await writeOrKeepElsewhere(runPath, (failure, place) => {
    if (failure !== null) {
      const warning = `The run could not be saved where it belongs (${failure.message}); it was kept in ${place}. ${failure.nextStep}`;
      info = { ...run.info, warnings: [...run.info.warnings, warning] };
    }
    bytes = 0;
    return (write) =>
      streamRun({ ...run, info }, attribution, (part) => {
        bytes += part.length;
        return write(part);
      });
  });
  return { info, runPath: path, bytes };
}
