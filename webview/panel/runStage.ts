import type { ReportData } from "../../src/core/run/reportData.js";
import type {
  FinishedRun,
  LiveRun,
  PanelPreferences,
  PanelViewState,
  PictureBytes,
} from "../../src/protocol/panel.js";
import { finishedReportData } from "./finishedReportData.js";
import { liveReportData } from "./liveReportData.js";
import { pictureAddress } from "./pictureAddress.js";
import { openRunView, type RunView } from "./runView.js";
import type { PageChange } from "./store.js";
import type { AskAlternative } from "./whatIf.js";
import { keepPage, keptOptions, keptSelection, preferredOptions } from "./viewState.js";

/** What the stage tells. */
export interface StageEvents {
  /** Another run was opened: these nodes show it. None: the run is gone. */
  open(parts: readonly Node[]): void;
  /** A person changed the view. */
  change(): void;
  /** Explains another token of the run that is shown; null where there is no model to ask. */
  readonly ask: AskAlternative | null;
}

/** Holds the run that is shown: a growing one keeps its view, another one gets a new view with the same options. */
export class RunStage {
  view: RunView | null = null;
  runId: string | null = null;
  preferences: PanelPreferences | null = null;
  private shown: FinishedRun | LiveRun | null = null;
  private wanted: FinishedRun | LiveRun | null = null;
  private work: Promise<void> | null = null;
  private keptPage: unknown;

  constructor(
    private readonly kept: PanelViewState | null,
    private readonly events: StageEvents,
  ) {
    this.keptPage = kept?.page;
  }

  /**
   * Shows a run, or none. Reading one takes a moment: what comes meanwhile waits, and only the last of it is shown.
   * @throws DexarError when a run file cannot be read
   */
  show(run: FinishedRun | LiveRun | null): Promise<void> {
    this.wanted = run;
    this.work ??= this.catchUp().finally(() => {
      this.work = null;
    });
    return this.work;
  }

  /** What to keep of the view. */
  keep(): unknown {
    return this.view ? keepPage(this.view.store.state, this.view.store.data) : this.keptPage;
  }

  private async catchUp(): Promise<void> {
    while (this.shown !== this.wanted) {
      const run = this.wanted;
      // Before the work: a run that cannot be read is not tried again.
      this.shown = run;
      if (run === null) this.close();
      else if ("file" in run)
        await this.showData(run.runId, await finishedReportData(run.file, ""), run.picture);
      else await this.showData(run.info.id, liveReportData(run, ""), run.picture);
    }
  }

  private async showData(runId: string, data: ReportData, picture: PictureBytes): Promise<void> {
    const { view } = this;
    if (view?.store.data.info.id === data.info.id) {
      this.runId = runId;
      return view.store.update({ ...data, picture: view.picture.src });
    }
    const address = pictureAddress(picture);
    const next = await openRunView(
      { ...data, picture: address },
      address,
      this.start(runId, data),
      this.events.ask,
    );
    this.close();
    this.view = { ...next, file: picture };
    this.runId = runId;
    next.store.listen(() => this.events.change());
    this.events.open(next.parts);
    this.events.change();
  }

  /** The options that were chosen before, and in the same run also what was looked at. */
  private start(runId: string, data: ReportData): PageChange {
    const before = this.keep();
    const sameRun = this.kept?.runId === runId && !this.view;
    return {
      ...(this.preferences ? preferredOptions(this.preferences) : {}),
      ...keptOptions(before),
      ...(sameRun ? keptSelection(before, data) : {}),
    };
  }

  private close(): void {
    if (!this.view) return;
    this.keptPage = this.keep();
    URL.revokeObjectURL(this.view.picture.src);
    this.view = null;
    this.runId = null;
    this.events.open([]);
  }
}
