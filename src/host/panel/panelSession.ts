import path from "node:path";
import * as vscode from "vscode";
import type {
  FinishedRun,
  FromPanel,
  ModelStatus,
  PanelAction,
  PanelCommand,
  PromptForm,
  ToPanel,
  WordWinsReport,
} from "../../protocol/panel.js";
import { IMAGE_EXTENSIONS } from "../commands/imageTypes.js";
import { actionButton } from "../errors/actionButton.js";
import { logError } from "../errors/showError.js";
import { shownFailure } from "../errors/shownFailure.js";
import type { PanelExport } from "../export/panelExport.js";
import { answerRequest, type PanelAnswers, type PanelRequest } from "./answerRequest.js";
import { tintedRun } from "../promptTint/tintedRun.js";
import type { PromptTints } from "../services.js";
import { PageLink } from "./pageLink.js";
import { PanelQuestions, type QuestionServices } from "./panelQuestions.js";
import { PanelRun, type PanelServices, type PanelStart } from "./panelRun.js";

/** What a panel's page and its runs need around them. */
export interface SessionServices extends PanelServices, QuestionServices {
  readonly modelStatus: () => ModelStatus;
  readonly exporter: PanelExport;
  readonly promptTint: Pick<PromptTints, "show" | "clear">;
}

/** One panel: keeps its page in step with its run, and does what the page asks. The page may come and go. */
export class PanelSession implements vscode.Disposable {
  readonly run: PanelRun;
  readonly questions: PanelQuestions;
  private readonly life = new AbortController();
  readonly page: PageLink;
  private word: number | null = null;
  private wanted: PanelCommand | null = null;

  /**
   * @param post sends to the page
   * @param changed called when what is remembered of the panel changed
   * @param column where the panel is
   */
  constructor(
    private readonly services: SessionServices,
    start: PanelStart,
    post: (message: ToPanel) => void,
    private readonly changed: () => void,
    private readonly column: () => vscode.ViewColumn | undefined,
  ) {
    this.page = new PageLink(post, services.readSettings);
    this.run = new PanelRun(services, start, (message) => this.page.send(message), {
      changed,
      reset: () => this.reset(),
    });
    this.questions = new PanelQuestions(this.run, start, services, {
      form: () => this.page.send({ kind: "form", form: this.form }),
      source: () => {
        this.page.send({ kind: "source", source: this.questions.label });
        this.changed();
      },
      failed: (error) => this.fail(error),
    });
  }

  /** Base name of the picture. */
  get imageName(): string {
    return path.posix.basename(this.run.image.path);
  }

  /** Handles a message of the page; never rejects. */
  async receive(message: FromPanel): Promise<void> {
    try {
      await this.handle(message);
    } catch (error) {
      this.fail(error);
    }
  }

  /** Hands a command of the editor to the page, now or as soon as it is there. */
  commandWhenOpen(command: PanelCommand): void {
    if (!this.page.command(command)) this.wanted = command;
  }

  /** Points at a word of the prompt, as soon as the page is there. */
  showWord(position: number): void {
    this.word = position;
    this.sendWord();
  }

  dispose(): void {
    this.page.gone();
    this.services.promptTint.clear(this);
    this.life.abort();
    this.questions.dispose();
    this.run.abandon();
  }

  private get form(): PromptForm {
    return { imageName: this.imageName, ...this.run.form, source: this.questions.label };
  }

  private fail(error: unknown): void {
    logError(error, this.services.log);
    this.run.setFailure(shownFailure(error));
  }

  private async handle(message: FromPanel): Promise<void> {
    switch (message.kind) {
      case "ready":
        return this.welcome();
      case "run":
        return this.questions.askAgain(message.form, message.settings);
      case "continue":
        return this.questions.goOn(message.maxNewTokens);
      case "stop":
        return this.run.stop();
      case "action":
        return this.act(message.action);
      case "openModelMenu":
        return void (await vscode.commands.executeCommand("dexar.model.menu"));
      case "compare":
        return void (await vscode.commands.executeCommand(
          "dexar.compare.withPanel",
          this.run.shownRunId && { kind: "run", id: this.run.shownRunId },
          message.token,
        ));
      case "wordWins":
        return this.tint(message.wins);
      case "revealSource":
        return this.questions.reveal(this.column());
      case "request":
        return this.reply(message);
    }
  }

  /** Sends all there is to a page that has just come. */
  private async welcome(): Promise<void> {
    const isThere = await this.page.welcome(
      () => this.readShown(),
      (finished) => ({
        form: this.form,
        model: this.services.modelStatus(),
        activity: this.run.activity,
        live: this.run.liveRun,
        finished,
        failure: this.run.failure,
      }),
    );
    if (!isThere) return;
    this.sendWord();
    if (this.wanted !== null) this.page.command(this.wanted);
    this.wanted = null;
  }

  /** The page shows what is no longer so: it gets everything anew. */
  private reset(): void {
    if (this.page.isOpen) void this.receive({ kind: "ready" });
  }

  /** The run to show, read until it is the one that is to be shown when it has been read. */
  private async readShown(): Promise<FinishedRun | null> {
    for (;;) {
      const id = this.run.shownRunId;
      const finished = id === null ? null : await this.read(id);
      if (id === this.run.shownRunId) return finished;
    }
  }

  private async read(id: string): Promise<FinishedRun | null> {
    try {
      return await this.services.runs.read(id);
    } catch (error) {
      if (this.run.runId === id) this.run.runId = null;
      this.run.failure ??= shownFailure(error);
      return null;
    }
  }

  private async act(action: PanelAction["id"]): Promise<void> {
    switch (action) {
      case "runAgain":
        return this.questions.askAgain(this.run.form);
      case "chooseImage":
        return this.chooseImage();
      case "openSettings":
      case "showLog":
      case "chooseModel":
      case "restartModel":
      case "manageTrust":
      case "inspectModel":
        await vscode.commands.executeCommand(actionButton(action).command);
    }
  }

  private async chooseImage(): Promise<void> {
    const { image } = this.run;
    const [chosen] =
      (await vscode.window.showOpenDialog({
        title: vscode.l10n.t("Choose a Picture to Explain"),
        filters: { [vscode.l10n.t("Pictures")]: [...IMAGE_EXTENSIONS] },
        ...(image.scheme === "file" ? { defaultUri: vscode.Uri.joinPath(image, "..") } : {}),
      })) ?? [];
    if (!chosen) return;
    this.run.image = chosen;
    this.reset();
    await this.questions.askAgain(this.run.form);
  }

  private tint(wins: WordWinsReport): void {
    const { promptTint, runs } = this.services;
    const run = tintedRun(wins.runId, this.run, this.questions.source, runs);
    if (run) promptTint.show(this, run, wins);
    else promptTint.clear(this);
  }

  private sendWord(): void {
    if (!this.page.isOpen || this.word === null) return;
    this.page.send({ kind: "word", position: this.word });
    this.word = null;
  }

  private async reply(request: PanelRequest): Promise<void> {
    const { explain, exporter, log } = this.services;
    const answers: PanelAnswers = {
      alternative: ({ runId, index, tokenId }) =>
        explain.alternative(runId, index, tokenId, this.life.signal),
      export: exporter,
    };
    this.page.send(await answerRequest(request, answers, log));
  }
}
