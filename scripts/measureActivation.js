// @ts-check
/**
 * Measures what starting the extension costs: loading `dist/extension.cjs` and its `activate`, both synchronous, with
 * a stand-in for `vscode`, each time in a fresh Node: `node scripts/measureActivation.js`.
 */
import { execFileSync } from "node:child_process";
import path from "node:path";
import { vscodeNames } from "./bundlePlugins.js";

const ROOT = path.resolve(import.meta.dirname, "..");
const TIMES = 11;

const program = `
const Module = require("node:module");
const any = new Proxy(function () {}, {
  get: (_, key) => (key === "then" ? undefined : key === Symbol.toPrimitive ? () => "" : any),
  apply: () => any,
  construct: () => any,
});
const names = ${JSON.stringify(vscodeNames(ROOT))};
const vscode = Object.fromEntries(names.map((name) => [name, any]));
const load = Module._load;
Module._load = function (request, ...rest) {
  return request === "vscode" ? vscode : load.call(this, request, ...rest);
};
const start = performance.now();
const extension = require(${JSON.stringify(path.join(ROOT, "dist/extension.cjs"))});
const loaded = performance.now();
extension.activate({ subscriptions: [], extensionUri: any, globalState: any, workspaceState: any });
const active = performance.now();
console.log(JSON.stringify([loaded - start, active - loaded]));
process.exit(0);
`;

/** @param {number[]} values */
function median(values) {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;
}

const runs = Array.from({ length: TIMES }, () =>
  JSON.parse(execFileSync(process.execPath, ["-e", program], { encoding: "utf8" })),
);
const figure = (/** @type {number} */ part) => {
  const values = runs.map((run) => run[part]);
  return `${median(values).toFixed(1)} ms (${Math.min(...values).toFixed(1)} to ${Math.max(...values).toFixed(1)})`;
};
console.log(`load ${figure(0)}, activate ${figure(1)}; medians of ${TIMES} starts, range in brackets`);
