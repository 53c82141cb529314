import type { StoredAttribution } from "../attribution/types.js";
import { encodeNpy } from "../tensor/npy.js";
import { ARRAY_NAMES, arraySpecs } from "./arraySpecs.js";
import type { Run } from "./types.js";

/**
 * A run and its explanation as the bytes of a run file: a zip of .npy arrays that `numpy.load` opens, with `run.json`
 * and the picture beside them. Arrays that are null are left out.
 * @throws DexarError `bad-array` when an array does not fit the sizes that the run's description implies
 */
export async function writeRun(run: Run, attribution: StoredAttribution): Promise<Uint8Array> {
  // Loaded on demand: the zip library is most of the extension's code, and starting the extension needs none of it.
  const { writeZip } = await import("./zip.js");
  return writeZip(entries(run, attribution));
}

/** One entry at a time: only one array is held twice. */
function* entries(run: Run, attribution: StoredAttribution): Generator<readonly [string, Uint8Array]> {
  yield ["run.json", new TextEncoder().encode(JSON.stringify(run.info))];
  yield [run.info.image.entry, run.image];
  const specs = arraySpecs(run.info);
  for (const name of ARRAY_NAMES) {
    const { type, shape, data } = specs[name];
    const values = data({ run, attribution });
    if (values !== null) yield [`${name}.npy`, encodeNpy(type, shape, values)];
  }
}
