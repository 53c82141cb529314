import { readFile } from "node:fs/promises";
import type * as vscode from "vscode";
import type { AttributionSettings } from "../../core/attribution/settings.js";
import { isCancelled } from "../../core/serializedError.js";
import type { ModelProcessEvent } from "../../protocol/modelProcess.js";
import type { Activity, LiveRun, ShownFailure, ToPanel } from "../../protocol/panel.js";
import { logError } from "../errors/showError.js";
import { questionTask } from "../explain/questionTask.js";
import { shownFailure } from "../errors/shownFailure.js";
import type { AskedValues } from "../prompts/asksTheSame.js";
import { typedPicture } from "../runs/typedPicture.js";
import type { StoredRuns } from "../runs/storedRuns.js";
import type { ExplainListener, ExplainService, RunEntry } from "../services.js";
import type { ReadSettings } from "../settings/hostSettings.js";
import type { AskedQuestion } from "./askedQuestion.js";
import { LiveRunLog } from "./liveRunLog.js";
import type { AskedForm } from "./panelForm.js";

/** What panels work with. */
export interface PanelServices {
  readonly explain: ExplainService;
  readonly runs: StoredRuns;
  readonly readSettings: ReadSettings;
  readonly log: Pick<vscode.LogOutputChannel, "warn" | "error">;
}

/** What a panel starts with: a picture to ask about, a finished run, or both. */
export interface PanelStart {
  readonly image: vscode.Uri;
  readonly form: AskedForm;
  /** What else is asked, and where it stands; null: as in the settings, typed in the panel. */
  readonly asked: AskedQuestion | null;
  /** What the run that is shown asked; absent: it is shown as `asked` says, or there is none yet. */
  readonly ran?: AskedValues;
  readonly runId: string | null;
  readonly failure: ShownFailure | null;
}

/** A panel's runs: the one it shows, and the one that is being made. Knows nothing of the page. */
export class PanelRun {
  image: vscode.Uri;
  form: AskedForm;
  asked: AskedQuestion | null;
  failure: ShownFailure | null;
  /** The last finished run; shown unless one is being made. */
  runId: string | null;
  private live: LiveRunLog | null = null;
  private phase: Activity["phase"] = "idle";
  private startedAt = 0;
  private request: AbortController | null = null;
  /** What the page changed of the settings. */
  private attribution: Partial<AttributionSettings> = {};
  /** Events are taken in one after the other: reading the picture takes a moment. */
  private events: Promise<void> = Promise.resolve();

  /**
   * @param tell what the page has to hear
   * @param on `changed`: image, form, run or whether it is running changed; `reset`: what was told no longer holds
   */
  constructor(
    private readonly services: PanelServices,
    start: PanelStart,
    private readonly tell: (message: ToPanel) => void,
    private readonly on: { readonly changed: () => void; readonly reset: () => void },
  ) {
    this.image = start.image;
    this.form = start.form;
    this.asked = start.asked;
    this.runId = start.runId;
    this.failure = start.failure;
  }

  get running(): boolean {
    return this.request !== null;
  }

  get activity(): Activity {
    return { phase: this.phase, elapsed: this.phase === "idle" ? 0 : Date.now() - this.startedAt };
  }

  get liveRun(): LiveRun | null {
    return this.live?.run() ?? null;
  }

  /** The run to show from its file; null while one is being made. */
  get shownRunId(): string | null {
    return this.live === null ? this.runId : null;
  }

  /**
   * Explains; what was at work is given up.
   * @param asked what is asked beyond the form, from now on @param once what is asked otherwise this time only
   */
  async ask(
    form: AskedForm,
    attribution = this.attribution,
    asked: AskedQuestion | null = this.asked,
    once: Partial<AskedQuestion> = {},
  ): Promise<void> {
    this.request?.abort();
    const request = (this.request = new AbortController());
    this.form = form;
    this.attribution = attribution;
    this.asked = asked;
    this.startedAt = Date.now();
    this.setFailure(null);
    this.setPhase("starting");
    this.on.changed();
    try {
      const settings = { ...asked?.attribution, ...once.attribution, ...attribution };
      const question = { ...asked, image: this.image, ...form, ...once, attribution: settings };
      const task = questionTask(question, this.services.readSettings());
      const entry = await this.services.explain.explain(task, this.listener(request), request.signal);
      await this.events;
      if (this.request === request) await this.finish(entry);
    } catch (error) {
      await this.events;
      if (this.request === request) this.fail(error);
    } finally {
      if (this.request === request) {
        this.request = null;
        this.setPhase("idle");
        this.on.changed();
      }
    }
  }

  /** Ends the request after the present step; what is finished is kept. */
  stop(): void {
    if (this.request === null || this.request.signal.aborted) return;
    this.setPhase("stopping");
    this.request.abort();
  }

  /** Gives the request up without telling anybody: the panel is gone. */
  abandon(): void {
    const { request } = this;
    this.request = null;
    request?.abort();
  }

  setFailure(failure: ShownFailure | null): void {
    if (this.failure === null && failure === null) return;
    this.failure = failure;
    this.tell({ kind: "failure", failure });
  }

  private listener(request: AbortController): ExplainListener {
    return {
      onPhase: (phase) => {
        if (this.request === request && !request.signal.aborted) this.setPhase(phase);
      },
      onEvent: (event) => {
        this.events = this.events
          .then(() => (this.request === request ? this.take(event, request) : undefined))
          .catch((error: unknown) => logError(error, this.services.log));
      },
    };
  }

  private async take(event: ModelProcessEvent, request: AbortController): Promise<void> {
    switch (event.kind) {
      case "prepared": {
        const picture = typedPicture(await readFile(event.picturePath));
        if (this.request !== request) return; // another question came meanwhile
        this.live = new LiveRunLog(event, picture);
        this.tell({ kind: "live", live: this.live.run() });
        return;
      }
      case "token":
      case "explained":
        this.live?.add(event);
        this.tell(event);
        return;
      case "stage":
        return;
    }
  }

  private async finish(entry: RunEntry): Promise<void> {
    this.runId = entry.id;
    const finished = await this.services.runs.read(entry.id);
    this.live = null;
    this.tell({ kind: "finished", finished });
  }

  private fail(error: unknown): void {
    if (!isCancelled(error)) logError(error, this.services.log);
    this.setFailure(shownFailure(error));
    if (this.live?.isEmpty !== true) return;
    // What was begun and came to nothing gives way to the run before it.
    this.live = null;
    this.on.reset();
  }

  private setPhase(phase: Activity["phase"]): void {
    this.phase = phase;
    this.tell({ kind: "activity", activity: this.activity });
  }
}
