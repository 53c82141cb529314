import { damagedDigest } from "./digestErrors.js";
import { packArrays, toBase64, unpackArrays } from "./packArrays.js";
import { parseDigest } from "./parseDigest.js";
import type { ReportData } from "./reportData.js";
import { shownAttribution, type ShownAttribution } from "./shownAttribution.js";
import type { Run } from "./types.js";

/** A digest as it is kept: `ReportData` without a gradient, packed with `packArrays`. */
export interface DigestFile extends ReportData {
  readonly format: "dexar-digest";
  readonly version: 1;
  /** The picture with the map of the whole answer on it, as a `data:` address of a PNG; absent: was not drawn. */
  readonly figure?: string;
}

/** Pictures of a digest; bytes of PNG or JPEG files. */
export interface DigestPicture {
  readonly type: "image/png" | "image/jpeg";
  readonly bytes: Uint8Array;
  /** A PNG for places that cannot draw the map. */
  readonly figure?: Uint8Array;
}

const GRADIENT_NOTE =
  "A saved result has no gradient, so its filters are as they were saved. Open the run to change them.";

/**
 * A run without its gradient, as pages without a model show it: JSON text, small next to the run file.
 * @param picture to show, upright
 */
export function runDigest(
  run: Run,
  attribution: ShownAttribution,
  { type, bytes, figure }: DigestPicture,
): string {
  const digest: DigestFile = {
    format: "dexar-digest",
    version: 1,
    info: run.info,
    arrays: { imagePositions: run.arrays.imagePositions, gradient: null, gradientReferenceLast: null },
    attribution: shownAttribution(run, attribution),
    gradientNote: GRADIENT_NOTE,
    picture: `data:${type};base64,${toBase64(bytes)}`,
    ...(figure && { figure: `data:image/png;base64,${toBase64(figure)}` }),
  };
  return packArrays(digest);
}

/**
 * Reads a digest. Everything in it is data: types and sizes are checked against its description of the run.
 * @throws DexarError `digest-damaged` (naming the place), `digest-newer`
 */
export function readDigest(text: string): ReportData {
  return parseDigest(unpackResult(text));
}

/**
 * The plain data in the text of a saved result.
 * @throws DexarError `digest-damaged`
 */
export function unpackResult(text: string): unknown {
  try {
    return unpackArrays(text);
  } catch (error) {
    throw damagedDigest("it is not JSON, or its arrays are broken", error);
  }
}
