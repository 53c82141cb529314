import { EventEmitter, fake, Uri } from "./fakeVscode.js";
import type { RunInfo } from "../../src/core/run/types.js";
import type { ModelStatus } from "../../src/protocol/panel.js";
import type { Question, RunEntry, Services } from "../../src/host/services.js";

/** The status of a model that is loaded and waits. */
export const READY: ModelStatus = {
  state: "ready",
  name: "emoji-llava",
  device: "cpu",
  dtype: "fp32",
  size: 13_400_000,
  memory: 312_000_000,
};

/** A kept run with this description. */
export function runEntry(id: string, info: RunInfo, name: string | null = null): RunEntry {
  return {
    id,
    name,
    saved: {
      info,
      runPath: `/runs/${id}/run.dexar`,
      picturePath: `/runs/${id}/picture.png`,
      bytes: 2_000_000,
    },
    image: Uri.file(`/pictures/${info.image.name}`),
  };
}

/** Services that take notes: what was asked of them is in `asked`, what they answer is set by the test. */
export function fakeServices() {
  const statusChanged = new EventEmitter<ModelStatus>();
  const runsChanged = new EventEmitter<void>();
  const workChanged = new EventEmitter<void>();
  const state = {
    asked: [] as (readonly unknown[])[],
    status: READY,
    entries: [] as RunEntry[],
    file: new Uint8Array() as Uint8Array,
    digest: "",
    hasPanel: true,
    tinted: false,
    canTint: true,
    isAtWork: false,
    workChanged,
    /** A run file's editor is in front. */
    hasRunEditor: false,
    saved: "run.json" as string | null,
    /** Thrown by every method that can fail. */
    failure: null as Error | null,
    statusChanged,
    runsChanged,
  };
  const ask = (...call: readonly unknown[]): void => {
    state.asked.push(call);
    if (state.failure) throw state.failure;
  };
  const log = (level: string) => (text: unknown) => void fake.logs.push(`${level} ${String(text)}`);
  const services = {
    model: {
      get status() {
        return state.status;
      },
      onDidChangeStatus: statusChanged.event,
      log: { warn: log("warn"), error: log("error"), show: () => state.asked.push(["showLog"]) },
      start: async () => ask("start"),
      stop: async () => ask("stopModel"),
      restart: async () => ask("restart"),
    },
    runs: {
      get entries() {
        return state.entries;
      },
      onDidChange: runsChanged.event,
      ready: Promise.resolve(),
      get: (id: string) => state.entries.find((entry) => entry.id === id),
      read: async (id: string) => {
        ask("read", id);
        return { runId: id, file: state.file };
      },
      readDigest: async (id: string) => {
        ask("readDigest", id);
        return state.digest;
      },
      rename: async (id: string, name: string) => ask("rename", id, name),
      moveSource: async (from: unknown, to: unknown) => ask("moveSource", from, to),
      setPinned: async (id: string, pinned: boolean) => ask("setPinned", id, pinned),
      delete: async (id: string) => ask("delete", id),
      clear: async () => ask("clear"),
    },
    machine: {
      examine: async () => ({ machine: null, failure: null, verdicts: {} }),
      inspect: async (dir: string) => ask("inspect", dir),
      view: async (name: string) => ask("view", name),
    },
    library: { usable: async () => [] },
    models: {
      list: async () => [{ name: "tiny-vlm", dir: "/models/tiny-vlm" }],
      resolve: async (name: string) => ({ name, dir: `/models/${name}` }),
    },
    panels: {
      explainImage: async (image: { fsPath: string }) => ask("explainImage", image.fsPath),
      ask: async (question: Question) => ask("ask", question),
      isAtWork: () => state.isAtWork,
      onDidChangeWork: workChanged.event,
      stopSource: (source: { path: string }) => ask("stopSource", source.path),
      revealSource: () => {
        ask("revealSource");
        return state.hasPanel;
      },
      showWord: async (id: string, position: number) => ask("showWord", id, position),
      openRun: async (id: string) => ask("openRun", id),
      command: (command: string) => {
        ask("command", command);
        return state.hasPanel;
      },
      reveal: () => {
        ask("reveal");
        return state.hasPanel;
      },
      again: () => {
        ask("again");
        return state.hasPanel;
      },
      stop: (all: boolean) => ask("stop", all),
      activeRunId: null,
    },
    runEditors: {
      command: (command: string) => {
        if (state.hasRunEditor) ask("runEditorCommand", command);
        return state.hasRunEditor;
      },
    },
    rerun: async (id: string) => ask("rerun", id),
    continueRun: async (id: string) => ask("continueRun", id),
    promptTint: {
      onDidChange: () => ({ dispose() {} }),
      isTinted: () => state.tinted,
      showAnswer: async (owner: string, entry: RunEntry) => {
        ask("showAnswer", owner, entry.id);
        state.tinted = state.canTint;
      },
    },
    grids: {
      run: async (file: { path: string }) => ask("runOnImages", file.path),
      stop: () => ask("stopGrids"),
    },
    exportRun: async (id: string, format: string) => {
      ask("exportRun", id, format);
      return state.saved;
    },
  };
  return Object.assign(state, { services: services as unknown as Services });
}
