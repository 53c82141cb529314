import { build } from "esbuild";
import { createHash } from "node:crypto";
import { fileURLToPath } from "node:url";
import { attribute } from "../../src/core/attribution/attribute.js";
import { attributionInput } from "../../src/core/attribution/attributionInput.js";
import { packArrays } from "../../src/core/run/packArrays.js";
import type { ReportData } from "../../src/core/run/reportData.js";
import type { Run } from "../../src/core/run/types.js";

/** The picture and the answer as one page with a strict policy, for tests in a browser. */
export async function renderPicturePage(run: Run): Promise<string> {
  const [script, styles] = await Promise.all([
    bundle("./pictureEntry.ts"),
    bundle("../../webview/panel/panel.css"),
  ]);
  const data: ReportData = {
    info: run.info,
    picture: `data:image/png;base64,${Buffer.from(run.image).toString("base64")}`,
    arrays: run.arrays,
    attribution: attribute(attributionInput(run), run.info.settings),
    gradientNote: null,
  };
  const rules = [
    "default-src 'none'",
    "img-src data:",
    `script-src '${digest(script)}'`,
    // The toolkit makes one style element without content and fills it by rule.
    `style-src '${digest(styles)}' '${digest("")}'`,
  ];
  return [
    `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Picture</title>`,
    `<meta http-equiv="Content-Security-Policy" content="${rules.join("; ")}"><style>${styles}</style></head><body>`,
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
