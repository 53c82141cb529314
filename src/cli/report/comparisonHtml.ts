import { comparisonData, type ComparisonData, type PagedRun } from "../../core/compare/comparisonData.js";
import { selfContainedPage } from "../../core/run/htmlPage.js";
import { viewPicture } from "../../runtime/image/viewPicture.js";
import { readAssets, sha256, type ReportAssets } from "./html.js";

/** A run of the comparison; its picture is made upright here. */
export type ComparedReport = Omit<PagedRun, "picture">;

/**
 * One HTML file that compares two runs without a network.
 * @param assets the bundled page; by default `compare.js` and `compare.css` beside the built command line
 * @throws DexarError `report-assets-missing` when the bundle was not built
 */
export async function renderHtmlComparison(
  { a, b }: { readonly a: ComparedReport; readonly b: ComparedReport },
  shown: Pick<ComparisonData, "names" | "choice">,
  assets?: ReportAssets,
): Promise<string> {
  const { script, styles } = assets ?? (await readAssets("compare"));
  const paged = async (report: ComparedReport): Promise<PagedRun> => ({
    ...report,
    picture: await viewPicture(report.run.image),
  });
  const data = comparisonData(await paged(a), await paged(b), shown);
  const title = `${shown.names.join(" ↔ ")} · DEX-AR`;
  return selfContainedPage({ data, script, styles, title, generator: a.run.info.tool, hash: sha256 });
}
