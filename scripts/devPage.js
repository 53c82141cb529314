// @ts-check
import { Buffer } from "node:buffer";
import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";

/** @typedef {{ bodyClass: string, variables: Record<string, string> }} Theme */

/** The default themes of the editor: body class and theme variables. @type {Record<string, Theme>} */
export const THEMES = JSON.parse(
  readFileSync(new URL("../webview/dev/themes.json", import.meta.url), "utf8"),
);

/** States that the page can start in: the names in webview/dev/scenes.ts. */
export const SCENES = [
  ...["finished", "playback", "empty", "queued", "loading", "prompt"],
  ...["generating", "file", "edited", "stopped", "failed", "crashed"],
];

/**
 * The panel's page as the editor makes it, with the same security policy, and a fake editor around it.
 * @param {object} parts
 * @param {string} parts.origin of script and styles, as `webview.cspSource` is in the editor
 * @param {string} parts.theme name of a theme in THEMES
 * @param {string} parts.scene state to start in (`webview/dev/scenes.ts`)
 * @param {Uint8Array} parts.recording a run file
 * @param {Uint8Array} [parts.other] the run file that it is compared with: then the page is a comparison
 * @param {readonly Uint8Array[]} [parts.pictures] run files of one prompt's pictures: then the page has their results
 */
export function devPage({ origin, theme, scene, recording, other, pictures }) {
  const [page, fake] = pictures
    ? ["grid", "fakeGrid"]
    : other === undefined
      ? ["panel", "fakeEditor"]
      : ["compare", "fakeCompare"];
  const base64 = (/** @type {Uint8Array} */ bytes) => Buffer.from(bytes).toString("base64");
  const chosen = THEMES[theme];
  if (chosen === undefined) throw new Error(`there is no theme ${theme}`);
  const nonce = randomBytes(16).toString("base64");
  const policy = [
    "default-src 'none'",
    `script-src 'nonce-${nonce}'`,
    `style-src ${origin} 'nonce-${nonce}'`,
    `img-src ${origin} blob: data:`,
    `font-src ${origin}`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join("; ");
  const variables = Object.entries(chosen.variables).map(([name, value]) => `${name}: ${value};`);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta property="csp-nonce" content="${nonce}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>DEX-AR</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="${origin}/${page}.css">
<style nonce="${nonce}">:root { ${variables.join(" ")} }</style>
</head>
<body class="${chosen.bodyClass}" data-vscode-theme-kind="${chosen.bodyClass}" data-scene="${scene}">
<script type="application/json" id="recording">${base64(recording)}</script>
${(pictures ?? []).map((bytes) => `<script type="application/json" class="pictures">${base64(bytes)}</script>`).join("\n")}
${other === undefined ? "" : `<script type="application/json" id="other">${base64(other)}</script>`}
<script nonce="${nonce}" src="${origin}/${fake}.js"></script>
<script nonce="${nonce}" src="${origin}/${page}.js"></script>
</body>
</html>
`;
}

/**
 * A notebook's page as the editor makes it: everything in one page, and a policy that is the editor's, not ours.
 * @param {object} parts
 * @param {string} parts.origin of scripts
 * @param {string} parts.theme name of a theme in THEMES
 * @param {Uint8Array} parts.recording a run file
 * @param {number} parts.outputs how many outputs it starts with
 * @param {boolean} parts.alone without an extension to talk to
 */
export function notebookPage({ origin, theme, recording, outputs, alone }) {
  const chosen = THEMES[theme];
  if (chosen === undefined) throw new Error(`there is no theme ${theme}`);
  const policy = [
    "default-src 'none'",
    `script-src ${origin} 'unsafe-inline' 'unsafe-eval'`,
    `style-src ${origin} 'unsafe-inline'`,
    `img-src ${origin} https: http: data:`,
    `font-src ${origin}`,
    "connect-src https:",
    "child-src https: data:",
  ].join("; ");
  const variables = Object.entries(chosen.variables).map(([name, value]) => `${name}: ${value};`);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<title>A notebook</title>
<link rel="icon" href="data:,">
<style>
:root { ${variables.join(" ")} }
body { margin: 0; padding: 0 26px; color: var(--vscode-foreground); background: var(--vscode-editor-background); font: 13px system-ui; }
main { display: grid; gap: 24px; }
</style>
</head>
<body class="${chosen.bodyClass}" data-vscode-theme-kind="${chosen.bodyClass}" data-outputs="${outputs}"${alone ? " data-alone" : ""}>
<main></main>
<script type="application/json" id="recording">${Buffer.from(recording).toString("base64")}</script>
<script src="${origin}/fakeNotebook.js"></script>
</body>
</html>
`;
}

/**
 * The page around the panel: which run, state, theme and width.
 * @param {readonly string[]} runs
 */
export function framePage(runs) {
  const choice = (/** @type {string} */ name, /** @type {readonly string[]} */ values) =>
    `<label>${name} <select id="${name}">${values.map((value) => `<option>${value}</option>`).join("")}</select></label>`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>DEX-AR panel</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/dev.css">
</head>
<body>
<form>
${choice("run", runs)}
${choice("scene", SCENES)}
${choice("theme", Object.keys(THEMES))}
${choice("width", ["full", "1600", "1000", "700", "480", "300"])}
</form>
<iframe id="panel" title="Panel"></iframe>
<script src="/dev.js"></script>
</body>
</html>
`;
}
