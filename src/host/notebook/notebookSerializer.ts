import type * as vscode from "vscode";
import { DexarError } from "../../core/errors.js";
import { formatNotebook } from "../../core/notebook/formatNotebook.js";
import { damagedNotebook } from "../../core/notebook/notebookErrors.js";
import { parseNotebook } from "../../core/notebook/parseNotebook.js";
import { toEditorNotebook, toFileNotebook } from "./notebookData.js";

/** Reads and writes notebook files; it keeps nothing. The editor itself writes the file. */
export class NotebookSerializer implements vscode.NotebookSerializer {
  /** @param savesOutputs whether results belong into the file, asked at each save */
  constructor(private readonly savesOutputs: () => boolean) {}

  /** @throws DexarError as `parseNotebook`, in words that say what to do: the editor shows nothing else */
  deserializeNotebook(content: Uint8Array): vscode.NotebookData {
    try {
      return toEditorNotebook(parseNotebook(decode(content)));
    } catch (error) {
      if (!(error instanceof DexarError)) throw error;
      const { code, message, nextStep } = error;
      throw new DexarError(code, `${message} ${nextStep}`, nextStep, { cause: error });
    }
  }

  serializeNotebook(data: vscode.NotebookData): Uint8Array {
    return new TextEncoder().encode(formatNotebook(toFileNotebook(data, this.savesOutputs())));
  }
}

/** Bytes that are no text would come back as something else when the notebook is saved. */
function decode(content: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(content);
  } catch {
    throw damagedNotebook("it is not UTF-8 text");
  }
}
