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
  const { script, styles } = assets ?? (await readAssets("panel"));
  const data = reportData(run, attribution, await viewPicture(run.image));
  return htmlPage({ data, script, styles, hash: sha256 });
}

/** The SHA-256 of a text in base64, as a page's security policy names its script. */
export function sha256(text: string): string {
  return createHash("sha256").update(text).digest("base64");
}

/**
 * Script and styles of a page, from beside the built command line.
 * @throws DexarError `report-assets-missing` when the bundle was not built
 */
export async function readAssets(page: "panel" | "compare"): Promise<ReportAssets> {
  const read = (name: string): Promise<string> => readFile(new URL(name, import.meta.url), "utf8");
  try {
    const [script, styles] = await Promise.all([read(`./${page}.js`), read(`./${page}.css`)]);
    return { script, styles };
  } catch (cause) {
    throw new DexarError(
      "report-assets-missing",
      `The files of the report page (${page}.js, ${page}.css) are not beside the program.`,
      "Run `npm run build`, then try again.",
      { cause },
    );
  }
}
