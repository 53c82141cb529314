// @ts-check
import { builtinModules } from "node:module";
import path from "node:path";
import { ZONES } from "./zones.js";

/** @typedef {import("./zones.js").Zone} Zone */

/** @type {(folder: string, file: string) => boolean} */
const holds = (folder, file) => file === folder || file.startsWith(`${folder}/`);

/** The most specific zone of a file (path from the project's root, with /), or undefined. @param {string} file */
export function zoneOf(file) {
  return ZONES.filter((zone) => holds(zone.folder, file)).sort(
    (a, b) => b.folder.length - a.folder.length,
  )[0];
}

/** The package that a bare specifier names: `@a/b/c` is `@a/b`. @param {string} specifier */
export function packageOf(specifier) {
  return specifier
    .split("/")
    .slice(0, specifier.startsWith("@") ? 2 : 1)
    .join("/");
}

/**
 * What is wrong with one import, in words, or null.
 * @param {string} file the importing file, from the project's root
 * @param {string} specifier as written
 * @param {boolean} typeOnly whether the import disappears when compiled
 */
export function importProblem(file, specifier, typeOnly) {
  const zone = zoneOf(file);
  if (zone === undefined) return null;
  if (specifier.startsWith(".")) {
    const target = path.posix.join(path.posix.dirname(file), specifier);
    if (holds(zone.folder, target)) return null;
    if (!zone.folders.some((folder) => holds(folder, target))) return zone.rule;
    return zone.typesOnly && !typeOnly ? zone.rule : null;
  }
  if (specifier.startsWith("node:") || builtinModules.includes(specifier)) {
    return zone.node ? null : zone.rule;
  }
  const allowed = zone.packages.includes("*") || zone.packages.includes(packageOf(specifier));
  return allowed ? null : zone.rule;
}

/** @type {import("eslint").Rule.RuleModule} */
const importZonesRule = {
  meta: {
    type: "problem",
    docs: { description: "Who may import what (scripts/lint/zones.js)." },
    messages: { forbidden: '"{{specifier}}" may not be imported here. {{rule}}' },
    schema: [],
  },
  create(context) {
    const file = path.relative(context.cwd, context.filename).split(path.sep).join("/");
    /** @param {any} source @param {boolean} typeOnly */
    const check = (source, typeOnly) => {
      if (typeof source?.value !== "string") return;
      const rule = importProblem(file, source.value, typeOnly);
      if (rule === null) return;
      context.report({ node: source, messageId: "forbidden", data: { specifier: source.value, rule } });
    };
    return {
      ImportDeclaration: (/** @type {any} */ node) => check(node.source, node.importKind === "type"),
      ExportNamedDeclaration: (/** @type {any} */ node) => check(node.source, node.exportKind === "type"),
      ExportAllDeclaration: (/** @type {any} */ node) => check(node.source, node.exportKind === "type"),
      ImportExpression: (/** @type {any} */ node) => check(node.source, false),
      TSImportType: (/** @type {any} */ node) => check(node.source ?? node.argument?.literal, true),
    };
  },
};

/** The ESLint plugin of this project: one rule, `dexar/import-zones`. */
export const dexarPlugin = { rules: { "import-zones": importZonesRule } };
