import { DexarError } from "../errors.js";
import { decodeNpy, NPY_MAX_HEADER_BYTES, NPY_MAX_ITEM_BYTES } from "../tensor/npy.js";
import { ARRAY_NAMES, arraySpecs, type ArrayName, type StoredRun } from "./arraySpecs.js";
import { parseRunInfo } from "./parseRunInfo.js";
import { damagedRunFile } from "./runFileErrors.js";
import type { Run, RunInfo } from "./types.js";
import type { ZipEntry } from "./zip.js";

const MAX_JSON_BYTES = 64 * 1024 * 1024;
const MAX_IMAGE_BYTES = 1024 * 1024 * 1024;

/**
 * Reads a run file. Everything in it is data: sizes are checked against `run.json` before memory is taken.
 * @throws DexarError `run-file-not-a-run`, `run-file-newer`, `run-file-damaged` (naming the entry or field)
 */
export async function readRun(bytes: Uint8Array): Promise<StoredRun> {
  const { entries, info, image } = await openRun(bytes);
  const array = (name: ArrayName) => readArray(entries, name, info);
  const floats = async (name: ArrayName) => ofType(Float32Array, await array(name), name);
  const integers = async (name: ArrayName) => ofType(Int32Array, await array(name), name);
  const optional = async (name: ArrayName) => (entries.has(`${name}.npy`) ? floats(name) : null);
  const imagePositions = await integers("image_positions");
  checkImagePositions(imagePositions, info.prompt.tokens.length);
  const arrays = {
    inputIds: await integers("input_ids"),
    imagePositions,
    gradient: await optional("gradient"),
    gradientReferenceLast: await optional("gradient_reference_last"),
    lensLogit: await floats("lens_logit"),
  };
  const attribution = {
    scoreImage: await floats("score_image"),
    scoreText: await floats("score_text"),
    headWeight: await floats("head_weight"),
    tokenHeatmap: await floats("token_heatmap"),
    tokenHeatmapUnfiltered: await floats("token_heatmap_unfiltered"),
    tokenWeight: await floats("token_weight"),
    sequenceHeatmap: await floats("sequence_heatmap"),
    sequenceHeatmapUnfiltered: await floats("sequence_heatmap_unfiltered"),
  };
  return { run: { info, image, arrays }, attribution };
}

/**
 * The description and the picture of a run file, without its arrays.
 * @throws DexarError as `readRun`
 */
export async function readRunHeader(bytes: Uint8Array): Promise<Pick<Run, "info" | "image">> {
  const { info, image } = await openRun(bytes);
  return { info, image };
}

async function openRun(bytes: Uint8Array): Promise<Pick<Run, "info" | "image"> & { entries: Entries }> {
  // Loaded on demand, as in writeRun.
  const { openZip } = await import("./zip.js");
  const entries = await openZip(bytes);
  const info = parseRunInfo(await readJson(entries));
  refuseUnknownEntries(entries, info);
  return { entries, info, image: await readEntry(entries, info.image.entry, MAX_IMAGE_BYTES) };
}

type Entries = ReadonlyMap<string, ZipEntry>;

async function readJson(entries: Entries): Promise<unknown> {
  if (!entries.has("run.json"))
    throw new DexarError(
      "run-file-not-a-run",
      "This is a zip, but not a run file: it has no run.json.",
      "Open a .dexar file that this tool has saved.",
    );
  const bytes = await readEntry(entries, "run.json", MAX_JSON_BYTES);
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (error) {
    throw damagedRunFile("its run.json is not JSON", error);
  }
}

async function readEntry(entries: Entries, name: string, most: number): Promise<Uint8Array> {
  const entry = entries.get(name);
  if (entry === undefined) throw damagedRunFile(`its entry ${name} is missing`);
  if (entry.size > most)
    throw damagedRunFile(`its entry ${name} has ${entry.size} bytes, at most ${most} are right`);
  return entry.read();
}

async function readArray(
  entries: Entries,
  name: ArrayName,
  info: RunInfo,
): Promise<Float32Array | Int32Array> {
  const { shape } = arraySpecs(info)[name];
  const count = shape.reduce((product, size) => product * size, 1);
  const bytes = await readEntry(entries, `${name}.npy`, NPY_MAX_HEADER_BYTES + NPY_MAX_ITEM_BYTES * count);
  const array = decode(bytes, name);
  if (array.shape.length === shape.length && array.shape.every((size, axis) => size === shape[axis]))
    return array.data;
  throw damagedRunFile(
    `its entry ${name}.npy has shape [${array.shape.join(", ")}] instead of [${shape.join(", ")}]`,
  );
}

function decode(bytes: Uint8Array, name: ArrayName) {
  try {
    return decodeNpy(bytes, `${name}.npy`);
  } catch (error) {
    throw error instanceof DexarError ? damagedRunFile(error.message.replace(/\.$/, ""), error) : error;
  }
}

function ofType<T extends Float32Array | Int32Array>(
  type: new (length: number) => T,
  data: Float32Array | Int32Array,
  name: ArrayName,
): T {
  if (data instanceof type) return data;
  throw damagedRunFile(`its entry ${name}.npy has the wrong number type`);
}

function checkImagePositions(positions: Int32Array, promptLength: number): void {
  const right = positions.every(
    (position, index) => position > (positions[index - 1] ?? -1) && position < promptLength,
  );
  if (!right)
    throw damagedRunFile("its entry image_positions.npy is not an ascending list of prompt positions");
}

function refuseUnknownEntries(entries: Entries, info: RunInfo): void {
  const known = new Set(["run.json", info.image.entry, ...ARRAY_NAMES.map((name) => `${name}.npy`)]);
  for (const name of entries.keys())
    if (!known.has(name)) throw damagedRunFile(`its entry ${JSON.stringify(name)} does not belong there`);
}
