// @ts-check
/** Bundles the suites that run inside VS Code into .cache/vscode-suites: `node scripts/buildSuites.js`. */
import { rmSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import esbuild from "esbuild";

const ROOT = path.resolve(import.meta.dirname, "..");
const FOLDER = path.join(ROOT, ".cache/vscode-suites");

/**
 * Bundles every `test/vscode/api/*.suite.ts` and returns the absolute paths of what mocha loads.
 * @returns {Promise<string[]>}
 */
export async function buildSuites() {
  rmSync(FOLDER, { recursive: true, force: true });
  const result = await esbuild.build({
    absWorkingDir: ROOT,
    entryPoints: [path.join(ROOT, "test/vscode/api/*.suite.ts")],
    outdir: FOLDER,
    outExtension: { ".js": ".cjs" },
    bundle: true,
    platform: "node",
    format: "cjs",
    external: ["vscode", "mocha"],
    metafile: true,
    logLevel: "warning",
  });
  return Object.keys(result.metafile.outputs).map((file) => path.join(ROOT, file));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await buildSuites();
