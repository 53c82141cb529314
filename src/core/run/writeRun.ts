import type { StoredAttribution } from "../attribution/types.js";
import { npyParts } from "../tensor/npy.js";
import { joinBytes } from "./deflate.js";
import { ARRAY_NAMES, arraySpecs } from "./arraySpecs.js";
import type { Run } from "./types.js";

/** Takes the next bytes of a file; they may not be changed or kept after it is done. */
export type WriteBytes = (bytes: Uint8Array) => Promise<void>;

/**
 * Writes a run and its explanation as a run file: a zip of .npy arrays that `numpy.load` opens, with `run.json` and
 * the picture beside them. Arrays that are null are left out; none is held twice.
 * @throws DexarError `bad-array` when an array does not fit the sizes that the run's description implies
 */
export async function streamRun(run: Run, attribution: StoredAttribution, write: WriteBytes): Promise<void> {
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

function* entries(
  run: Run,
  attribution: StoredAttribution,
): Generator<readonly [string, readonly Uint8Array[]]> {
  yield ["run.json", [new TextEncoder().encode(JSON.stringify(run.info))]];
  yield [run.info.image.entry, [run.image]];
  const specs = arraySpecs(run.info);
  for (const name of ARRAY_NAMES) {
    const { type, shape, data } = specs[name];
    const values = data({ run, attribution });
    if (values !== null) yield [`${name}.npy`, npyParts(type, shape, values)];
  }
}
