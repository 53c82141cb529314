import * as l10n from "@vscode/l10n";
import { readRun } from "../../src/core/run/readRun.js";
import type { ReportData } from "../../src/core/run/reportData.js";

/**
 * A run file as the page shows it.
 * @param picture address of the picture
 * @throws DexarError those of `readRun`
 */
export async function finishedReportData(file: Uint8Array, picture: string): Promise<ReportData> {
  const { run, attribution } = await readRun(file);
  return {
    info: run.info,
    picture,
    arrays: run.arrays,
    attribution: attribution,
    gradientNote:
      run.arrays.gradient === null
        ? l10n.t("The run was saved without its gradient, so its filters are as they were saved.")
        : null,
  };
}
