// @ts-check
/** Packs the VSIX of one platform into out/ and checks what is inside: `node scripts/package.js [target]`. */
import { execFileSync } from "node:child_process";
import { mkdirSync, openAsBlob, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { BlobReader, ZipReader } from "@zip.js/zip.js";
import { vsixProblems } from "./checkVsix.js";
import { ensureNatives } from "./natives.js";
import { groupTable } from "./vsixGroups.js";
import { nativeFiles, TARGETS } from "./vsixTargets.js";

const ROOT = path.resolve(import.meta.dirname, "..");
const target = process.argv[2] ?? `${process.platform}-${process.arch}`;

/** @param {string} vsix @returns {Promise<import("./vsixGroups.js").PackedFile[]>} */
async function listVsix(vsix) {
  const reader = new ZipReader(new BlobReader(await openAsBlob(vsix)));
  const entries = await reader.getEntries();
  await reader.close();
  return entries
    .filter((entry) => !entry.directory && entry.filename.startsWith("extension/"))
    .map((entry) => ({
      path: entry.filename.slice("extension/".length),
      size: entry.uncompressedSize,
      packed: entry.compressedSize,
    }));
}

async function packAndCheck() {
  if (!TARGETS.includes(target)) {
    throw new Error(`No VSIX can be made for ${target}. Known: ${TARGETS.join(", ")}.`);
  }
  const manifest = JSON.parse(readFileSync(path.join(ROOT, "package.json"), "utf8"));
  const { name, version } = manifest;
  const vsix = path.join("out", `${name}-${target}-${version}.vsix`);
  const ignoreFile = path.join("out", `vscodeignore-${target}`);
  mkdirSync(path.join(ROOT, "out"), { recursive: true });
  ensureNatives(target);
  const natives = nativeFiles(target).map((pattern) => `!${pattern}\n`);
  writeFileSync(
    path.join(ROOT, ignoreFile),
    readFileSync(path.join(ROOT, ".vscodeignore"), "utf8") + natives.join(""),
  );
  const vsce = path.join(ROOT, "node_modules/@vscode/vsce/vsce");
  const options = ["--target", target, "--out", vsix, "--ignoreFile", ignoreFile];
  // There is no public repository that links in the README could point to: they stay as they are.
  const noRepository = ["--allow-missing-repository", "--no-rewrite-relative-links"];
  execFileSync(process.execPath, [vsce, "package", ...options, ...noRepository], {
    cwd: ROOT,
    stdio: ["ignore", "inherit", "inherit"],
  });
  const files = await listVsix(path.join(ROOT, vsix));
  const problems = vsixProblems(files, target, manifest);
  if (problems.length > 0) throw new Error(`${vsix} is not right:\n  ${problems.join("\n  ")}`);
  console.log(`${vsix}: ${files.length} files, content as it should be\n${groupTable(files)}`);
}

try {
  await packAndCheck();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
