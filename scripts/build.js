// @ts-check
import { chmodSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import esbuild from "esbuild";
import { bundlePlugins } from "./bundlePlugins.js";
import { BUNDLES, NATIVE } from "./bundles.js";
import { bundleProblems } from "./checkBundle.js";
import { thirdPartyNotices } from "./notices.js";

const ROOT = path.resolve(import.meta.dirname, "..");

// Bundled CommonJS packages call require, which an ES module has to make for itself.
const ESM_REQUIRE =
  'import { createRequire as dexarCreateRequire } from "node:module"; const require = dexarCreateRequire(import.meta.url);';

/**
 * Builds one bundle and returns the paths of the files inside it.
 * @param {import("./bundles.js").Bundle} bundle
 * @param {string} outFile absolute
 * @returns {Promise<string[]>}
 * @throws when the bundle holds, or leaves outside, what it may not
 */
export async function buildBundle(bundle, outFile) {
  const { dir, name, ext } = path.parse(outFile);
  const result = await esbuild.build({
    absWorkingDir: ROOT,
    entryPoints: { [name]: bundle.entry },
    outdir: dir,
    outExtension: { ".js": ext },
    chunkNames: `${name}-[hash]`,
    bundle: true,
    platform: bundle.platform,
    format: bundle.format,
    // What is imported on demand is loaded on demand: `dexar --help` must not load ONNX Runtime.
    splitting: bundle.format === "esm" && bundle.platform === "node",
    target: bundle.platform === "node" ? "node20" : "es2022",
    external: [...bundle.external],
    conditions: bundle.platform === "node" ? ["node"] : [],
    banner: bundle.format === "esm" && bundle.platform === "node" ? { js: ESM_REQUIRE } : {},
    minifySyntax: true,
    minifyWhitespace: true,
    // Names of functions are kept where a stack trace may be read, and where size does not matter.
    minifyIdentifiers: bundle.maxBytes !== undefined,
    loader: { ".svg": "text" },
    plugins: bundlePlugins(ROOT, bundle),
    // The page is inlined into reports, where a map could not be found.
    sourcemap: bundle.platform === "node" ? "linked" : false,
    sourcesContent: false,
    legalComments: "none",
    metafile: true,
    logLevel: "warning",
  });
  const problems = bundleProblems(result.metafile, bundle);
  if (problems.length > 0) {
    throw new Error(`${bundle.out} breaks the rules of scripts/bundles.js:\n  ${problems.join("\n  ")}`);
  }
  return Object.keys(result.metafile.inputs);
}

async function buildAll() {
  rmSync(path.join(ROOT, "dist"), { recursive: true, force: true });
  mkdirSync(path.join(ROOT, "dist"));
  const inputs = await Promise.all(BUNDLES.map((bundle) => buildBundle(bundle, path.join(ROOT, bundle.out))));
  const notices = thirdPartyNotices(inputs.flat(), NATIVE);
  writeFileSync(path.join(ROOT, "dist/THIRD_PARTY_NOTICES.txt"), notices);
  chmodSync(path.join(ROOT, "dist/cli.js"), 0o755);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    await buildAll();
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
}
