import * as l10n from "@vscode/l10n";
import type {
  FinishedRun,
  LiveRun,
  PanelCommand,
  PanelViewState,
  ToPanel,
} from "../../src/protocol/panel.js";
import { element } from "../components/element.js";
import { DEFAULT_PREFERENCES } from "./exportPicture.js";
import { drawHeader, type Header } from "./header/header.js";
import { keeper } from "./keeper.js";
import { obey } from "./obey.js";
import type { PanelHost } from "./panelHost.js";
import { nextModel, type PanelModel } from "./panelModel.js";
import { drawCompareButton } from "./compareButton.js";
import { drawExportMenu, exportRun, type ExportKind } from "./runExports.js";
import { reportWordWins } from "./reportWordWins.js";
import { RunStage } from "./runStage.js";
import { sayReady } from "./sayReady.js";
import { showWord } from "./showWord.js";
import { describeFailure, drawFailure } from "./states/failure.js";
import { drawPlaceholder } from "./states/placeholder.js";
import { changedSettings } from "./viewState.js";

/** The panel in the editor: follows what the extension says, and shows it. */
export class PanelApp {
  private model: PanelModel | null = null;
  private header: Header | null = null;
  private readonly banner = element("div.banner");
  private readonly notice = element("p.notice", { attributes: { role: "status" } });
  private readonly body = element("div.body");
  private readonly kept: PanelViewState | null;
  private readonly keeper = keeper(() => this.save());
  private readonly stage: RunStage;
  /** Called at the first snapshot: the extension knows that the page is there. */
  private readonly answered: () => void;
  private asked = false;
  private wantedWord: number | null = null;
  private drawnFailure: PanelModel["failure"] = null;

  constructor(
    private readonly host: PanelHost,
    private readonly root: HTMLElement,
  ) {
    this.kept = host.loadState();
    this.stage = new RunStage(this.kept, {
      open: (parts) => this.openRun(parts),
      change: () => this.keeper.changed(),
      ask: host.can.run
        ? (index, tokenId) => host.request("alternative", { runId: this.stage.runId ?? "", index, tokenId })
        : null,
    });
    host.listen((message) => this.receive(message));
    this.answered = sayReady(() => host.send({ kind: "ready" }));
  }

  private openRun(parts: readonly Node[]): void {
    this.body.replaceChildren(...parts);
    const { host, stage } = this;
    if (!host.can.run || !stage.view) return;
    const { store } = stage.view;
    // A run that gave way to another one has nothing more to tell.
    const shownId = (): string | null => (stage.view?.store === store ? stage.runId : null);
    reportWordWins(store, shownId, (wins) => host.send({ kind: "wordWins", wins }));
  }

  private receive(message: ToPanel): void {
    switch (message.kind) {
      case "init":
        if (message.strings) l10n.config({ contents: { ...message.strings } });
        this.stage.preferences = message.preferences;
        return;
      case "reply":
        return; // the host has handed it to whoever asked
      case "command":
        return this.command(message.command);
      case "notice":
        return this.say(message.text);
      case "word":
        this.wantedWord = message.position;
        return this.ask();
      default:
        this.model = nextModel(this.model, message);
        if (message.kind === "snapshot") this.drawFrame(message);
        if (message.kind === "form") this.header?.form.setForm(message.form);
        this.ask();
    }
  }

  /** Draws what stays: header and rooms. A snapshot after the first one brings its own form. */
  private drawFrame(model: PanelModel): void {
    this.answered();
    const draft = this.header ? null : (this.kept?.draft ?? null);
    const menu = drawExportMenu(this.host, (kind) => void this.export(kind));
    const compare = drawCompareButton(
      this.host,
      () => this.stage.view?.store ?? null,
      () => this.say(l10n.t("There is nothing to compare yet.")),
    );
    this.header = drawHeader(model, draft, [...(compare ? [compare] : []), menu], {
      run: (form) => {
        const settings = this.stage.view ? changedSettings(this.stage.view.store) : {};
        this.host.send({ kind: "run", form, settings });
      },
      stop: () => this.host.send({ kind: "stop" }),
      goOn: (maxNewTokens) => this.host.send({ kind: "continue", maxNewTokens }),
      change: () => this.keeper.changed(),
      revealSource: () => this.host.send({ kind: "revealSource" }),
      openModelMenu: () => this.host.send({ kind: "openModelMenu" }),
    });
    this.root.replaceChildren(
      element("main.report", {}, this.header.root, this.banner, this.notice, this.body),
    );
  }

  /** Shows the present model in the next frame: many tokens may arrive in one. */
  private ask(): void {
    if (this.asked) return;
    this.asked = true;
    requestAnimationFrame(() => {
      this.asked = false;
      this.draw();
      this.stage.show(this.model?.finished ?? this.model?.live ?? null).then(
        () => {
          this.draw();
          this.pointAtWord();
        },
        (error: unknown) => this.showFailure({ error: describeFailure(error), actions: [] }),
      );
    });
  }

  /** Shows the word that the editor asked for, as soon as there is a run to show it in. */
  private pointAtWord(): void {
    const { view } = this.stage;
    if (this.wantedWord === null || !view) return;
    showWord(view.store, this.body, this.wantedWord);
    this.wantedWord = null;
  }

  private draw(): void {
    const { model, stage } = this;
    if (model === null) return;
    this.header?.update(model, stage.view?.store.data.info ?? null);
    this.showFailure(model.failure);
    if (!stage.view && !shownRun(model)) this.body.replaceChildren(drawPlaceholder(model));
  }

  private showFailure(failure: PanelModel["failure"]): void {
    if (failure === this.drawnFailure) return;
    this.drawnFailure = failure;
    const drawn = failure && drawFailure(failure, (action) => this.host.send({ kind: "action", action }));
    this.banner.replaceChildren(...(drawn ? [drawn] : []));
  }

  private command(command: PanelCommand): void {
    switch (command) {
      case "focusPrompt":
        return this.header?.form.focus();
      case "exportPng":
        return void this.export("png");
      case "exportSvg":
        return void this.export("svg");
      case "exportJson":
        return void this.export("json");
      case "exportRun":
        return void this.export("run");
      case "exportHtml":
        return void this.export("html");
      case "copyPicture":
        return void this.export("copy");
      default:
        if (this.stage.view) obey(this.stage.view.store, command);
    }
  }

  private async export(kind: ExportKind): Promise<void> {
    const { view, runId } = this.stage;
    if (!view || runId === null) return this.say(l10n.t("There is nothing to export yet."));
    try {
      const paper = this.stage.preferences?.paper ?? DEFAULT_PREFERENCES;
      this.say((await exportRun(this.host, { runId, ...view, paper }, kind)) ?? "");
    } catch (error) {
      const { message, nextStep } = describeFailure(error);
      this.say(`${message} ${nextStep}`);
    }
  }

  private say(text: string): void {
    this.notice.textContent = text;
  }

  private save(): void {
    const { model, header, stage } = this;
    if (!model || !header) return;
    const { draft } = header.form;
    const typed = (Object.keys(draft) as (keyof typeof draft)[]).some(
      (name) => draft[name] !== model.form[name],
    );
    this.host.saveState({ version: 1, runId: stage.runId, draft: typed ? draft : null, page: stage.keep() });
  }
}

function shownRun({ finished, live }: PanelModel): FinishedRun | LiveRun | null {
  return finished ?? live;
}
