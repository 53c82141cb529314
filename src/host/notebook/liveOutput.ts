import * as vscode from "vscode";
import type { ModelProcessEvent } from "../../protocol/modelProcess.js";
import type { ExplainListener } from "../services.js";

/** An output is drawn anew at most this often while tokens come, in milliseconds. */
const PAUSE = 100;

type Phase = Parameters<ExplainListener["onPhase"]>[0];

/** One output of a running cell: says what is happening and the answer so far, then becomes the result. */
export class LiveOutput implements ExplainListener {
  readonly output: vscode.NotebookCellOutput;
  private phase: Phase = "starting";
  private readonly tokens: string[] = [];
  private timer: NodeJS.Timeout | null = null;
  private drawn: Promise<void> = Promise.resolve();
  private changes = 0;
  private ended = false;

  /** @param picture shown name of the picture */
  constructor(
    private readonly execution: Pick<vscode.NotebookCellExecution, "replaceOutputItems">,
    private readonly picture: string,
  ) {
    this.output = new vscode.NotebookCellOutput([this.text()]);
  }

  onPhase(phase: Phase): void {
    this.phase = phase;
    this.changed();
  }

  onEvent(event: ModelProcessEvent): void {
    if (event.kind !== "token") return;
    if (event.stop !== true) this.tokens[event.index] = event.text;
    this.changed();
  }

  /** Puts the result in place of the progress. */
  async finish(items: vscode.NotebookCellOutputItem[]): Promise<void> {
    this.ended = true;
    if (this.timer) clearTimeout(this.timer);
    await this.drawn;
    await this.execution.replaceOutputItems(items, this.output);
  }

  private changed(): void {
    this.changes += 1;
    if (this.ended) return;
    this.timer ??= setTimeout(() => {
      this.drawn = this.draw();
      // `finish` hears of it; until then nobody waits.
      this.drawn.catch(() => null);
    }, PAUSE);
  }

  /** The next time comes after this one is through: a slow window is not flooded. */
  private async draw(): Promise<void> {
    const shown = this.changes;
    await this.execution.replaceOutputItems([this.text()], this.output);
    this.timer = null;
    if (this.changes > shown) this.changed();
  }

  private text(): vscode.NotebookCellOutputItem {
    const answer = this.tokens.join("").trim();
    const state = `${this.picture} · ${describe(this.phase, this.tokens.length)}`;
    return vscode.NotebookCellOutputItem.text(answer === "" ? state : `${state}\n${answer}`);
  }
}

function describe(phase: Phase, tokens: number): string {
  switch (phase) {
    case "queued":
      return vscode.l10n.t("Waiting for another request…");
    case "starting":
      return vscode.l10n.t("Starting the model process…");
    case "loading":
      return vscode.l10n.t("Loading the model…");
    case "image":
      return vscode.l10n.t("Reading the picture…");
    case "prompt":
      return vscode.l10n.t("Reading the prompt…");
    case "generating":
    case "explaining":
      return tokens === 1
        ? vscode.l10n.t("Answering, 1 token so far…")
        : vscode.l10n.t("Answering, {0} tokens so far…", tokens);
    case "saving":
      return vscode.l10n.t("Saving the run…");
  }
}
