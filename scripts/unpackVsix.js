// @ts-check
/** Unpacks a VSIX as VS Code would: `node scripts/unpackVsix.js x.vsix folder`. */
import { mkdirSync, openAsBlob, writeFileSync } from "node:fs";
import path from "node:path";
import { BlobReader, Uint8ArrayWriter, ZipReader } from "@zip.js/zip.js";

const [vsix, folder] = process.argv.slice(2);
if (vsix === undefined || folder === undefined) throw new Error("usage: unpackVsix.js x.vsix folder");

const reader = new ZipReader(new BlobReader(await openAsBlob(vsix)));
for (const entry of await reader.getEntries()) {
  if (entry.directory) continue;
  const target = path.join(folder, entry.filename);
  mkdirSync(path.dirname(target), { recursive: true });
  writeFileSync(target, await entry.getData(new Uint8ArrayWriter()));
}
await reader.close();
