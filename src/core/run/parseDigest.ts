import type { ScoreWinner, TokenReason } from "../attribution/types.js";
import { DexarError } from "../errors.js";
import { damagedDigest, newerDigest } from "./digestErrors.js";
import { list, number, orNull, record, text, whole } from "./fields.js";
import { parseRunInfo } from "./parseRunInfo.js";
import type { ReportData } from "./reportData.js";
import type { ShownAttribution } from "./shownAttribution.js";
import type { RunInfo } from "./types.js";

/**
 * Checks an unpacked digest field by field and keeps only what it knows.
 * @throws DexarError `digest-damaged` (naming the place), `digest-newer`
 */
export function parseDigest(value: unknown): ReportData {
  const digest = asObject(value, "the whole");
  const { format, version } = digest;
  if (format !== "dexar-digest") throw damagedDigest("it does not say that it is a DEX-AR result");
  if (typeof version === "number" && version > 1) throw newerDigest(version);
  if (version !== 1) throw damagedDigest("its version is not a number from 1");
  try {
    return reportOf(digest);
  } catch (error) {
    // The readers of run.json name the field; here it is not a run file that is damaged.
    if (!(error instanceof DexarError) || error.code === "digest-damaged") throw error;
    throw damagedDigest(error.message.replace(/^.*run\.json, /, "").replace(/\.$/, ""), error);
  }
}

function reportOf(digest: Record<string, unknown>): ReportData {
  const info = parseRunInfo(digest["info"]);
  const { imagePositions } = asObject(digest["arrays"], "arrays");
  return {
    info,
    picture: pictureAddress(digest["picture"]),
    arrays: {
      imagePositions: promptPositions(imagePositions, info),
      gradient: null,
      gradientReferenceLast: null,
    },
    attribution: attributionOf(asObject(digest["attribution"], "attribution"), info),
    gradientNote: text(digest["gradientNote"], "gradientNote"),
  };
}

/** Only the picture's own bytes: an address elsewhere would make a page load something. */
function pictureAddress(value: unknown): string {
  if (typeof value !== "string" || !/^data:image\/(png|jpeg);base64,[A-Za-z0-9+/]*=*$/.test(value))
    throw damagedDigest("its picture is not the bytes of a PNG or JPEG");
  return value;
}

function promptPositions(value: unknown, info: RunInfo): Int32Array {
  const positions = arrayOf(Int32Array, value, "arrays.imagePositions", info.cells.length);
  const right = positions.every(
    (position, index) => position > (positions[index - 1] ?? -1) && position < info.prompt.tokens.length,
  );
  if (!right) throw damagedDigest("arrays.imagePositions is not an ascending list of prompt positions");
  return positions;
}

function attributionOf(source: Record<string, unknown>, info: RunInfo): ShownAttribution {
  const T = info.tokens.length;
  const N = info.cells.length;
  const { layers, heads } = info.model;
  const perHead = T * layers * heads;
  const floats = (name: keyof ShownAttribution, length: number): Float32Array =>
    arrayOf(Float32Array, source[name], `attribution.${name}`, length);
  const stored = {
    scoreImage: floats("scoreImage", perHead),
    scoreText: floats("scoreText", perHead),
    headWeight: floats("headWeight", perHead),
    tokenHeatmap: floats("tokenHeatmap", T * N),
    tokenHeatmapUnfiltered: floats("tokenHeatmapUnfiltered", T * N),
    tokenWeight: floats("tokenWeight", T),
    sequenceHeatmap: floats("sequenceHeatmap", N),
    sequenceHeatmapUnfiltered: floats("sequenceHeatmapUnfiltered", N),
  };
  // Runs that were saved without a gradient have no more than that.
  if (source["reasons"] === undefined) return stored;
  const winners = (name: "imageWinner" | "textWinner"): Int32Array =>
    arrayOf(Int32Array, source[name], `attribution.${name}`, perHead);
  return {
    ...stored,
    // Outputs of notebooks leave it out.
    ...(source["imageWinner"] !== undefined && { imageWinner: winners("imageWinner") }),
    textWinner: winners("textWinner"),
    layerShare: floats("layerShare", T * layers),
    reasons: reasonsOf(source["reasons"], T),
  };
}

const winner = orNull(
  record<ScoreWinner>({ layer: whole(0), head: whole(0), position: whole(0), score: number }),
);
const reasons = list(record<TokenReason>({ image: winner, text: winner }));

function reasonsOf(value: unknown, tokens: number): readonly TokenReason[] {
  const read = reasons(value, "attribution.reasons");
  if (read.length !== tokens)
    throw damagedDigest(`attribution.reasons has ${read.length} entries, not ${tokens}`);
  return read;
}

function arrayOf<T extends Float32Array | Int32Array>(
  type: new (length: number) => T,
  value: unknown,
  path: string,
  length: number,
): T {
  if (!(value instanceof type)) throw damagedDigest(`${path} is missing or has the wrong number type`);
  if (value.length !== length) throw damagedDigest(`${path} has ${value.length} values, not ${length}`);
  return value;
}

function asObject(value: unknown, path: string): Record<string, unknown> {
  if (typeof value !== "object" || value === null) throw damagedDigest(`${path} is not an object`);
  return value as Record<string, unknown>;
}
