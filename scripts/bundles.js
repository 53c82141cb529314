// @ts-check
/**
 * @typedef {object} Bundle
 * @property {string} entry
 * @property {string} out
 * @property {"node" | "browser"} platform
 * @property {"esm" | "cjs" | "iife"} format
 * @property {readonly string[]} sources folders of the project whose files may be inside
 * @property {readonly string[]} external packages left outside, found in node_modules when it runs
 * @property {readonly string[]} [bundled] npm packages that may be inside; all but the native ones when absent
 * @property {number} [maxBytes] the build fails above it; without a limit when absent
 */

/** Packages that run from node_modules, beside the bundles: native code and fonts. */
export const NATIVE = ["onnxruntime-node", "onnxruntime-common", "sharp", "dejavu-fonts-ttf"];

/** Packages that may be inside no bundle: they carry native code or are not for Node. */
export const NEVER_BUNDLED = [...NATIVE, "onnxruntime-web", "vscode"];

/** Everything that is built into dist/. @type {readonly Bundle[]} */
export const BUNDLES = [
  {
    entry: "src/cli/main.ts",
    out: "dist/cli.js",
    platform: "node",
    format: "esm",
    sources: [
      "package.json",
      "src/bench",
      "src/cli",
      "src/core",
      "src/modelClient",
      "src/protocol",
      "src/runtime",
    ],
    external: NATIVE,
  },
  {
    entry: "src/runtime/process/main.ts",
    out: "dist/modelProcess.js",
    platform: "node",
    format: "esm",
    sources: ["package.json", "src/core", "src/protocol", "src/runtime"],
    external: NATIVE,
  },
  {
    entry: "src/host/extension.ts",
    out: "dist/extension.cjs",
    platform: "node",
    format: "cjs",
    maxBytes: 500_000,
    sources: ["src/core", "src/host", "src/modelClient", "src/protocol"],
    external: ["vscode"],
    bundled: [
      "@bufbuild/protobuf",
      "@zip.js/zip.js",
      "d3-color",
      "d3-interpolate",
      "d3-scale-chromatic",
      "onnx-buf",
    ],
  },
  {
    entry: "webview/panel/main.ts",
    out: "dist/panel.js",
    platform: "browser",
    format: "iife",
    maxBytes: 600_000,
    sources: [
      "src/core/attribution",
      "src/core/errors.ts",
      "src/core/heatmap",
      "src/core/outOfMemory.ts",
      "src/core/run",
      "src/core/serializedError.ts",
      "src/core/tensor",
      "src/protocol",
      "webview",
    ],
    external: [],
    bundled: [
      "@microsoft/fast-element",
      "@microsoft/fast-foundation",
      "@microsoft/fast-web-utilities",
      "@vscode/codicons",
      "@vscode/l10n",
      "@vscode/webview-ui-toolkit",
      "@zip.js/zip.js",
      "d3-color",
      "d3-dispatch",
      "d3-drag",
      "d3-ease",
      "d3-interpolate",
      "d3-scale-chromatic",
      "d3-selection",
      "d3-timer",
      "d3-transition",
      "d3-zoom",
      "exenv-es6",
      "tabbable",
      "tslib",
    ],
  },
  {
    entry: "webview/panel/panel.css",
    out: "dist/panel.css",
    platform: "browser",
    format: "iife",
    sources: ["webview"],
    external: [],
    bundled: [],
  },
];
