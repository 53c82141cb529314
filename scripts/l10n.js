// @ts-check
/** Collects every translatable string of the extension and its pages into l10n/bundle.l10n.json. */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { getL10nJson } from "@vscode/l10n-dev";
import { format, resolveConfig } from "prettier";

const ROOT = path.resolve(import.meta.dirname, "..");

const FOLDERS = ["src/host", "webview"];

/** English texts by themselves: what translators start from. */
export const BUNDLE = path.join(ROOT, "l10n", "bundle.l10n.json");

/**
 * The strings of `vscode.l10n.t` and `l10n.t` in src/host and webview, as the bundle's text.
 * @returns {Promise<string>}
 */
export async function englishBundle() {
  const files = FOLDERS.flatMap((folder) =>
    readdirSync(path.join(ROOT, folder), { recursive: true, encoding: "utf8" })
      .filter((file) => file.endsWith(".ts"))
      .map((file) => path.join(ROOT, folder, file)),
  );
  const scripts = files.map((file) => ({ extension: ".ts", contents: readFileSync(file, "utf8") }));
  const found = await getL10nJson(scripts);
  const sorted = Object.fromEntries(Object.entries(found).sort(([a], [b]) => (a < b ? -1 : 1)));
  return format(JSON.stringify(sorted), { ...(await resolveConfig(BUNDLE)), filepath: BUNDLE });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  writeFileSync(BUNDLE, await englishBundle());
}
