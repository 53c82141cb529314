// @ts-check
import { readFileSync } from "node:fs";
import path from "node:path";
import esbuild from "esbuild";

const AS_TEXT = Symbol("as text");

/**
 * Gives `import css from "./x.css"` the text of the style sheet with all that it imports, for a shadow root.
 * @returns {import("esbuild").Plugin}
 */
export function cssAsText() {
  return {
    name: "css-as-text",
    setup(build) {
      build.onResolve({ filter: /\.css$/ }, ({ kind, path: file, resolveDir }) =>
        kind === "import-statement" ? { path: path.resolve(resolveDir, file), pluginData: AS_TEXT } : null,
      );
      build.onLoad({ filter: /\.css$/ }, async ({ path: file, pluginData }) => {
        if (pluginData !== AS_TEXT) return null;
        const made = await esbuild.build({ entryPoints: [file], bundle: true, minify: true, write: false });
        return { contents: made.outputFiles[0]?.text ?? "", loader: "text" };
      });
    },
  };
}

/**
 * Puts other modules of the project in the place of some.
 * @param {string} root of the project
 * @param {Readonly<Record<string, string>>} modules by their path from the root
 * @returns {import("esbuild").Plugin}
 */
export function replaceModules(root, modules) {
  return {
    name: "replace-modules",
    setup(build) {
      build.onResolve({ filter: /^\..*\.js$/ }, ({ path: file, resolveDir }) => {
        const source = path.relative(root, path.resolve(resolveDir, file)).replace(/\.js$/, ".ts");
        const other = modules[source.split(path.sep).join("/")];
        return other === undefined ? null : { path: path.join(root, other) };
      });
    },
  };
}

/**
 * Leaves packages outside that are bundles of their own; each is loaded when something of it is first used.
 * @param {Readonly<Record<string, string>>} packages the file beside the bundle, by what is imported
 * @returns {import("esbuild").Plugin}
 */
export function leaveApart(packages) {
  const namespace = "apart";
  return {
    name: "leave-apart",
    setup(build) {
      build.onResolve({ filter: /^/ }, ({ path: specifier, namespace: from }) => {
        if (from === namespace) return { path: specifier, external: true };
        return packages[specifier] === undefined ? null : { path: specifier, namespace };
      });
      build.onLoad({ filter: /^/, namespace }, async ({ path: specifier }) => {
        const names = Object.keys(/** @type {object} */ (await import(specifier)));
        const file = JSON.stringify(packages[specifier]);
        const getters = names.map(
          (name) =>
            `Object.defineProperty(exports, ${JSON.stringify(name)}, { enumerable: true, get: () => require(${file}).${name} });`,
        );
        return { contents: getters.join("\n") };
      });
    },
  };
}

/** Names of the values that the editor's interface exports, by its types. @param {string} root of the project */
export function vscodeNames(root) {
  const types = readFileSync(path.join(root, "node_modules/@types/vscode/index.d.ts"), "utf8");
  const exported = /^\texport (?:class|enum|namespace|const|function) (\w+)/gm;
  return [...new Set([...types.matchAll(exported)].map(([, name]) => name))];
}

/**
 * Imports the editor's interface once for the whole bundle. Left alone, each of its many files would copy all of its
 * some 200 names when the extension starts.
 * @param {string} root of the project
 * @returns {import("esbuild").Plugin}
 */
export function vscodeOnce(root) {
  const namespace = "vscode-once";
  return {
    name: namespace,
    setup(build) {
      build.onResolve({ filter: /^vscode$/ }, ({ path: specifier, namespace: from }) =>
        from === namespace ? { path: specifier, external: true } : { path: specifier, namespace },
      );
      build.onLoad({ filter: /^/, namespace }, () => {
        const names = vscodeNames(root).join(", ");
        return { contents: `const vscode = require("vscode");\nexport const { ${names} } = vscode;` };
      });
    },
  };
}

/**
 * What a bundle needs of these.
 * @param {string} root of the project
 * @param {Partial<Pick<import("./bundles.js").Bundle, "apart" | "external" | "replaced">>} bundle
 */
export function bundlePlugins(root, { apart = {}, external = [], replaced = {} }) {
  const editor = external.includes("vscode") ? [vscodeOnce(root)] : [];
  return [cssAsText(), ...editor, leaveApart(apart), replaceModules(root, replaced)];
}
