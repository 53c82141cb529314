import * as vscode from "vscode";
import type { ReportData } from "../../../core/run/reportData.js";
import { RUN_OUTPUT_MIME } from "../../../protocol/notebookOutput.js";
import { runOfOutput } from "../cellRuns.js";

/** A cell as the exported page shows it. */
export type PageCell =
  | { readonly kind: "markdown"; readonly html: string }
  | {
      readonly kind: "prompt";
      readonly source: string;
      /** For example `[3] 1.2 s`; empty for a cell that was not run. */
      readonly facts: string;
      readonly outputs: readonly PageOutput[];
    };

export type PageOutput =
  | {
      readonly kind: "run";
      readonly data: ReportData;
      /** The output's data as its item holds it, for the renderer. */
      readonly json: string;
      /** The picture with the map of the whole answer, or the plain picture: a `data:` address. */
      readonly figure: string;
      /** The table of tokens as text. */
      readonly table: string;
    }
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "error"; readonly text: string };

/** The cells of a notebook for its page; Markdown is rendered by the editor. */
export async function pageCells(notebook: vscode.NotebookDocument): Promise<readonly PageCell[]> {
  return Promise.all(
    notebook.getCells().map(async (cell): Promise<PageCell> => {
      const source = cell.document.getText();
      if (cell.kind === vscode.NotebookCellKind.Markup)
        return { kind: "markdown", html: await renderMarkdown(source) };
      const outputs = await Promise.all(cell.outputs.map(pageOutput));
      return { kind: "prompt", source, facts: facts(cell), outputs };
    }),
  );
}

/** The editor's own renderer; where that is switched off the words are shown as they are written. */
async function renderMarkdown(source: string): Promise<string> {
  try {
    const html: unknown = await vscode.commands.executeCommand("markdown.api.render", source);
    if (typeof html === "string") return html;
  } catch {
    // The editor's Markdown extension is disabled.
  }
  return `<pre>${escapeHtml(source)}</pre>`;
}

function facts({ executionSummary }: vscode.NotebookCell): string {
  const { executionOrder, timing } = executionSummary ?? {};
  const order = executionOrder === undefined ? [] : [`[${executionOrder}]`];
  const seconds = timing ? [`${((timing.endTime - timing.startTime) / 1000).toFixed(1)} s`] : [];
  return [...order, ...seconds].join(" ");
}

async function pageOutput(output: vscode.NotebookCellOutput): Promise<PageOutput> {
  const text = (mime: string): string => {
    const item = output.items.find((one) => one.mime === mime);
    return item === undefined ? "" : new TextDecoder().decode(item.data);
  };
  const run = await runOfOutput(output);
  if (run) {
    const png = output.items.find(({ mime }) => mime === "image/png");
    const figure = png
      ? `data:image/png;base64,${Buffer.from(png.data).toString("base64")}`
      : run.data.picture;
    return { kind: "run", data: run.data, json: text(RUN_OUTPUT_MIME), figure, table: text("text/plain") };
  }
  const error = text("application/vnd.code.notebook.error");
  return error === ""
    ? { kind: "text", text: text("text/plain") }
    : { kind: "error", text: errorText(error) };
}

function errorText(json: string): string {
  try {
    const { name, message } = JSON.parse(json) as { readonly name?: unknown; readonly message?: unknown };
    return typeof name === "string" && name !== "" ? `${name}: ${String(message)}` : String(message);
  } catch {
    return json;
  }
}

/** A text as HTML shows it. */
export function escapeHtml(text: string): string {
  const named: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
  return text.replace(/[&<>"]/g, (character) => named[character] ?? character);
}
