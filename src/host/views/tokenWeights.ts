import { decodeNpy } from "../../core/tensor/npy.js";

const ENTRY = "token_weight.npy";

/**
 * delta of each token (Eq. 6) of a run file, without unpacking the rest of it; null when the file has none.
 * @throws DexarError `run-file-damaged`
 */
export async function tokenWeights(file: Uint8Array): Promise<readonly number[] | null> {
  const { openZip } = await import("../../core/run/zip.js");
  const entry = (await openZip(file)).get(ENTRY);
  if (entry === undefined) return null;
  return [...decodeNpy(await entry.read(), ENTRY).data];
}
