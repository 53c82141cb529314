import * as vscode from "vscode";
import { formatTable } from "../../core/run/formatTable.js";
import { readDigest } from "../../core/run/runDigest.js";
import { runOutput } from "../../core/run/runOutput.js";
import { RUN_OUTPUT_MIME } from "../../protocol/notebookOutput.js";

/** Columns of the table in the text of an output. */
const TEXT_WIDTH = 100;

/**
 * A run as the items of one cell output: what the renderer draws, a picture with the map of the whole answer where
 * the digest has one, and a table of the tokens. The texts are English: they are kept in the file.
 * @param digestText as `RunStore.readDigest` gives it
 * @throws DexarError `digest-damaged`, `digest-newer`
 */
export async function outputItems(
  digestText: string,
  runId: string,
): Promise<vscode.NotebookCellOutputItem[]> {
  const { info, attribution } = readDigest(digestText);
  const { json, figure } = await runOutput(digestText, runId);
  const table = formatTable(info, attribution, { width: TEXT_WIDTH });
  return [
    vscode.NotebookCellOutputItem.text(json, RUN_OUTPUT_MIME),
    ...(figure === null
      ? []
      : [new vscode.NotebookCellOutputItem(Buffer.from(figure, "base64"), "image/png")]),
    vscode.NotebookCellOutputItem.text(table, "text/plain"),
  ];
}
