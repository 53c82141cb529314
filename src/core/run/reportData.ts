import { toBase64 } from "./packArrays.js";
import { shownAttribution, type ShownAttribution } from "./shownAttribution.js";
import type { Run, RunArrays, RunInfo } from "./types.js";

/** What the report page carries inside itself (packed with `packArrays`). */
export interface ReportData {
  readonly info: RunInfo;
  /** The picture, upright, as a `data:` address. */
  readonly picture: string;
  readonly arrays: Pick<RunArrays, "imagePositions" | "gradient" | "gradientReferenceLast">;
  readonly attribution: ShownAttribution;
  /** Why the page has no gradient, for the reader; null when it has one. */
  readonly gradientNote: string | null;
  /** In a run that is being made: the first so many tokens have their heatmaps; absent: all have. */
  readonly explained?: number;
}

/** Gradients above this many values (96 MB) are left out of the page. */
const MAX_GRADIENT = 24_000_000;

/**
 * A finished run as the report page carries it.
 * @param picture the picture to show, upright
 */
export function reportData(
  run: Run,
  attribution: ShownAttribution,
  picture: { readonly type: "image/png" | "image/jpeg"; readonly bytes: Uint8Array },
): ReportData {
  const { imagePositions, gradient, gradientReferenceLast } = run.arrays;
  const tooLarge = gradient !== null && gradient.length > MAX_GRADIENT;
  const note = "so its filters are as they were saved.";
  return {
    info: run.info,
    picture: `data:${picture.type};base64,${toBase64(picture.bytes)}`,
    arrays: {
      imagePositions,
      gradient: tooLarge ? null : gradient,
      gradientReferenceLast: tooLarge ? null : gradientReferenceLast,
    },
    attribution: shownAttribution(run, attribution),
    gradientNote: tooLarge
      ? `The run's gradient is too large for a page, ${note} Open the run file to change them.`
      : gradient === null
        ? `The run was saved without its gradient, ${note}`
        : null,
  };
}
