import * as vscode from "vscode";
import { encodingOf } from "../../core/notebook/outputKey.js";
import type { NotebookOutput, NotebookOutputItem } from "../../core/notebook/types.js";
import { keepFields, keptFields } from "./keptFields.js";

/** An output of the file as the editor has it. */
export function toEditorOutput({ metadata, items, unknown }: NotebookOutput): vscode.NotebookCellOutput {
  const data = items.map((item) => new vscode.NotebookCellOutputItem(bytesOf(item), item.mime));
  return new vscode.NotebookCellOutput(data, keepFields({ metadata, unknown }));
}

/** An output of the editor as the file has it; content that is not what its media type says stays as it is. */
export function toFileOutput(output: vscode.NotebookCellOutput): NotebookOutput {
  const { metadata = {}, unknown = [] } = keptFields(output.metadata);
  return { metadata, items: output.items.map(fileItem), unknown };
}

function bytesOf(item: NotebookOutputItem): Uint8Array {
  switch (item.encoding) {
    case "json":
      return Buffer.from(JSON.stringify(item.value));
    case "text":
      return Buffer.from(item.text);
    case "base64":
      return Buffer.from(item.text, "base64");
  }
}

function fileItem({ mime, data }: vscode.NotebookCellOutputItem): NotebookOutputItem {
  const encoding = encodingOf(mime);
  try {
    if (encoding === "text") return { mime, encoding, text: utf8(data) };
    if (encoding === "json") return { mime, encoding, value: JSON.parse(utf8(data)) as unknown };
  } catch {
    // Neither text nor JSON: its bytes are kept.
  }
  return { mime, encoding: "base64", text: Buffer.from(data).toString("base64") };
}

function utf8(bytes: Uint8Array): string {
  return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
}
