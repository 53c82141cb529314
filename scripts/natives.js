// @ts-check
/** Fetches the native packages of another platform, which npm leaves out when it installs for this one. */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from "node:fs";
import path from "node:path";
import { nativeFolders } from "./vsixTargets.js";

const ROOT = path.resolve(import.meta.dirname, "..");

/**
 * The version and checksum that package-lock.json has for a package.
 * @param {string} name
 * @returns {{ version: string, integrity: string }}
 */
function locked(name) {
  const lock = JSON.parse(readFileSync(path.join(ROOT, "package-lock.json"), "utf8"));
  const entry = lock.packages[`node_modules/${name}`];
  if (entry === undefined) throw new Error(`package-lock.json does not know ${name}`);
  return entry;
}

/** @param {string} folder inside node_modules, e.g. `node_modules/@img/sharp-win32-x64` */
function isInstalled(folder, /** @type {string} */ version) {
  const file = path.join(ROOT, folder, "package.json");
  return existsSync(file) && JSON.parse(readFileSync(file, "utf8")).version === version;
}

/**
 * Throws unless `bytes` are what `integrity` (as in package-lock.json, e.g. `sha512-…`) says.
 * @param {string} name for the message
 * @param {Uint8Array} bytes
 * @param {string} integrity
 */
export function checkIntegrity(name, bytes, integrity) {
  const algorithm = integrity.slice(0, integrity.indexOf("-"));
  const found = `${algorithm}-${createHash(algorithm).update(bytes).digest("base64")}`;
  if (found !== integrity)
    throw new Error(`${name} is not what package-lock.json expects: ${found}, not ${integrity}`);
}

/** @param {string} folder */
function fetchPackage(folder) {
  const name = folder.slice("node_modules/".length);
  const { version, integrity } = locked(name);
  if (isInstalled(folder, version)) return;
  console.log(`fetching ${name} ${version}`);
  const cache = path.join(ROOT, ".cache");
  mkdirSync(cache, { recursive: true });
  const work = mkdtempSync(path.join(cache, "natives-"));
  try {
    const quiet = ["--json", "--loglevel=error", "--pack-destination", work];
    const answer = execFileSync("npm", ["pack", `${name}@${version}`, ...quiet], {
      cwd: ROOT,
      encoding: "utf8",
      shell: process.platform === "win32",
    });
    const [{ filename }] = JSON.parse(answer);
    checkIntegrity(name, readFileSync(path.join(work, filename)), integrity);
    // A relative name: GNU tar takes "C:" for a host.
    execFileSync("tar", ["-xzf", filename], { cwd: work });
    rmSync(path.join(ROOT, folder), { recursive: true, force: true });
    mkdirSync(path.dirname(path.join(ROOT, folder)), { recursive: true });
    renameSync(path.join(work, "package"), path.join(ROOT, folder));
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/**
 * Makes sure that node_modules has the native packages of `target` in the versions of package-lock.json.
 * Those of other platforms beside it do no harm: each VSIX takes only its own.
 * @param {string} target such as `win32-x64`
 * @throws when the registry cannot be reached or a package is not the locked one
 */
export function ensureNatives(target) {
  for (const folder of nativeFolders(target)) {
    if (folder.startsWith("node_modules/@img/")) fetchPackage(folder.replace(/\/$/, ""));
  }
}
