// @ts-check
import { builtinModules } from "node:module";
import { packageOf } from "./lint/importZones.js";
import { NEVER_BUNDLED } from "./bundles.js";

/** How the stand-ins for what is left outside are called (`bundlePlugins.js`). */
const STAND_INS = ["apart:", "vscode-once:"];

/** The npm package that an esbuild input path lies in, or null for a file of the project. @param {string} input */
export function packageOfInput(input) {
  const at = input.lastIndexOf("node_modules/");
  return at < 0 ? null : packageOf(input.slice(at + "node_modules/".length));
}

/** @param {string} input @param {import("./bundles.js").Bundle} bundle */
function inputProblem(input, bundle) {
  if (STAND_INS.some((name) => input.startsWith(name))) return null;
  const name = packageOfInput(input);
  if (name !== null) {
    const allowed = bundle.bundled?.includes(name) ?? !NEVER_BUNDLED.includes(name);
    return allowed ? null : `package ${name} (${input}) may not be inside`;
  }
  const allowed = bundle.sources.some((source) => input === source || input.startsWith(`${source}/`));
  return allowed ? null : `${input} may not be inside`;
}

/** @param {string} specifier @param {import("./bundles.js").Bundle} bundle */
function externalProblem(specifier, bundle) {
  const isNodes = specifier.startsWith("node:") || builtinModules.includes(specifier);
  if (isNodes && bundle.platform === "node") return null;
  const isApart = Object.values(bundle.apart ?? {}).includes(specifier);
  return isApart || bundle.external.includes(packageOf(specifier))
    ? null
    : `"${specifier}" may not be left outside`;
}

/** @param {import("esbuild").Metafile} metafile @param {import("./bundles.js").Bundle} bundle */
function sizeProblems(metafile, { maxBytes }) {
  if (maxBytes === undefined) return [];
  const outputs = Object.entries(metafile.outputs).filter(([file]) => !file.endsWith(".map"));
  const bytes = outputs.reduce((sum, [, output]) => sum + output.bytes, 0);
  return bytes > maxBytes ? [`it has ${bytes} bytes, more than ${maxBytes}`] : [];
}

/**
 * What breaks the rules of scripts/bundles.js in one built bundle, one sentence each; empty when all is well.
 * @param {import("esbuild").Metafile} metafile
 * @param {import("./bundles.js").Bundle} bundle
 */
export function bundleProblems(metafile, bundle) {
  const inputs = Object.keys(metafile.inputs).map((input) => inputProblem(input, bundle));
  const externals = Object.values(metafile.outputs)
    .flatMap((output) => output.imports)
    .filter((imported) => imported.external === true)
    .map((imported) => externalProblem(imported.path, bundle));
  const problems = [...inputs, ...externals, ...sizeProblems(metafile, bundle)];
  return problems.filter((problem) => problem !== null);
}
