import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { DexarError } from "../../core/errors.js";
import { htmlPage } from "../../core/run/htmlPage.js";
import { reportData } from "../../core/run/reportData.js";
import type { ShownAttribution } from "../../core/run/shownAttribution.js";
import type { Run } from "../../core/run/types.js";
import { viewPicture } from "../../runtime/image/viewPicture.js";

/** Script and styles of the page, bundled. */
export interface ReportAssets {
  readonly script: string;
  readonly styles: string;
}

/**
 * One HTML file that shows the run without a network: picture, maps, tokens, layers, heads, filter.
 * @param assets the bundled page; by default `panel.js` and `panel.css` beside the built command line
 * @throws DexarError `report-assets-missing` when the bundle was not built
 */
export async function renderHtmlReport(
  run: Run,
  attribution: ShownAttribution,
  assets?: ReportAssets,
): Promise<string> {
  const { script, styles } = assets ?? (await readAssets());
  const data = reportData(run, attribution, await viewPicture(run.image));
  return htmlPage({ data, script, styles, hash: sha256 });
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("base64");
}

async function readAssets(): Promise<ReportAssets> {
  const read = (name: string): Promise<string> => readFile(new URL(name, import.meta.url), "utf8");
  try {
    const [script, styles] = await Promise.all([read("./panel.js"), read("./panel.css")]);
    return { script, styles };
  } catch (cause) {
    throw new DexarError(
      "report-assets-missing",
      "The files of the report page (panel.js, panel.css) are not beside the program.",
      "Run `npm run build`, then try again.",
      { cause },
    );
  }
}
