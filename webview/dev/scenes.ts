import type { PanelAction, ShownFailure } from "../../src/protocol/panel.js";
import type { FakeEditor } from "./fakeEditor.js";

/** States that the dev page can start in. */
export type Scene =
  | "empty"
  | "queued"
  | "loading"
  | "prompt"
  | "generating"
  | "finished"
  | "file"
  | "edited"
  | "stopped"
  | "failed"
  | "crashed"
  | "playback";

const LOAD_FAILED: ShownFailure = {
  error: {
    code: "model-files-missing",
    message: "The folder my-model has no onnx/decoder_model_merged.onnx.",
    nextStep: "Choose a folder with an exported model, or use the bundled one.",
  },
  actions: actions(
    ["chooseModel", "Choose model"],
    ["openSettings", "Open settings"],
    ["showLog", "Show log"],
  ),
};

const CRASHED: ShownFailure = {
  error: {
    code: "model-process-died",
    message: "The model process ended unexpectedly (SIGKILL) while it was answering.",
    nextStep: "The tokens so far are kept. Restart the model and run again.",
  },
  actions: actions(["restartModel", "Restart model"], ["runAgain", "Run again"], ["showLog", "Show log"]),
};

function actions(...list: readonly (readonly [PanelAction["id"], string])[]): PanelAction[] {
  return list.map(([id, label]) => ({ id, label }));
}

/** What the extension says first in each state. */
export const SCENES: Readonly<Record<Scene, (editor: FakeEditor) => void>> = {
  empty: (editor) =>
    editor.post(editor.snapshot({ model: { ...modelOf(editor), state: "stopped", memory: null } })),
  queued: (editor) => editor.post(editor.snapshot({ activity: { phase: "queued", elapsed: 2400 } })),
  loading: (editor) => {
    const model = { ...modelOf(editor), state: "loading" as const, size: 2_140_000_000, memory: 310_000_000 };
    editor.post(editor.snapshot({ model, activity: { phase: "loading", elapsed: 3100 } }));
  },
  prompt: (editor) => editor.post(editor.snapshot({ activity: { phase: "prompt", elapsed: 4200 } })),
  generating: (editor) => {
    const model = { ...modelOf(editor), state: "busy" as const };
    editor.post(
      editor.snapshot({ model, live: halfLive(editor), activity: { phase: "generating", elapsed: 7000 } }),
    );
  },
  finished: (editor) => editor.post(editor.snapshot({ finished: editor.recording.finished })),
  file: (editor) => {
    const source = { label: "describe.vlm.md, version 3", edited: false };
    const form = { ...editor.snapshot({}).form, source };
    editor.post(editor.snapshot({ form, finished: editor.recording.finished }));
  },
  edited: (editor) => {
    SCENES.file(editor);
    const label = "kitchen-and-living-room-questions.vlm.md, version 24 (deleted)";
    editor.post({ kind: "source", source: { label, edited: true } });
  },
  stopped: (editor) => {
    const live = halfLive(editor);
    const generation = { ...live.info.generation, finish: "cancelled" as const };
    editor.post(editor.snapshot({ live: { ...live, info: { ...live.info, generation } } }));
  },
  failed: (editor) => {
    const model = { ...modelOf(editor), state: "failed" as const, memory: null };
    editor.post(editor.snapshot({ model, failure: LOAD_FAILED }));
  },
  crashed: (editor) => {
    const model = { ...modelOf(editor), state: "failed" as const, memory: null };
    editor.post(editor.snapshot({ model, live: halfLive(editor), failure: CRASHED }));
  },
  playback: (editor) => {
    editor.post(editor.snapshot({}));
    void editor.play(1, 250);
  },
};

function modelOf(editor: FakeEditor) {
  return editor.snapshot({}).model;
}

/** The recorded run at half its length, its last token not explained yet. */
function halfLive({ recording }: FakeEditor) {
  const half = Math.ceil(recording.tokens.length / 2);
  return {
    ...recording.live,
    tokens: recording.tokens.slice(0, half),
    explained: half > 1 ? [recording.explained(0, half - 1)] : [],
  };
}
