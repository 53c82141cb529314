import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { DexarError } from "../../core/errors.js";
import { packArrays } from "../../core/run/packArrays.js";
import type { ReportData } from "../../core/run/reportData.js";
import { shownAttribution, type ShownAttribution } from "../../core/run/shownAttribution.js";
import type { Run } from "../../core/run/types.js";
import { encodePng } from "../../runtime/image/encode.js";
import { encodeJpeg, previewPicture } from "../../runtime/image/preview.js";

/** Script and styles of the page, bundled. */
export interface ReportAssets {
  readonly script: string;
  readonly styles: string;
}

/** Gradients above this many values (96 MB) are left out of the page. */
const MAX_GRADIENT = 24_000_000;
const MAX_SIDE = 1600;
const MAX_PNG_BYTES = 1_500_000;

/**
 * One HTML file that shows the run without a network: picture, maps, tokens, layers, heads, filter.
 * @param assets the bundled page; by default `panel.js` and `panel.css` beside the built command line
 * @throws DexarError `report-assets-missing` when the bundle was not built
 */
export async function renderHtmlReport(
  run: Run,
  attribution: ShownAttribution,
  assets?: ReportAssets,
): Promise<string> {
  const { script, styles } = assets ?? (await readAssets());
  const code = escapeClosing(script, "script");
  const css = escapeClosing(styles, "style");
  const policy = [
    "default-src 'none'",
    `script-src '${contentHash(code)}'`,
    `style-src '${contentHash(css)}'`,
    "img-src data:",
    "base-uri 'none'",
    "form-action 'none'",
  ].join("; ");
  const title = `${run.info.prompt.text.trim() || run.info.image.name} · DEX-AR`;
  return [
    `<!doctype html>`,
    `<html lang="en">`,
    `<head>`,
    `<meta charset="utf-8">`,
    `<meta http-equiv="Content-Security-Policy" content="${policy}">`,
    `<meta name="viewport" content="width=device-width, initial-scale=1">`,
    `<meta name="generator" content="${escapeHtml(run.info.tool)}">`,
    `<title>${escapeHtml(title)}</title>`,
    `<style>${css}</style>`,
    `</head>`,
    `<body>`,
    `<noscript>This report needs JavaScript; it loads nothing from the network.</noscript>`,
    `<script type="application/json" id="run">${packArrays(await reportData(run, attribution))}</script>`,
    `<script>${code}</script>`,
    `</body>`,
    `</html>`,
    ``,
  ].join("\n");
}

async function reportData(run: Run, attribution: ShownAttribution): Promise<ReportData> {
  const { imagePositions, gradient, gradientReferenceLast } = run.arrays;
  const tooLarge = gradient !== null && gradient.length > MAX_GRADIENT;
  const note = "so its filters are as they were saved.";
  return {
    info: run.info,
    picture: await pictureAddress(run.image),
    arrays: {
      imagePositions,
      gradient: tooLarge ? null : gradient,
      gradientReferenceLast: tooLarge ? null : gradientReferenceLast,
    },
    attribution: shownAttribution(run, attribution),
    gradientNote: tooLarge
      ? `The run's gradient is too large for a page, ${note} Open the run file to change them.`
      : gradient === null
        ? `The run was saved without its gradient, ${note}`
        : null,
  };
}

async function pictureAddress(bytes: Uint8Array): Promise<string> {
  const pixels = await previewPicture(bytes, MAX_SIDE);
  const png = await encodePng(pixels);
  const jpeg = png.length > MAX_PNG_BYTES ? await encodeJpeg(pixels, 90) : null;
  const type = jpeg ? "image/jpeg" : "image/png";
  return `data:${type};base64,${Buffer.from(jpeg ?? png).toString("base64")}`;
}

async function readAssets(): Promise<ReportAssets> {
  const read = (name: string): Promise<string> => readFile(new URL(name, import.meta.url), "utf8");
  try {
    const [script, styles] = await Promise.all([read("./panel.js"), read("./panel.css")]);
    return { script, styles };
  } catch (cause) {
    throw new DexarError(
      "report-assets-missing",
      "The files of the report page (panel.js, panel.css) are not beside the program.",
      "Run `npm run build`, then try again.",
      { cause },
    );
  }
}

function contentHash(content: string): string {
  return `sha256-${createHash("sha256").update(content).digest("base64")}`;
}

/** Keeps a closing tag inside the content from ending the element. */
function escapeClosing(content: string, name: "script" | "style"): string {
  return content.replaceAll(new RegExp(`</(?=${name})`, "gi"), "<\\/");
}

function escapeHtml(text: string): string {
  const named: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
  return text.replace(/[&<>"]/g, (character) => named[character] ?? character);
}
