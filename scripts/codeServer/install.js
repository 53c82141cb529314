// @ts-check
/** Installs code-server, a whole VS Code that runs without a download: `node scripts/codeServer/install.js`. */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = path.resolve(import.meta.dirname, "../..");

/** code-server 4.139 is VS Code 1.139; it runs with Node 24 only, which an npm package brings. */
const PACKAGES = [`node-${process.platform}-${process.arch}@24.21.0`, "code-server@4.139.1"];
const NATIVE = ["@vscode/spdlog", "@vscode/native-watchdog", "@vscode/fs-copyfile", "@vscode/deviceid"];

/**
 * @typedef {object} CodeServer
 * @property {string} node the executable that runs it
 * @property {string} entry its main script
 */

/** Where it is kept between runs: `DEXAR_CACHE`, or .cache of the project. */
function cacheFolder() {
  const cache = process.env["DEXAR_CACHE"];
  return path.join(cache === undefined || cache === "" ? path.join(ROOT, ".cache") : cache, "code-server");
}

/** @param {string} folder @returns {CodeServer & { nodePackage: string }} */
function partsOf(folder) {
  const nodePackage = path.join(folder, "node_modules", `node-${process.platform}-${process.arch}`);
  return {
    nodePackage,
    node: path.join(nodePackage, "bin/node"),
    entry: path.join(folder, "node_modules/code-server/out/node/entry.js"),
  };
}

/** @param {string} cwd @param {string} nodePackage @param {readonly string[]} args */
function npm(cwd, nodePackage, args) {
  // Node 24 first on the path: npm and node-gyp then work for that one, not for the caller's.
  const env = {
    ...process.env,
    PATH: [path.join(nodePackage, "bin"), process.env["PATH"]].join(path.delimiter),
    npm_config_nodedir: nodePackage,
  };
  const quiet = ["--no-audit", "--no-fund", "--loglevel=error"];
  execFileSync("npm", [...args, ...quiet], { cwd, env, stdio: ["ignore", "inherit", "inherit"] });
}

/** @param {string} folder a new one, removed by the caller when this throws */
function installInto(folder) {
  const { nodePackage, entry } = partsOf(folder);
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, "package.json"), '{ "private": true }\n');
  npm(folder, nodePackage, ["install", "--ignore-scripts", "--no-save", "--no-package-lock", ...PACKAGES]);
  const vscode = path.join(entry, "../../../lib/vscode");
  npm(vscode, nodePackage, ["install", "--omit=dev", "--ignore-scripts"]);
  npm(vscode, nodePackage, ["rebuild", "--ignore-scripts=false", ...NATIVE]);
}

/** @param {string} stamp */
function isDone(stamp) {
  return existsSync(stamp) && readFileSync(stamp, "utf8") === PACKAGES.join("\n");
}

/**
 * Installs code-server unless that is done, and says where it is.
 * @returns {CodeServer}
 * @throws when the npm registry cannot be reached, or no compiler builds its four native modules
 */
export function ensureCodeServer() {
  const folder = cacheFolder();
  const stamp = path.join(folder, "installed.txt");
  if (!isDone(stamp)) {
    console.log(`installing ${PACKAGES.join(" and ")} into ${folder} (about a minute, once)`);
    // Renamed when complete: an installation that was interrupted, or another one beside it, does no harm.
    const fresh = `${folder}-${process.pid}`;
    try {
      installInto(fresh);
      writeFileSync(path.join(fresh, "installed.txt"), PACKAGES.join("\n"));
      if (!isDone(stamp)) {
        rmSync(folder, { recursive: true, force: true });
        renameSync(fresh, folder);
      }
    } catch (error) {
      throw new Error(
        "code-server could not be installed, so nothing can be tested inside VS Code. It comes from the npm " +
          "registry and needs a C++ compiler, make and Python 3. What npm said is above.",
        { cause: error },
      );
    } finally {
      rmSync(fresh, { recursive: true, force: true });
    }
  }
  const { node, entry } = partsOf(folder);
  return { node, entry };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    console.log(ensureCodeServer().entry);
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
}
