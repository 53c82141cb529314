import type { StoredAttribution } from "../attribution/types.js";
import { ITEM_BYTES, npyHeader, npyValues } from "../tensor/npy.js";
import { joinBytes } from "./deflate.js";
import { ARRAY_NAMES, arraySpecs, type ArraySpec } from "./arraySpecs.js";
import type { StreamedArray, StreamedRun } from "./streamedArray.js";
import type { Run } from "./types.js";
import type { NewEntry } from "./zip.js";

/** Takes the next bytes of a file; they may not be changed or kept after it is done. */
export type WriteBytes = (bytes: Uint8Array) => Promise<void>;

/**
 * Writes a run and its explanation as a run file: a zip of .npy arrays that `numpy.load` opens, with `run.json` and
 * the picture beside them. Arrays that are null are left out; none is held twice.
 * @throws DexarError `bad-array` when an array does not fit the sizes that the run's description implies
 */
export async function streamRun(
  run: StreamedRun,
  attribution: StoredAttribution,
  write: WriteBytes,
): Promise<void> {
  // Loaded on demand: the zip library is most of the extension's code, and starting the extension needs none of it.
  const { writeZip } = await import("./zip.js");
  await writeZip(entries(run, attribution), write);
}

/** The same as bytes. @throws those of {@link streamRun} */
export async function writeRun(run: Run, attribution: StoredAttribution): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  await streamRun(run, attribution, (bytes) => {
    parts.push(bytes.slice());
    return Promise.resolve();
  });
  return joinBytes(parts);
}

function* entries(run: StreamedRun, attribution: StoredAttribution): Generator<NewEntry> {
  yield bytesEntry("run.json", new TextEncoder().encode(JSON.stringify(run.info)));
  yield bytesEntry(run.info.image.entry, run.image);
  const specs = arraySpecs(run.info);
  for (const name of ARRAY_NAMES) {
    const values = specs[name].data({ run, attribution });
    if (values !== null) yield arrayEntry(`${name}.npy`, specs[name], values);
  }
}

function bytesEntry(name: string, bytes: Uint8Array): NewEntry {
  return { name, size: bytes.length, parts: () => [bytes] };
}

function arrayEntry(
  name: string,
  { type, shape }: ArraySpec,
  values: Float32Array | Int32Array | StreamedArray,
): NewEntry {
  const header = npyHeader(type, shape, values.length);
  const pieces = "pieces" in values ? () => values.pieces() : () => [values];
  return {
    name,
    size: header.length + values.length * ITEM_BYTES[type],
    *parts() {
      yield header;
      for (const piece of pieces()) yield npyValues(type, piece);
    },
  };
}
