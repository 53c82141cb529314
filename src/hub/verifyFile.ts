import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import type { HubFile } from "./hubApi.js";

/**
 * What is wrong with a downloaded file, in words; null when it is the one that the hub lists. Reads all of it.
 */
export async function fileProblem(
  file: string,
  { size, hash }: HubFile,
  signal: AbortSignal,
): Promise<string | null> {
  const found = (await stat(file)).size;
  if (found !== size) return `it has ${found} bytes, not ${size}`;
  const digest = createHash(hash.kind === "sha256" ? "sha256" : "sha1");
  if (hash.kind === "git") digest.update(`blob ${size}\0`);
  for await (const chunk of createReadStream(file, { signal })) digest.update(chunk as Buffer);
  const hex = digest.digest("hex");
  return hex === hash.hex
    ? null
    : `its ${hash.kind === "git" ? "git hash" : "SHA-256"} is ${hex}, not ${hash.hex}`;
}
