import type {
  Activity,
  FinishedRun,
  LiveRun,
  ModelStatus,
  PromptForm,
  ShownFailure,
  ToPanel,
} from "../../src/protocol/panel.js";

/** What the extension has said so far, as one value. */
export interface PanelModel {
  readonly form: PromptForm;
  readonly model: ModelStatus;
  readonly activity: Activity;
  readonly live: LiveRun | null;
  readonly finished: FinishedRun | null;
  readonly failure: ShownFailure | null;
}

/** Messages that change the model. */
export type ModelMessage = Exclude<ToPanel, { kind: "init" | "reply" | "command" | "notice" | "word" }>;

/** The model after a message; null as long as there was no snapshot. */
export function nextModel(present: PanelModel | null, message: ModelMessage): PanelModel | null {
  if (message.kind === "snapshot") {
    const { form, model, activity, live, finished, failure } = message;
    return { form, model, activity, live, finished, failure };
  }
  if (present === null) return null;
  switch (message.kind) {
    case "model":
      return { ...present, model: message.model };
    case "form":
      return { ...present, form: message.form };
    case "source":
      return { ...present, form: { ...present.form, source: message.source } };
    case "activity":
      return { ...present, activity: message.activity };
    case "live":
      return { ...present, live: message.live, finished: null, failure: null };
    case "token":
      return withLive(present, (live) => ({ ...live, tokens: [...live.tokens, message] }));
    case "explained":
      return withLive(present, (live) => ({ ...live, explained: [...live.explained, message] }));
    case "finished":
      return { ...present, live: null, finished: message.finished };
    case "failure":
      return { ...present, failure: message.failure };
  }
}

function withLive(present: PanelModel, change: (live: LiveRun) => LiveRun): PanelModel {
  return present.live === null ? present : { ...present, live: change(present.live) };
}

/** Whether a request is at work (or waits), so that Stop is offered instead of Run. */
export function isBusy({ activity }: Pick<PanelModel, "activity">): boolean {
  return activity.phase !== "idle";
}
