import { build } from "esbuild";
import { createHash } from "node:crypto";
import { fileURLToPath } from "node:url";
import { attribute } from "../../src/core/attribution/attribute.js";
import { attributionInput } from "../../src/core/attribution/attributionInput.js";
import { packArrays } from "../../src/core/run/packArrays.js";
import type { ReportData } from "../../src/core/run/reportData.js";
import type { Run } from "../../src/core/run/types.js";

/** Colours of three of the editor's themes, as it puts them on the page; enough of them to look right. */
export const THEMES = {
  light: {
    foreground: "#3b3b3b",
    descriptionForeground: "#5f5f5f",
    "editor-background": "#ffffff",
    "editor-foreground": "#3b3b3b",
    "sideBar-background": "#f8f8f8",
    "panel-border": "#e5e5e5",
    "input-background": "#ffffff",
    "list-hoverBackground": "#f2f2f2",
    "charts-blue": "#1a85ff",
    focusBorder: "#005fb8",
  },
  dark: {
    foreground: "#cccccc",
    descriptionForeground: "#9d9d9d",
    "editor-background": "#1f1f1f",
    "editor-foreground": "#cccccc",
    "sideBar-background": "#181818",
    "panel-border": "#2b2b2b",
    "input-background": "#313131",
    "list-hoverBackground": "#2a2d2e",
    "charts-blue": "#3794ff",
    focusBorder: "#0078d4",
  },
  contrast: {
    foreground: "#ffffff",
    descriptionForeground: "#ffffff",
    "editor-background": "#000000",
    "editor-foreground": "#ffffff",
    "sideBar-background": "#000000",
    "panel-border": "#6fc3df",
    "input-background": "#000000",
    "list-hoverBackground": "#333333",
    "charts-blue": "#3794ff",
    focusBorder: "#f38518",
    contrastBorder: "#6fc3df",
  },
} as const;

/** The inspector's parts as one page with a strict policy, for tests in a browser. */
export async function renderInspectorPage(run: Run, theme: keyof typeof THEMES = "light"): Promise<string> {
  const [script, styles] = await Promise.all([
    bundle("./inspectorEntry.ts"),
    bundle("../../webview/panel/panel.css"),
  ]);
  const variables = Object.entries(THEMES[theme]).map(([name, value]) => `--vscode-${name}: ${value};`);
  const css = `${styles}\n:root { ${variables.join(" ")} color-scheme: ${theme === "light" ? "light" : "dark"}; }
body { padding: 12px; } body > section { margin-bottom: 24px; }`;
  const data: ReportData = {
    info: run.info,
    picture: "",
    arrays: run.arrays,
    attribution: attribute(attributionInput(run), run.info.settings),
    gradientNote: null,
  };
  // The toolkit makes one style element without content and fills it by rule.
  const policy = `default-src 'none'; script-src '${digest(script)}'; style-src '${digest(css)}' '${digest("")}'`;
  return [
    `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Inspector</title>`,
    `<meta http-equiv="Content-Security-Policy" content="${policy}"><style>${css}</style></head><body>`,
    `<script type="application/json" id="run">${packArrays(data)}</script>`,
    `<script>${script}</script></body></html>`,
  ].join("\n");
}

async function bundle(entry: string): Promise<string> {
  const result = await build({
    entryPoints: [fileURLToPath(new URL(entry, import.meta.url))],
    bundle: true,
    write: false,
    minify: true,
    loader: { ".svg": "text" },
    format: "iife",
    target: "es2022",
  });
  return (result.outputFiles[0]?.text ?? "").replaceAll(/<\/(?=script|style)/gi, "<\\/");
}

function digest(content: string): string {
  return `sha256-${createHash("sha256").update(content).digest("base64")}`;
}
