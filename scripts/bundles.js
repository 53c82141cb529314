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
 * @property {Readonly<Record<string, string>>} [replaced] modules of the project with another one in their place
 * @property {Readonly<Record<string, string>>} [apart] packages that are bundles of their own beside this one, loaded when they are first used
 * @property {number} [maxBytes] the build fails above it; without a limit when absent
 */

/** Packages that run from node_modules, beside the bundles: native code and fonts. */
export const NATIVE = ["onnxruntime-node", "onnxruntime-common", "sharp", "dejavu-fonts-ttf"];

/** Packages that may be inside no bundle: they carry native code or are not for Node. */
export const NEVER_BUNDLED = [...NATIVE, "onnxruntime-web", "vscode"];

/** What every page shows: the run, its attribution and maps. */
const PAGE_SOURCES = [
  "src/core/attribution",
  "src/core/crc32.ts",
  "src/core/errors.ts",
  "src/core/heatmap",
  "src/core/outOfMemory.ts",
  "src/core/run",
  "src/core/serializedError.ts",
  "src/protocol",
  "webview",
];

/** Icons, words and colours. */
const LOOK = ["@vscode/codicons", "@vscode/l10n", "d3-color", "d3-interpolate", "d3-scale-chromatic"];

/** The editor's controls, and what they are built on. */
const CONTROLS = [
  "@microsoft/fast-element",
  "@microsoft/fast-foundation",
  "@microsoft/fast-web-utilities",
  "@vscode/webview-ui-toolkit",
  "exenv-es6",
  "tabbable",
  "tslib",
];

/** Zoom and pan of the picture. */
const ZOOM = ["d3-dispatch", "d3-drag", "d3-ease", "d3-selection", "d3-timer", "d3-transition", "d3-zoom"];

const ZIP = "@zip.js/zip.js";

/**
 * A page: its script and its styles.
 * @param {string} name of its folder in `webview` and of its files in `dist`
 * @param {{ maxBytes: number, sources: readonly string[], bundled: readonly string[] }} parts `sources` beside those of every page
 * @returns {Bundle[]}
 */
function page(name, { maxBytes, sources, bundled }) {
  const browser = /** @type {const} */ ({ platform: "browser", format: "iife", external: [] });
  return [
    {
      ...browser,
      entry: `webview/${name}/main.ts`,
      out: `dist/${name}.js`,
      maxBytes,
      sources: [...PAGE_SOURCES, ...sources],
      bundled: [...LOOK, ...CONTROLS, ...bundled],
    },
    {
      ...browser,
      entry: `webview/${name}/${name}.css`,
      out: `dist/${name}.css`,
      sources: ["webview"],
      bundled: [],
    },
  ];
}

/**
 * A package as a bundle of its own, for the extension to load when it first uses it.
 * @param {string} name
 * @param {string} entry
 * @param {string} out
 * @param {number} maxBytes
 * @returns {Bundle}
 */
function library(name, entry, out, maxBytes) {
  return {
    ...{ entry, out, maxBytes, sources: [], external: [], bundled: [name] },
    platform: "node",
    format: "cjs",
  };
}

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
      "src/hub",
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
    sources: ["package.json", "src/core", "src/hub/places.ts", "src/protocol", "src/runtime"],
    external: NATIVE,
  },
  library(ZIP, "node_modules/@zip.js/zip.js/lib/zip-core-native.js", "dist/zip.cjs", 200_000),
  library("yaml", "node_modules/yaml/dist/index.js", "dist/yaml.cjs", 150_000),
  {
    entry: "src/host/extension.ts",
    out: "dist/extension.cjs",
    platform: "node",
    format: "cjs",
    maxBytes: 500_000,
    sources: ["src/core", "src/host", "src/hub", "src/modelClient", "src/protocol"],
    external: ["vscode"],
    apart: { "@zip.js/zip.js/lib/zip-core-native.js": "./zip.cjs", yaml: "./yaml.cjs" },
    bundled: ["@bufbuild/protobuf", "d3-color", "d3-interpolate", "d3-scale-chromatic", "diff", "onnx-buf"],
  },
  ...page("panel", {
    maxBytes: 600_000,
    sources: ["src/core/figure", "src/core/tensor"],
    bundled: [ZIP, ...ZOOM],
  }),
  ...page("grid", { maxBytes: 400_000, sources: [], bundled: [] }),
  ...page("compare", {
    maxBytes: 500_000,
    sources: ["src/core/compare", "src/core/tensor"],
    bundled: [ZIP, "diff"],
  }),
  {
    entry: "webview/renderer/main.ts",
    out: "dist/renderer.js",
    platform: "browser",
    format: "esm",
    maxBytes: 300_000,
    // Other extensions draw in the same page: nothing that registers elements or styles for all of it.
    replaced: { "webview/components/toolkit.ts": "webview/renderer/nativeControls.ts" },
    sources: [...PAGE_SOURCES, "src/core/figure", "src/core/tensor"],
    external: [],
    bundled: [...LOOK, ...ZOOM],
  },
];
