import { randomBytes } from "node:crypto";
import path from "node:path";
import * as vscode from "vscode";
import type { ModelInspection } from "../../protocol/inspection.js";
import type { ViewedPicture } from "../../protocol/modelProcess.js";
import { escapeHtml } from "../notebook/page/pageCells.js";
import { formatBytes } from "../views/formatBytes.js";
import { OTHER_PICTURE } from "./inspectionIds.js";
import { pictureCells } from "./pictureCells.js";

const STYLES = `
body { max-width: 60rem; padding: 8px 16px 24px; color: var(--vscode-foreground); font: var(--vscode-font-size) var(--vscode-font-family); overflow-wrap: anywhere; }
h1 { margin: 0 0 4px; font-size: 16px; font-weight: 600; }
h2 { margin: 24px 0 8px; padding-bottom: 4px; border-bottom: 1px solid var(--vscode-widget-border, var(--vscode-contrastBorder, transparent)); font-size: 11px; font-weight: 600; letter-spacing: 0.04em; text-transform: uppercase; }
p { margin: 4px 0; }
ul { margin: 4px 0; padding-left: 20px; }
table { border-collapse: collapse; margin: 4px 0; }
th, td { text-align: left; padding: 2px 16px 2px 0; vertical-align: top; font-weight: normal; }
th { color: var(--vscode-descriptionForeground); overflow-wrap: normal; }
td.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.problem { border-left: 3px solid var(--vscode-editorError-foreground); padding: 0 0 0 12px; margin: 8px 0; }
.step { color: var(--vscode-descriptionForeground); }
code { font-family: var(--vscode-editor-font-family); }
svg { display: block; max-width: 100%; max-height: 30rem; margin: 8px 0; background: var(--vscode-editorWidget-background); }
rect.cell { fill: none; stroke: var(--vscode-charts-yellow); stroke-width: 1; vector-effect: non-scaling-stroke; }
rect.seen { fill: none; stroke: var(--vscode-charts-blue); stroke-width: 2; vector-effect: non-scaling-stroke; }
@media (max-width: 499.9px) {
  body { padding: 8px 8px 16px; }
  th, td { padding-right: 8px; }
}
`;

/**
 * What was found in a model folder as a page without scripts: what stands in the way first, then what the model is.
 * @param shown the picture, where one was asked for
 */
export function inspectionPage(model: ModelInspection, shown: ViewedPicture | null): string {
  const nonce = randomBytes(16).toString("base64");
  const policy = `default-src 'none'; img-src data:; style-src 'nonce-${nonce}'`;
  const title = escapeHtml(vscode.l10n.t("Model: {0}", path.basename(model.dir)));
  return [
    "<!doctype html>",
    `<html lang="${escapeHtml(vscode.env.language)}">`,
    `<head><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="${policy}">`,
    `<meta name="viewport" content="width=device-width, initial-scale=1"><title>${title}</title>`,
    `<style nonce="${nonce}">${STYLES}</style></head>`,
    "<body><main>",
    `<h1>${title}</h1>`,
    `<p><code>${escapeHtml(model.dir)}</code></p>`,
    ...problems(model),
    ...list(vscode.l10n.t("Advice"), model.advice ?? []),
    ...facts(model),
    ...picture(model, shown),
    ...files(model),
    ...memory(model),
    ...devices(model),
    "</main></body></html>",
  ].join("\n");
}

function heading(text: string): string {
  return `<h2>${escapeHtml(text)}</h2>`;
}

/** The words of problems are those of the command line: what is reported and searched for. */
function problems({ problems: found }: ModelInspection): string[] {
  if (found.length === 0)
    return [`<p>✓ ${escapeHtml(vscode.l10n.t("Nothing stands in the way of explaining it."))}</p>`];
  const title =
    found.length === 1 ? vscode.l10n.t("One problem") : vscode.l10n.t("{0} problems", found.length);
  const items = found.map(
    ({ code, message, nextStep }, i) =>
      `<div class="problem"><p>${escapeHtml(message)} <code>${escapeHtml(code)}</code></p>${
        found[i + 1]?.nextStep === nextStep ? "" : `<p class="step">${escapeHtml(nextStep)}</p>`
      }</div>`,
  );
  return [heading(title), ...items];
}

