// @ts-check
/**
 * @typedef {object} Zone
 * @property {string} folder the folder this row is about
 * @property {readonly string[]} folders project folders it may import from, itself included
 * @property {readonly string[]} packages npm packages it may import
 * @property {boolean} node whether it may import Node's own modules
 * @property {boolean} [typesOnly] imports from other folders must be `import type`
 * @property {string} rule why, in the words the linter says
 */

const PURE_PACKAGES = [
  "@bufbuild/protobuf",
  "@zip.js/zip.js",
  "d3-color",
  "d3-scale-chromatic",
  "diff",
  "onnx-buf",
  "yaml",
];

/**
 * Who may import what: the table of docs/architecture.md. The most specific folder that holds a file wins.
 * @type {readonly Zone[]}
 */
export const ZONES = [
  {
    folder: "src/core",
    folders: ["src/core"],
    packages: PURE_PACKAGES,
    node: false,
    rule: "src/core is pure TypeScript: it imports itself and pure packages, nothing that needs a machine around it.",
  },
  {
    folder: "src/protocol",
    folders: ["src/protocol", "src/core"],
    packages: [],
    node: false,
    typesOnly: true,
    rule: "src/protocol only describes messages: it imports types from src/core and nothing else.",
  },
  {
    folder: "src/modelClient",
    folders: ["src/modelClient", "src/core", "src/protocol"],
    packages: [],
    node: true,
    rule: "src/modelClient starts a model process and talks to it, for the command line and the editor alike: core, protocol and Node.",
  },
  {
    folder: "src/hub",
    folders: ["src/hub", "src/core"],
    packages: [],
    node: true,
    rule: "src/hub finds, downloads and removes models on disk, for the command line and the editor alike: core and Node; the caller brings the network.",
  },
  {
    folder: "src/runtime",
    folders: ["src/runtime", "src/core", "src/hub/places.js", "src/protocol", "package.json"],
    packages: [...PURE_PACKAGES, "@huggingface/transformers", "dejavu-fonts-ttf", "opentype.js"],
    node: true,
    rule: "src/runtime is the model process: core, protocol, Node, transformers.js and of hub where models lie; onnxruntime-node only in src/runtime/session, sharp only in src/runtime/image.",
  },
  {
    folder: "src/runtime/session",
    folders: ["src/runtime", "src/core", "src/protocol"],
    packages: [...PURE_PACKAGES, "@huggingface/transformers", "onnxruntime-node"],
    node: true,
    rule: "src/runtime/session is the only place that imports onnxruntime-node; it does not touch pictures.",
  },
  {
    folder: "src/runtime/image",
    folders: ["src/runtime", "src/core", "src/protocol"],
    packages: [...PURE_PACKAGES, "@huggingface/transformers", "sharp"],
    node: true,
    rule: "src/runtime/image is the only place that imports sharp; it does not touch sessions.",
  },
  {
    folder: "src/bench",
    folders: ["src/bench", "src/core", "src/modelClient", "src/protocol", "src/runtime"],
    packages: [...PURE_PACKAGES, "@huggingface/transformers"],
    node: true,
    rule: "src/bench measures the product from outside: core, protocol, runtime and the client of the model process; nothing of the product imports it but the command line.",
  },
  {
    folder: "src/cli",
    folders: [
      "src/bench",
      "src/cli",
      "src/core",
      "src/hub",
      "src/modelClient",
      "src/protocol",
      "src/runtime",
    ],
    packages: [...PURE_PACKAGES, "commander", "undici"],
    node: true,
    rule: "src/cli works without VS Code: core, protocol and runtime; models and pictures only through src/runtime.",
  },
  {
    folder: "src/host",
    folders: ["src/host", "src/core", "src/hub", "src/modelClient", "src/protocol"],
    packages: [...PURE_PACKAGES, "vscode"],
    node: true,
    rule: "src/host runs in the editor's own process: it talks to the model process through src/protocol and never loads it.",
  },
  {
    folder: "webview",
    folders: [
      "webview",
      "src/protocol",
      "src/core/heatmap",
      "src/core/attribution",
      "src/core/compare",
      "src/core/figure",
      "src/core/run",
      "src/core/errors.js",
      "src/core/serializedError.js",
    ],
    packages: [
      "@vscode/codicons",
      "@vscode/l10n",
      "@vscode/webview-ui-toolkit",
      "@zip.js/zip.js",
      "d3-color",
      "d3-scale",
      "d3-scale-chromatic",
      "d3-zoom",
      "d3-selection",
      "diff",
    ],
    node: false,
    rule: "webview is a web page: protocol types and core's heatmap, attribution, compare, figure and run; no Node, no VS Code, no models.",
  },
  {
    folder: "tools",
    folders: ["tools", "scripts", "src"],
    packages: ["*"],
    node: true,
    rule: "tools may use the product but not its tests.",
  },
];
