import * as vscode from "vscode";
import type {
  FinishedRun,
  FromPanel,
  ModelStatus,
  PanelAction,
  PanelReplies,
  PromptForm,
  ShownFailure,
  ToPanel,
} from "../../protocol/panel.js";
import { DexarError } from "../../core/errors.js";
import { actionButton } from "../errors/actionButton.js";
import { logError } from "../errors/showError.js";
import { shownFailure } from "../errors/shownFailure.js";
import type { PanelExport } from "../export/panelExport.js";
import { answerRequest, type PanelAnswers, type PanelRequest } from "../panel/answerRequest.js";
import { PageLink } from "../panel/pageLink.js";
import { defaultForm } from "../panel/panelForm.js";
import type { RunChanges } from "../runs/rerun.js";
import { questionOfRun } from "../runs/questionOfRun.js";
import type { ReadSettings } from "../settings/hostSettings.js";
import type { FileChange, RunDocument } from "./runDocument.js";
import type { RunFile } from "./readRunFile.js";

/** What a run file's page needs around it. */
export interface RunPageServices {
  readonly readSettings: ReadSettings;
  readonly modelStatus: () => ModelStatus;
  readonly log: Pick<vscode.LogOutputChannel, "warn" | "error">;
  /** The picture of a run as a page can show it. */
  readonly shownPicture: (file: RunFile) => Promise<FinishedRun["picture"]>;
  readonly alternative: (
    document: RunDocument,
    index: number,
    tokenId: number,
    signal: AbortSignal,
  ) => Promise<PanelReplies["alternative"]>;
  readonly exporter: (document: RunDocument) => PanelExport;
  /** Asks the run's question again, in a panel. */
  readonly rerun: (document: RunDocument, changes: RunChanges) => Promise<void>;
}

interface ShownFile {
  readonly finished: FinishedRun | null;
  readonly failure: ShownFailure | null;
}

/** One editor of a run file: the panel's page, with a run that does not change by itself and no request of its own. */
export class RunEditorSession implements vscode.Disposable {
  private readonly life = new AbortController();
  private readonly listener: vscode.Disposable;
  readonly page: PageLink;

  /** @param post sends to the page */
  constructor(
    private readonly document: RunDocument,
    private readonly services: RunPageServices,
    post: (message: ToPanel) => void,
  ) {
    this.page = new PageLink(post, services.readSettings);
    this.listener = document.onDidChangeFile((change) => void this.follow(change));
  }

  /** Handles a message of the page; never rejects. */
  async receive(message: FromPanel): Promise<void> {
    try {
      await this.handle(message);
    } catch (error) {
      logError(error, this.services.log);
      this.page.send({ kind: "failure", failure: shownFailure(error) });
    }
  }

  dispose(): void {
    this.page.gone();
    this.life.abort();
    this.listener.dispose();
  }

  private async handle(message: FromPanel): Promise<void> {
    switch (message.kind) {
      case "ready":
        return this.welcome();
      case "run":
        return this.rerun(message);
      case "continue":
        return this.goOn(message.maxNewTokens);
      case "action":
        return this.act(message.action);
      case "openModelMenu":
        return void (await vscode.commands.executeCommand("dexar.model.menu"));
      case "compare":
        return void (await vscode.commands.executeCommand(
          "dexar.compare.withPanel",
          { kind: "file", uri: this.document.uri.toString() },
          message.token,
        ));
      case "request":
        return this.reply(message);
      case "stop":
      case "revealSource":
      case "wordWins":
        // Nothing is at work here, and a run file names no file with its words.
        return;
    }
  }

  /** Sends all there is to a page that has just come. */
  private async welcome(): Promise<void> {
    await this.page.welcome(
      () => this.readShown(),
      (shown) => ({
        form: this.form(),
        model: this.services.modelStatus(),
        activity: { phase: "idle", elapsed: 0 },
        live: null,
        ...shown,
      }),
    );
  }

  /** The run in the file, read until the file has not changed while it was read. */
  private async readShown(): Promise<ShownFile> {
    for (;;) {
      const { changes } = this.document;
      const shown = await this.readOnce();
      if (changes === this.document.changes) return shown;
    }
  }

  private async readOnce(): Promise<ShownFile> {
    try {
      const file = await this.document.read();
      const picture = await this.services.shownPicture(file);
      return { finished: { runId: file.info.id, file: file.bytes, picture, name: null }, failure: null };
    } catch (error) {
      logError(error, this.services.log);
      return { finished: null, failure: this.fileFailure(error) };
    }
  }

  /** A failure of the file: what can be done about it here is to read it again. */
  private fileFailure(error: unknown): ShownFailure {
    return {
      ...shownFailure(error),
      actions: [
        { id: "runAgain", label: vscode.l10n.t("Read Again") },
        { id: "showLog", label: actionButton("showLog").label },
      ],
    };
  }

  /** The run's question; the settings' as long as there is no run. */
  private form(): PromptForm {
    const { info, name, uri } = this.document;
    const settings = this.services.readSettings();
    if (info === null) return { imageName: name, ...defaultForm(settings), source: null };
    const { prompt, target } = questionOfRun(info, uri, null);
    const { maxNewTokens } = info.generation;
    return { imageName: info.image.name, prompt, target, maxNewTokens, live: settings.live, source: null };
  }

  private async rerun({ form, settings }: Extract<FromPanel, { kind: "run" }>): Promise<void> {
    // Without a run there is only the file to try again.
    if (this.document.info === null) return this.welcome();
    await this.services.rerun(this.document, { form, settings });
  }

  /** In a panel, as this page shows its file alone. */
  private async goOn(maxNewTokens: number): Promise<void> {
    const { info, uri } = this.document;
    if (info === null) return this.welcome();
    const { live } = this.services.readSettings();
    const form = { prompt: info.prompt.text, target: null, maxNewTokens, live };
    if (uri.scheme !== "file") throw notLocal(this.document.name);
    await this.services.rerun(this.document, { form, settings: {}, continueFrom: uri.fsPath });
  }

  private async follow(change: FileChange): Promise<void> {
    if (!this.page.isOpen) return;
    if (change === "changed") {
      await this.receive({ kind: "ready" });
      this.page.send({ kind: "notice", text: vscode.l10n.t("The file changed on disk and was read again.") });
      return;
    }
    const failure = await this.document.read().then(
      () => null,
      (error: unknown) => this.fileFailure(error),
    );
    // What was read before stays in sight.
    this.page.send({ kind: "failure", failure });
  }

  private async act(action: PanelAction["id"]): Promise<void> {
    if (action === "runAgain") return this.welcome();
    await vscode.commands.executeCommand(actionButton(action).command);
  }

  private async reply(request: PanelRequest): Promise<void> {
    const { alternative, exporter, log } = this.services;
    const answers: PanelAnswers = {
      alternative: ({ index, tokenId }) => alternative(this.document, index, tokenId, this.life.signal),
      export: exporter(this.document),
    };
    this.page.send(await answerRequest(request, answers, log));
  }
}

function notLocal(name: string): DexarError {
  return new DexarError(
    "run-not-local",
    vscode.l10n.t("{0} is not a file on this machine, so its answer cannot be continued.", name),
    vscode.l10n.t("Save the run on this machine and open it from there."),
  );
}
