import * as vscode from "vscode";
import { DexarError } from "../../core/errors.js";
import { answerSummary } from "../../core/run/answerSummary.js";
import { readDigest } from "../../core/run/runDigest.js";
import type { FromGrid, GridFile, ToGrid } from "../../protocol/grid.js";
import type { PanelAction, ShownFailure } from "../../protocol/panel.js";
import { actionButton } from "../errors/actionButton.js";
import { logError } from "../errors/showError.js";
import { shownFailure } from "../errors/shownFailure.js";
import { SourceLink } from "../panel/sourceLink.js";
import { valuesOf } from "../prompts/asksTheSame.js";
import { showSource } from "../prompts/showSource.js";
import { runMissing } from "../runs/runMissing.js";
import type { KnownModels, Panels, Question } from "../services.js";
import { GridRuns, type GridItem, type GridServices } from "./gridRuns.js";
import { readGridQuestions } from "./readGridQuestions.js";

/** What the results of a file and their page need around them. */
export interface GridSessionServices extends GridServices {
  readonly models: Pick<KnownModels, "resolve">;
  readonly panels: Pick<Panels, "openRun">;
}

/** What a session asks of its panel. */
export interface GridPlace {
  /** The page knows its panel by it after a reload. */
  readonly key: string;
  readonly post: (message: ToGrid) => void;
  /** Called when what is remembered changed. */
  readonly changed: () => void;
  readonly column: () => vscode.ViewColumn | undefined;
}

/** The results of one prompt file's pictures and the page that shows them. The page may come and go. */
export class GridSession implements vscode.Disposable {
  readonly runs: GridRuns;
  private link: SourceLink | null = null;
  private failure: ShownFailure | null = null;
  private open = false;
  /** Counts snapshots: what was read for an earlier one is not sent any more. */
  private visit = 0;
  /** Counts readings of the file: only the last one counts. */
  private reading = 0;

  constructor(
    private readonly services: GridSessionServices,
    private file: vscode.Uri,
    private readonly place: GridPlace,
  ) {
    this.runs = new GridRuns(
      services,
      (message) => this.send(message),
      (index) => this.settled(index),
    );
  }

  /** The prompt file; follows it when it is renamed. */
  get uri(): vscode.Uri {
    return this.link?.source.uri ?? this.file;
  }

  /** Shows pictures with what is known of them; nothing is asked. */
  fill(items: readonly GridItem[]): void {
    this.runs.replace(items);
    const [first] = items;
    if (first) this.tie(first.question);
    this.snapshot();
    this.place.changed();
  }

  /** Reads the file as it is now and asks about all its pictures; one that cannot be asked leaves what there was. */
  async runAll(): Promise<void> {
    const reading = ++this.reading;
    try {
      const questions = await readGridQuestions(this.uri, this.services.models);
      if (reading !== this.reading) return;
      this.failure = null;
      this.fill(questions.map((question) => ({ question, state: { kind: "stopped" } })));
      this.runs.ask(questions.map((_, index) => index));
    } catch (error) {
      if (reading === this.reading) this.fail(error);
    }
  }

  /** Handles a message of the page; never rejects. */
  async receive(message: FromGrid): Promise<void> {
    try {
      await this.handle(message);
    } catch (error) {
      this.fail(error);
    }
  }

  /** The page was taken away; it asks anew when it is back. */
  pageGone(): void {
    this.visit += 1;
    this.open = false;
  }

  dispose(): void {
    this.pageGone();
    this.reading += 1;
    this.runs.dispose();
    this.link?.dispose();
  }

  private async handle(message: FromGrid): Promise<void> {
    switch (message.kind) {
      case "ready":
        return this.welcome();
      case "runAll":
        return this.runAll();
      case "runAgain":
        return this.runs.ask([message.index]);
      case "stop":
        return this.runs.stop();
      case "open":
        return this.openRun(message.index);
      case "revealSource":
        return showSource(this.uri, { whole: true, span: [0, 0] }, this.place.column());
      case "action":
        return this.act(message.action);
    }
  }

  private async act(action: PanelAction["id"]): Promise<void> {
    if (action === "runAgain") return this.runAll();
    await vscode.commands.executeCommand(actionButton(action).command);
  }

  private async openRun(index: number): Promise<void> {
    const state = this.runs.items[index]?.state;
    if (state?.kind !== "done") return;
    try {
      await this.services.panels.openRun(state.runId, this.place.column());
    } catch (error) {
      this.runs.fail(index, error);
    }
  }

  private welcome(): void {
    const { colourMap, opacity, smooth } = this.services.readSettings();
    this.place.post({
      kind: "init",
      strings: (vscode.l10n.bundle as Record<string, string> | undefined) ?? null,
      preferences: { colourMap, opacity, smooth },
      key: this.place.key,
    });
    this.open = true;
    this.snapshot();
  }

  /** Sends all there is, and what finished runs look like one after the other: each is read from its file. */
  private snapshot(): void {
    const visit = ++this.visit;
    this.send({ kind: "snapshot", file: this.shownFile, cards: this.runs.cards, failure: this.failure });
    void (async () => {
      for (const index of this.runs.items.keys()) {
        if (visit !== this.visit || !this.open) return;
        await this.sendResult(index);
      }
    })();
  }

  private settled(index: number): void {
    this.place.changed();
    void this.sendResult(index);
  }

  private async sendResult(index: number): Promise<void> {
    const state = this.runs.items[index]?.state;
    if (!this.open || state?.kind !== "done") return;
    const { runId } = state;
    const { visit } = this;
    const isCurrent = (): boolean => {
      const now = this.runs.items[index]?.state;
      return visit === this.visit && now?.kind === "done" && now.runId === runId;
    };
    try {
      const digest = readDigest(await this.services.runs.readDigest(runId));
      if (isCurrent()) this.send({ kind: "result", index, result: { runId, ...answerSummary(digest) } });
    } catch (error) {
      if (isCurrent()) this.runs.fail(index, error instanceof DexarError ? error : runMissing(error));
    }
  }

  private get shownFile(): GridFile {
    const question = this.runs.items[0]?.question;
    const label = this.link?.label ?? { label: vscode.workspace.asRelativePath(this.uri), edited: false };
    return { ...label, prompt: question?.prompt ?? "", target: question?.target ?? null };
  }

  private tie(question: Question): void {
    if (!question.source) return;
    const start = { source: question.source, asked: valuesOf(question), exact: true };
    if (this.link) return this.link.readAnew(start);
    this.link = new SourceLink(start, {
      changed: () => {
        this.file = this.uri;
        this.send({ kind: "file", file: this.shownFile });
        this.place.changed();
      },
      saved: () => undefined,
    });
  }

  private fail(error: unknown): void {
    logError(error, this.services.log);
    this.failure = shownFailure(error);
    this.send({ kind: "failure", failure: this.failure });
  }

  private send(message: ToGrid): void {
    if (this.open) this.place.post(message);
  }
}
