import { createHash } from "node:crypto";
import * as vscode from "vscode";
import { answerText } from "../../../core/run/answerText.js";
import { formatNumber } from "../../../core/run/formatNumber.js";
import { tokenLabel } from "../../../core/run/tokenLabel.js";
import { escapeHtml, type PageCell, type PageOutput } from "./pageCells.js";
import { dataElement, PAGE_SCRIPT, themeColours, type PageAssets } from "./pageScript.js";
import { PAGE_STYLES } from "./pageStyles.js";

type PageRun = Extract<PageOutput, { readonly kind: "run" }>;

/** Steps of the tokens' tint; one class each, since the page allows no style attributes. */
const TINTS = 10;

/**
 * A notebook as one page that needs nothing else: Markdown, prompts, and of each run the picture with the map of its
 * answer and the tokens tinted by their weight; with `assets` the runs can be explored as in the notebook. It loads
 * nothing and runs no script but ours, whatever stands in the cells.
 */
export function notebookPage(title: string, cells: readonly PageCell[], assets: PageAssets | null): string {
  const styles = assets ? `${themeColours(assets.styles)}\n${PAGE_STYLES}` : PAGE_STYLES;
  const policy = [
    "default-src 'none'",
    `style-src '${sha256(styles)}'`,
    "img-src data: blob:",
    ...(assets ? [`script-src '${sha256(PAGE_SCRIPT)}' blob:`] : []),
    "base-uri 'none'",
    "form-action 'none'",
  ].join("; ");
  const runs = cells.flatMap((cell) => (cell.kind === "prompt" ? cell.outputs : [])).filter(isRun);
  const idOf = (run: PageRun): string => `run-${runs.indexOf(run) + 1}`;
  return [
    `<!doctype html>`,
    `<html lang="${escapeHtml(vscode.env.language)}">`,
    `<head>`,
    `<meta charset="utf-8">`,
    `<meta http-equiv="Content-Security-Policy" content="${policy}">`,
    `<meta name="viewport" content="width=device-width, initial-scale=1">`,
    `<title>${escapeHtml(title)} · DEX-AR</title>`,
    `<style>${styles}</style>`,
    // Before the cells: nothing in them can stand for our data.
    ...(assets ? scripts(assets, runs, idOf) : []),
    `</head>`,
    `<body>`,
    `<main>`,
    ...cells.map((cell) => cellHtml(cell, idOf)),
    `</main>`,
    `</body>`,
    `</html>`,
    ``,
  ].join("\n");
}

function sha256(text: string): string {
  return `sha256-${createHash("sha256").update(text).digest("base64")}`;
}

function isRun(output: PageOutput): output is PageRun {
  return output.kind === "run";
}

function scripts(assets: PageAssets, runs: readonly PageRun[], idOf: (run: PageRun) => string): string[] {
  return [
    ...runs.map((run) => dataElement(idOf(run), run.json)),
    dataElement("renderer", JSON.stringify(assets.renderer)),
    `<script type="module">${PAGE_SCRIPT}</script>`,
  ];
}

function cellHtml(cell: PageCell, idOf: (run: PageRun) => string): string {
  if (cell.kind === "markdown") return `<section class="markdown">\n${cell.html}\n</section>`;
  return [
    `<section class="prompt" aria-label="${escapeHtml(vscode.l10n.t("Prompt"))}">`,
    `<div class="source"><span class="facts">${escapeHtml(cell.facts)}</span><pre>${escapeHtml(cell.source)}</pre></div>`,
    ...cell.outputs.map((output) => outputHtml(output, idOf)),
    `</section>`,
  ].join("\n");
}

function outputHtml(output: PageOutput, idOf: (run: PageRun) => string): string {
  switch (output.kind) {
    case "run":
      return `<div data-run="${idOf(output)}">\n${runHtml(output)}\n</div>`;
    case "text":
      return `<pre class="text">${escapeHtml(output.text)}</pre>`;
    case "error":
      return `<p class="error" role="alert">${escapeHtml(output.text)}</p>`;
  }
}

function runHtml({ data, figure, table }: PageRun): string {
  const { info } = data;
  const { model, image } = info;
  const facts = [image.name, model.name, `${model.dtype}, ${model.device}`, info.settings.preset];
  const alt = vscode.l10n.t(
    "Where the model looked in {0} while it answered “{1}”",
    image.name,
    answerText(info),
  );
  return [
    `<article>`,
    `<figure><img src="${figure}" alt="${escapeHtml(alt)}">`,
    `<figcaption>${escapeHtml(facts.join(" · "))}</figcaption></figure>`,
    `<div class="answer">`,
    `<p class="tokens">${tokensHtml(data)}</p>`,
    ...(info.partial ? [`<p class="note">${escapeHtml(vscode.l10n.t("Stopped before its end."))}</p>`] : []),
    `<details><summary>${escapeHtml(vscode.l10n.t("Numbers of each token"))}</summary>`,
    `<pre class="text">${escapeHtml(table)}</pre></details>`,
    `</div>`,
    `</article>`,
  ].join("\n");
}

/** Each token with a tint that follows how far the picture beat the text; the number on hover. */
function tokensHtml({ info, attribution }: PageRun["data"]): string {
  const weights = info.tokens.map((_, index) => attribution.tokenWeight[index] ?? 0);
  const most = Math.max(...weights, Number.MIN_VALUE);
  return info.tokens
    .map(({ text }, index) => {
      const weight = weights[index] ?? 0;
      const step = Math.round((Math.max(0, weight) / most) * TINTS);
      return `<span class="token t${step}" title="δ ${formatNumber(weight)}">${escapeHtml(tokenLabel(text))}</span>`;
    })
    .join("<wbr>");
}