function list(title: string, lines: readonly string[]): string[] {
  if (lines.length === 0) return [];
  return [heading(title), "<ul>", ...lines.map((line) => `<li>${escapeHtml(line)}</li>`), "</ul>"];
}

function facts(model: ModelInspection): string[] {
  const { heads, kvHeads, headSize } = model;
  const unknown = vscode.l10n.t("unknown");
  const rows: readonly (readonly [string, string | number | null])[] = [
    [vscode.l10n.t("Family"), model.family],
    [vscode.l10n.t("Weight types"), model.dtypes.join(", ") || null],
    [vscode.l10n.t("Graph"), model.graphStyle],
    [vscode.l10n.t("Layers"), model.layers],
    [
      vscode.l10n.t("Heads"),
      heads === null
        ? null
        : vscode.l10n.t(
            "{0}, with {1} for keys and values, {2} wide",
            heads,
            kvHeads ?? "?",
            headSize ?? "?",
          ),
    ],
    [vscode.l10n.t("Vocabulary"), model.vocabulary],
  ];
  return [
    heading(vscode.l10n.t("The model")),
    table(
      rows.map(([name, value]) => [
        `<th scope="row">${escapeHtml(name)}</th>`,
        `<td>${escapeHtml(String(value ?? unknown))}</td>`,
      ]),
    ),
  ];
}

/** The link stays when a picture could not be read, so that another one can be tried. */
function picture(
  { dir, family, geometry, picture: found }: ModelInspection,
  shown: ViewedPicture | null,
): string[] {
  if (family === null) return [];
  const link = `command:${OTHER_PICTURE}?${encodeURIComponent(JSON.stringify([dir]))}`;
  return [
    heading(vscode.l10n.t("The picture")),
    ...(geometry === null ? [] : [`<p>${escapeHtml(geometry)}</p>`]),
    `<p><a href="${link}">${escapeHtml(vscode.l10n.t("Choose a picture…"))}</a></p>`,
    ...(found === undefined
      ? []
      : [pictureCells(found, shown, vscode.l10n.t("The cells of the image tokens over the picture"))]),
  ];
}

function files({ files: found }: ModelInspection): string[] {
  const missing = vscode.l10n.t("missing");
  const rows = found.map(({ name, present, bytes }) => [
    `<td class="number">${escapeHtml(present ? formatBytes(bytes) : missing)}</td>`,
    `<td><code>${escapeHtml(name)}</code></td>`,
  ]);
  return [heading(vscode.l10n.t("Files")), table(rows)];
}

function memory({ memory: { answer, dtypes } }: ModelInspection): string[] {
  if (dtypes.length === 0) return [];
  const head = [
    vscode.l10n.t("Weights"),
    vscode.l10n.t("Answer"),
    vscode.l10n.t("Explained answer"),
    vscode.l10n.t("Mapped files"),
  ];
  const cell = (text: string) => `<td class="number">${escapeHtml(text)}</td>`;
  const rows = dtypes.map(({ dtype, generate, explain }) => [
    `<td><code>${escapeHtml(dtype)}</code></td>`,
    ...[generate.privatePeak, explain.privatePeak, Math.max(generate.mapped, explain.mapped)].map((bytes) =>
      cell(formatBytes(bytes)),
    ),
  ]);
  const { promptTokens, imageTokens, answerTokens } = answer;
  return [
    heading(vscode.l10n.t("Memory, estimated")),
    `<p>${escapeHtml(vscode.l10n.t("For a prompt of {0} tokens, {1} of them of the picture, and an answer of {2}, on the processor.", promptTokens, imageTokens, answerTokens))}</p>`,
    table([head.map((text) => `<th scope="col">${escapeHtml(text)}</th>`), ...rows]),
  ];
}

function devices({ devices: found = [] }: ModelInspection): string[] {
  if (found.length === 0) return [];
  const rows = found.map(({ name, missing }) => [
    `<th scope="row"><code>${escapeHtml(name)}</code></th>`,
    `<td>${escapeHtml(missing === null ? vscode.l10n.t("can be tried") : missing.reason)}</td>`,
  ]);
  return [heading(vscode.l10n.t("Devices of this machine")), table(rows)];
}

function table(rows: readonly (readonly string[])[]): string {
  return `<table>${rows.map((cells) => `<tr>${cells.join("")}</tr>`).join("")}</table>`;
}
