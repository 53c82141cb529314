import path from "node:path";
import * as vscode from "vscode";
import { isCancelled } from "../../core/serializedError.js";
import type { ModelProcessEvent } from "../../protocol/modelProcess.js";
import type { GridCard, GridState, ToGrid } from "../../protocol/grid.js";
import type { ShownFailure } from "../../protocol/panel.js";
import { logError } from "../errors/showError.js";
import { shortPaths } from "../errors/shortPaths.js";
import { shownFailure } from "../errors/shownFailure.js";
import { questionTask } from "../explain/questionTask.js";
import type { StoredRuns } from "../runs/storedRuns.js";
import type { ExplainListener, ExplainService, Question } from "../services.js";
import type { ReadSettings } from "../settings/hostSettings.js";

/** What asking about pictures needs. */
export interface GridServices {
  readonly explain: ExplainService;
  readonly runs: StoredRuns;
  readonly readSettings: ReadSettings;
  readonly log: Pick<vscode.LogOutputChannel, "warn" | "error">;
}

/** One picture and how far it is. */
export interface GridItem {
  readonly question: Question;
  readonly state: GridState;
}

/** The runs of a file's pictures, one after the other; what fails is kept with its picture, the others go on. */
export class GridRuns implements vscode.Disposable {
  private list: GridItem[] = [];
  private waiting: number[] = [];
  private request: AbortController | null = null;
  /** Keys by which the store keeps what is shown here from being deleted to make room. */
  private keys: object[] = [];

  /** @param tell what the page has to hear @param changed the outcome of a picture changed */
  constructor(
    private readonly services: GridServices,
    private readonly tell: (message: ToGrid) => void,
    private readonly changed: (index: number) => void,
  ) {}

  get items(): readonly GridItem[] {
    return this.list;
  }

  get cards(): GridCard[] {
    return this.list.map(({ question: { image }, state }) => ({
      name: path.posix.basename(image.path),
      place: vscode.workspace.asRelativePath(image),
      state,
    }));
  }

  /** Takes other pictures in place of those there were; nothing is asked yet. */
  replace(items: readonly GridItem[]): void {
    this.dispose();
    this.list = [...items];
    this.keys = items.map(() => ({}));
    this.list.forEach((_, index) => this.keep(index));
  }

  /** Asks about pictures, after those that wait already. */
  ask(indices: readonly number[]): void {
    for (const index of indices) {
      const kind = this.list[index]?.state.kind;
      if (kind === undefined || kind === "waiting" || kind === "running") continue;
      this.waiting.push(index);
      this.set(index, { kind: "waiting" });
    }
    if (this.request === null) void this.work();
  }

  /** Stops the picture at work after its present step, and all that wait. */
  stop(): void {
    for (const index of this.waiting.splice(0)) this.set(index, { kind: "stopped" });
    const running = this.list.findIndex(({ state }) => state.kind === "running");
    const state = this.list[running]?.state;
    if (state?.kind === "running") this.set(running, { ...state, phase: "stopping" });
    this.request?.abort();
  }

  fail(index: number, error: unknown): void {
    logError(error, this.services.log);
    this.set(index, { kind: "failed", failure: pictureFailure(error) });
  }

  /** Gives up what is at work without telling anybody. */
  dispose(): void {
    this.waiting = [];
    this.request?.abort();
    this.request = null;
    for (const key of this.keys) this.services.runs.setShown(key, null);
  }

  private async work(): Promise<void> {
    for (;;) {
      const index = this.waiting.shift();
      const item = index === undefined ? undefined : this.list[index];
      if (index === undefined || !item) break;
      const request = (this.request = new AbortController());
      await this.explain(index, item.question, request);
      if (this.request !== request) return; // other pictures took the place of these
    }
    this.request = null;
  }

  private async explain(index: number, question: Question, request: AbortController): Promise<void> {
    const { explain, readSettings } = this.services;
    const isCurrent = (): boolean => this.request === request;
    try {
      const task = questionTask(question, readSettings());
      const { maxNewTokens } = task.request;
      this.set(index, { kind: "running", phase: "starting", tokens: [], maxNewTokens });
      const entry = await explain.explain(task, this.listener(index, request), request.signal);
      if (isCurrent()) this.set(index, { kind: "done", runId: entry.id, partial: entry.saved.info.partial });
    } catch (error) {
      if (!isCurrent()) return;
      if (isCancelled(error)) this.set(index, { kind: "stopped" });
      else this.fail(index, error);
    }
  }

  private listener(index: number, request: AbortController): ExplainListener {
    const running = (): Extract<GridState, { kind: "running" }> | null => {
      const state = this.list[index]?.state;
      return this.request === request && state?.kind === "running" ? state : null;
    };
    return {
      onPhase: (phase) => {
        const state = running();
        if (state && !request.signal.aborted) this.set(index, { ...state, phase });
      },
      onEvent: (event) => {
        const state = running();
        if (state) this.take(index, state, event);
      },
    };
  }

  private take(
    index: number,
    state: Extract<GridState, { kind: "running" }>,
    event: ModelProcessEvent,
  ): void {
    if (event.kind !== "token") return;
    this.put(index, { ...state, tokens: [...state.tokens, event.text] });
    this.tell({ kind: "token", index, text: event.text });
  }

  private set(index: number, state: GridState): void {
    this.put(index, state);
    this.tell({ kind: "state", index, state });
    if (state.kind !== "running") this.changed(index);
  }

  private put(index: number, state: GridState): void {
    const item = this.list[index];
    if (!item) return;
    this.list[index] = { ...item, state };
    this.keep(index);
  }

  private keep(index: number): void {
    const [key, state] = [this.keys[index], this.list[index]?.state];
    if (key) this.services.runs.setShown(key, state?.kind === "done" ? state.runId : null);
  }
}

/** A failure of one picture: another picture is chosen in the file, not by a button. */
function pictureFailure(error: unknown): ShownFailure {
  const { error: told, actions } = shownFailure(error);
  const shown = { ...told, message: shortPaths(told.message) };
  const others = actions.filter(({ id }) => id !== "chooseImage");
  if (others.length === actions.length) return { error: shown, actions };
  const nextStep = vscode.l10n.t(
    "Write another path into the prompt file, or put the picture right. Then run again.",
  );
  return { error: { ...shown, nextStep }, actions: others };
}
