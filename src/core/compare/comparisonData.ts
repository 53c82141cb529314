import { reportData, type ReportData } from "../run/reportData.js";
import type { ShownAttribution } from "../run/shownAttribution.js";
import type { Run } from "../run/types.js";
import type { TokenChoice } from "./side.js";

/** What a comparison page carries inside itself (packed with `packArrays`). */
export interface ComparisonData {
  readonly a: ReportData;
  /** Null: the same run on both sides, as for two of its tokens. */
  readonly b: ReportData | null;
  /** What a reader calls the runs: file names, or names that were given. */
  readonly names: readonly [a: string, b: string];
  /** What is looked at first. */
  readonly choice: readonly [a: TokenChoice, b: TokenChoice];
}

/** A run of a page, with its upright picture. */
export interface PagedRun {
  readonly run: Run;
  readonly attribution: ShownAttribution;
  readonly picture: Parameters<typeof reportData>[2];
}

/** Two runs as a comparison page carries them; a run that is on both sides is carried once. */
export function comparisonData(
  a: PagedRun,
  b: PagedRun,
  { names, choice }: Pick<ComparisonData, "names" | "choice">,
): ComparisonData {
  const paged = ({ run, attribution, picture }: PagedRun): ReportData =>
    reportData(run, attribution, picture);
  const same = a.run.info.id === b.run.info.id && JSON.stringify(a.run.info) === JSON.stringify(b.run.info);
  return { a: paged(a), b: same ? null : paged(b), names, choice };
}
