import { damagedDigest, newerDigest } from "./digestErrors.js";
import { packRounded, unpackRounded } from "./packRounded.js";
import { parseDigest } from "./parseDigest.js";
import type { ReportData } from "./reportData.js";
import { unpackResult } from "./runDigest.js";

/** A run in a notebook's output: enough to be drawn without model, extension or run file. */
export interface RunOutputFile {
  readonly format: "dexar-run-output";
  readonly version: 1;
  /** Id of the run in the Runs view, as long as it is kept there. */
  readonly runId: string;
  /** A digest packed with `packRounded`, without what no output draws. */
  readonly digest: string;
}

/** The items of an output that come from a digest. */
export interface RunOutputParts {
  /** A `RunOutputFile` as JSON text; `<` is escaped, so it may stand in HTML. */
  readonly json: string;
  /** A PNG file in base64: the picture with the map of the whole answer; null where it was not drawn. */
  readonly figure: string | null;
}

/** Significant digits of the numbers outside of arrays that are rounded as the arrays are. */
const DIGITS = 4;

/**
 * What a notebook's output keeps of a run: small, since it is kept in a file with many of them. The arrays' numbers
 * have 11 significant bits, probabilities and winning scores 4 digits.
 * @param digest as `runDigest` makes it
 * @throws DexarError `digest-damaged` when it is not JSON of an object
 */
export async function runOutput(digest: string, runId: string): Promise<RunOutputParts> {
  const { figure, ...rest } = asObject(unpackResult(digest));
  const output: RunOutputFile = {
    format: "dexar-run-output",
    version: 1,
    runId,
    digest: await packRounded(rest, shorten),
  };
  return { json: JSON.stringify(output).replaceAll("<", "\\u003c"), figure: pngOf(figure) };
}

/** Which image token won a score is drawn nowhere. */
function shorten(key: string, entry: unknown): unknown {
  if (key === "imageWinner") return undefined;
  const rounds = (key === "logprob" || key === "score") && typeof entry === "number";
  return rounds ? Number(entry.toPrecision(DIGITS)) : entry;
}

/**
 * Reads an output that was saved in a notebook, which anybody may have edited.
 * @throws DexarError `digest-damaged`, `digest-newer`
 */
export async function readRunOutput(
  text: string,
): Promise<{ readonly runId: string; readonly data: ReportData }> {
  const { format, version, runId, digest } = parsedObject(text);
  if (format !== "dexar-run-output") throw damagedDigest("it does not say that it is a DEX-AR result");
  if (typeof version === "number" && version > 1) throw newerDigest(version);
  if (version !== 1) throw damagedDigest("its version is not a number from 1");
  if (typeof runId !== "string") throw damagedDigest("runId is not a text");
  if (typeof digest !== "string") throw damagedDigest("digest is not a text");
  return { runId, data: parseDigest(await unpacked(digest)) };
}

async function unpacked(digest: string): Promise<unknown> {
  try {
    return await unpackRounded(digest);
  } catch (error) {
    throw damagedDigest("its digest cannot be unpacked", error);
  }
}

function parsedObject(text: string): Record<string, unknown> {
  try {
    return asObject(JSON.parse(text));
  } catch (error) {
    throw damagedDigest("it is not JSON", error);
  }
}

function asObject(value: unknown): Record<string, unknown> {
  if (typeof value !== "object" || value === null) throw damagedDigest("the whole is not an object");
  return value as Record<string, unknown>;
}

function pngOf(address: unknown): string | null {
  const found = /^data:image\/png;base64,([A-Za-z0-9+/]+=*)$/.exec(
    typeof address === "string" ? address : "",
  );
  return found?.[1] ?? null;
}
