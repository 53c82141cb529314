import type {
  Activity,
  FromPanel,
  ModelStatus,
  PanelViewState,
  PromptForm,
  ToPanel,
} from "../../src/protocol/panel.js";
import { readRecording, type Recording } from "./recording.js";
import { SCENES, type Scene } from "./scenes.js";

type Snapshot = Extract<ToPanel, { kind: "snapshot" }>;
type Request = Extract<FromPanel, { kind: "request" }>;
type Result = Extract<ToPanel, { kind: "reply" }>["result"];

/** What stands in for the extension on a plain page: `window.fakeEditor`, for the dev page and browser tests. */
export interface FakeEditor {
  /** All that the page has said. */
  readonly sent: readonly FromPanel[];
  readonly recording: Recording;
  post(message: ToPanel): void;
  /** A snapshot with nothing in it but the form; `part` fills it. */
  snapshot(part: Partial<Snapshot>): Snapshot;
  /** Sends the recorded run as if it was made now. @param batch tokens explained at once @param delay ms per token */
  play(batch: number, delay: number): Promise<void>;
  /** Answers the page's requests; replace it to answer otherwise. */
  answer: (request: Request) => Result;
}

const STATE_KEY = "dexar-panel-state";

/** Puts a fake editor into the page, before the panel's own script runs. */
function install(): void {
  const file = bytesOf(document.getElementById("recording")?.textContent ?? "");
  const scene = (document.body.dataset["scene"] ?? "finished") as Scene;
  const sent: FromPanel[] = [];
  const post = (message: ToPanel): void => window.postMessage(message, window.origin);
  const ready = readRecording(file).then((recording) => {
    const editor = makeEditor(recording, sent, post);
    Object.assign(window, { fakeEditor: editor });
    return editor;
  });
  const receive = (message: FromPanel): void => {
    sent.push(message);
    void ready.then((editor) => obey(editor, scene, message));
  };
  Object.assign(window, {
    acquireVsCodeApi: () => ({
      postMessage: receive,
      getState: (): unknown => JSON.parse(sessionStorage.getItem(STATE_KEY) ?? "null"),
      setState: (state: PanelViewState) => sessionStorage.setItem(STATE_KEY, JSON.stringify(state)),
    }),
  });
}

function makeEditor(recording: Recording, sent: FromPanel[], post: (message: ToPanel) => void): FakeEditor {
  return {
    sent,
    recording,
    post,
    snapshot: (part) => ({ ...emptySnapshot(recording), ...part }),
    play: (batch, delay) => play(recording, post, batch, delay),
    answer: ({ method, params }) =>
      method === "export" ? { ok: { saved: `run.${params.format}` } } : { error: NO_MODEL },
  };
}

function obey(editor: FakeEditor, scene: Scene, message: FromPanel): void {
  switch (message.kind) {
    case "ready":
      editor.post({
        kind: "init",
        strings: null,
        preferences: {
          ...{ colourMap: "viridis", opacity: 0.75, smooth: true },
          paper: { widthMm: 84, fontSizePt: 8, dpi: 300 },
        },
      });
      SCENES[scene](editor);
      return;
    case "run":
      return void editor.play(1, 120);
    case "stop":
      return editor.post({ kind: "activity", activity: IDLE });
    case "request":
      return editor.post({ kind: "reply", id: message.id, result: editor.answer(message) });
    case "action":
    case "openModelMenu":
    case "compare":
    case "continue":
    case "revealSource":
    case "wordWins":
      return;
  }
}

const NO_MODEL = {
  code: "no-model-here",
  message: "This page plays a recorded run: there is no model to ask.",
  nextStep: "Try it in the editor.",
};

const IDLE: Activity = { phase: "idle", elapsed: 0 };

function emptySnapshot({ finished, live }: Recording): Snapshot {
  const { info } = live;
  const form: PromptForm = {
    imageName: info.image.name,
    prompt: info.prompt.text,
    target: null,
    maxNewTokens: info.generation.maxNewTokens,
    live: false,
    source: null,
  };
  const model: ModelStatus = {
    state: "ready",
    name: info.model.name,
    device: info.model.device,
    dtype: info.model.dtype,
    size: finished.file.length,
    memory: 412_000_000,
  };
  return { kind: "snapshot", form, model, activity: IDLE, live: null, finished: null, failure: null };
}

async function play(
  { live, tokens, explained, finished }: Recording,
  post: (message: ToPanel) => void,
  batch: number,
  delay: number,
): Promise<void> {
  const start = performance.now();
  const phase = (name: Activity["phase"]): void =>
    post({ kind: "activity", activity: { phase: name, elapsed: performance.now() - start } });
  phase("prompt");
  await wait(2 * delay);
  post({ kind: "live", live });
  phase("generating");
  let done = 0;
  for (const token of tokens) {
    await wait(delay);
    post(token);
    const count = token.index + 1 - done;
    if (count < batch && token.index + 1 < tokens.length) continue;
    post(explained(done, count));
    done += count;
  }
  post({ kind: "finished", finished });
  phase("idle");
}

const wait = (time: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, time));

function bytesOf(base64: string): Uint8Array {
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
}

install();
