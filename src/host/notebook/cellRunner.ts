import path from "node:path";
import * as vscode from "vscode";
import { DexarError } from "../../core/errors.js";
import { isCancelled } from "../../core/serializedError.js";
import { logError, type FailureLog } from "../errors/showError.js";
import { questionTask } from "../explain/questionTask.js";
import { baseFolder } from "../prompts/promptDocument.js";
import { promptQuestions } from "../prompts/promptQuestions.js";
import type { ExplainService, KnownModels, PromptTints, Question, RunEntry, RunStore } from "../services.js";
import type { ReadSettings } from "../settings/hostSettings.js";
import { errorItem } from "./errorItem.js";
import { LiveOutput } from "./liveOutput.js";
import { notebookDefaults } from "./notebookDefaults.js";
import { outputItems } from "./outputItems.js";

/** What running a cell needs. */
export interface CellRunnerServices {
  readonly explain: Pick<ExplainService, "explain">;
  readonly runs: Pick<RunStore, "readDigest">;
  readonly models: Pick<KnownModels, "resolve">;
  readonly promptTint: Pick<PromptTints, "showAnswer">;
  readonly readSettings: ReadSettings;
  readonly log: FailureLog;
}

/** The part of a cell's execution that its run uses. */
export type RunningCell = Pick<
  vscode.NotebookCellExecution,
  "cell" | "clearOutput" | "appendOutput" | "replaceOutputItems"
>;

/** Runs prompt cells: an output for each picture. Keeps nothing: what comes out is in the notebook and in the runs. */
export class CellRunner {
  constructor(private readonly services: CellRunnerServices) {}

  /**
   * Asks a cell's question about each of its pictures, one after the other; what fails says so in its output and
   * does not stop the others.
   * @returns whether everything was answered to its end; null for a cell without words
   */
  async run(execution: RunningCell, signal: AbortSignal): Promise<boolean | null> {
    await execution.clearOutput();
    if (execution.cell.document.getText().trim() === "") return null;
    try {
      const questions = await this.questions(execution.cell);
      const answered: boolean[] = [];
      for (const question of questions) {
        if (signal.aborted) return false;
        answered.push(await this.answer(question, execution, signal));
      }
      return !answered.includes(false);
    } catch (error) {
      this.log(error);
      await execution.appendOutput(new vscode.NotebookCellOutput([errorItem(error)]));
      return false;
    }
  }

  private async questions({ document, notebook }: vscode.NotebookCell): Promise<readonly Question[]> {
    const { questions } = await promptQuestions(document.getText(), {
      source: { uri: document.uri, version: document.version },
      base: baseFolder(notebook.uri),
      models: this.services.models,
      defaults: notebookDefaults(notebook),
    });
    if (questions.length === 0) throw noPicture();
    return questions;
  }

  private async answer(question: Question, execution: RunningCell, signal: AbortSignal): Promise<boolean> {
    const picture = path.posix.basename(question.image.path);
    const live = new LiveOutput(execution, picture);
    await execution.appendOutput(live.output);
    try {
      const entry = await this.explain(question, live, signal);
      const digest = await this.services.runs.readDigest(entry.id);
      await live.finish(await outputItems(digest, entry.id));
      this.tint(entry);
      return !entry.saved.info.partial;
    } catch (error) {
      const stopped = isCancelled(error) || signal.aborted;
      if (!stopped) this.log(error);
      await live.finish([
        stopped
          ? vscode.NotebookCellOutputItem.text(
              vscode.l10n.t("{0} · Stopped before a token was finished.", picture),
            )
          : errorItem(error),
      ]);
      return false;
    }
  }

  private explain(question: Question, live: LiveOutput, signal: AbortSignal): Promise<RunEntry> {
    const { explain, readSettings } = this.services;
    return explain.explain({ ...questionTask(question, readSettings()), withFigure: true }, live, signal);
  }

  /** The words of the cell, by this answer; of several pictures the last one's. */
  private tint(entry: RunEntry): void {
    const owner = `cell ${entry.source?.uri.toString()}`;
    this.services.promptTint.showAnswer(owner, entry).catch((error: unknown) => this.log(error));
  }

  /** Notes what went wrong in the log of the extension. */
  log(error: unknown): void {
    logError(error, this.services.log);
  }
}

function noPicture(): DexarError {
  return new DexarError(
    "no-picture",
    vscode.l10n.t("This cell names no picture, and neither does the notebook."),
    vscode.l10n.t(
      "Choose one for the whole notebook with “Set Notebook Picture…” in its toolbar, or begin the cell with a line “---”, a line “image: picture.png” and another line “---”.",
    ),
  );
}
