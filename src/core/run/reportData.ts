import type { ShownAttribution } from "./shownAttribution.js";
import type { RunArrays, RunInfo } from "./types.js";

/** What the report page carries inside itself (packed with `packArrays`). */
export interface ReportData {
  readonly info: RunInfo;
  /** The picture, upright, as a `data:` address. */
  readonly picture: string;
  readonly arrays: Pick<RunArrays, "imagePositions" | "gradient" | "gradientReferenceLast">;
  readonly attribution: ShownAttribution;
  /** Why the page has no gradient, for the reader; null when it has one. */
  readonly gradientNote: string | null;
}
