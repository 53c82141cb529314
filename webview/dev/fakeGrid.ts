import { answerSummary } from "../../src/core/run/answerSummary.js";
import { reportData } from "../../src/core/run/reportData.js";
import { readRun } from "../../src/core/run/readRun.js";
import type { FromGrid, GridCard, GridFile, GridResult, GridState, ToGrid } from "../../src/protocol/grid.js";
import type { ShownFailure } from "../../src/protocol/panel.js";

/** What stands in for the extension around the results page: `window.fakeGrid`, for the dev page and browser tests. */
export interface FakeGrid {
  /** All that the page has said. */
  readonly sent: readonly FromGrid[];
  /** What the page keeps across reloads. */
  readonly kept: unknown;
  readonly results: readonly GridResult[];
  readonly post: (message: ToGrid) => void;
}

/** States that the page can start in. */
type Scene = "finished" | "running" | "failed" | "stopped" | "broken" | "playback";

const NO_PICTURE: ShownFailure = {
  error: {
    code: "image-not-found",
    message: "There is no picture at pictures/zebra.png. It was moved or deleted.",
    nextStep: "Write another path into the prompt file, or put the picture right. Then run again.",
  },
  actions: [{ id: "runAgain", label: "Run Again" }],
};

const BROKEN_FILE: ShownFailure = {
  error: {
    code: "prompt-file-broken",
    message: 'animals.vlm.md, line 3: "temperature" must be a number from 0 to 100.',
    nextStep: "Change the value.",
  },
  actions: [{ id: "showLog", label: "Show Log" }],
};

async function install(): Promise<void> {
  const sent: FromGrid[] = [];
  const post = (message: ToGrid): void => window.postMessage(message, window.origin);
  const recordings = [...document.querySelectorAll("script.pictures")];
  const results = recordings.map((script) => readResult(bytesOf(script.textContent)));
  const fake = { sent, kept: null as unknown, results: [] as GridResult[], post };
  const scene = (document.body.dataset["scene"] ?? "finished") as Scene;
  Object.assign(window, {
    acquireVsCodeApi: () => ({
      postMessage: (message: FromGrid) => {
        sent.push(message);
        void Promise.all(results).then((all) => {
          fake.results = all;
          Object.assign(window, { fakeGrid: fake });
          if (message.kind === "ready") start(scene, fake);
        });
      },
      setState: (state: unknown) => (fake.kept = state),
    }),
  });
}

async function readResult(file: Uint8Array): Promise<GridResult> {
  const { run, attribution } = await readRun(file);
  const type = run.info.image.entry.endsWith(".png") ? "image/png" : "image/jpeg";
  const data = reportData(run, attribution, { type, bytes: run.image });
  return { runId: run.info.image.name, ...answerSummary(data) };
}

function start(scene: Scene, { post, results }: FakeGrid): void {
  const preferences = { colourMap: "viridis", opacity: 0.75, smooth: true };
  post({ kind: "init", strings: null, preferences, key: "key" });
  const states = statesOf(scene, results);
  const file: GridFile = {
    label: "animals.vlm.md, version 3",
    edited: scene === "stopped",
    prompt: "describe the picture.",
    target: scene === "failed" ? "a dog and a frog" : null,
  };
  const cards = states.map((state, index): GridCard => ({
    name: results[index]?.runId ?? "zebra.png",
    place: `pictures/${results[index]?.runId ?? "zebra.png"}`,
    state,
  }));
  post({ kind: "snapshot", file, cards, failure: scene === "broken" ? BROKEN_FILE : null });
  states.forEach(({ kind }, index) => {
    const result = results[index];
    if (kind === "done" && result) post({ kind: "result", index, result });
  });
  if (scene === "playback") void play(post, results);
}

function statesOf(scene: Scene, results: readonly GridResult[]): GridState[] {
  const done = results.map(({ runId }): GridState => ({ kind: "done", runId, partial: false }));
  const others = done.slice(1);
  switch (scene) {
    case "finished":
      return done;
    case "failed":
      return [...done, { kind: "failed", failure: NO_PICTURE }];
    case "running": {
      const tokens = (results[1]?.tokens ?? []).slice(0, 4).map(({ text }) => text);
      const running: GridState = { kind: "running", phase: "generating", tokens, maxNewTokens: 64 };
      return [...done.slice(0, 1), running, ...others.slice(1).map((): GridState => ({ kind: "waiting" }))];
    }
    case "stopped":
      return [
        { kind: "done", runId: results[0]?.runId ?? "", partial: true },
        ...others.map((): GridState => ({ kind: "stopped" })),
      ];
    case "broken":
      return [];
    case "playback":
      return results.map((): GridState => ({ kind: "waiting" }));
  }
}

async function play(post: (message: ToGrid) => void, results: readonly GridResult[]): Promise<void> {
  for (const [index, result] of results.entries()) {
    const running = { kind: "running", tokens: [], maxNewTokens: 64 } as const;
    post({ kind: "state", index, state: { ...running, phase: "prompt" } });
    await wait(400);
    post({ kind: "state", index, state: { ...running, phase: "generating" } });
    for (const { text } of result.tokens) {
      await wait(120);
      post({ kind: "token", index, text });
    }
    post({ kind: "state", index, state: { kind: "done", runId: result.runId, partial: false } });
    post({ kind: "result", index, result });
  }
}

const wait = (time: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, time));

function bytesOf(base64: string): Uint8Array {
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
}

void install();
