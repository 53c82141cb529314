import { readRun } from "../../src/core/run/readRun.js";
import { runDigest } from "../../src/core/run/runDigest.js";
import { runOutput } from "../../src/core/run/runOutput.js";
import type { FromRunOutput, ToRunOutput } from "../../src/protocol/notebookOutput.js";
import type { Renderer, RendererContext } from "../renderer/notebookPage.js";

/** What stands in for a notebook on a plain page: `window.fakeNotebook`, for the dev page and browser tests. */
export interface FakeNotebook {
  /** All that the renderer has said. */
  readonly sent: readonly FromRunOutput[];
  readonly renderer: Renderer;
  /** The data of an output with the recorded run. */
  readonly json: string;
  /** Adds a cell with an output of this text below the others. */
  add(id: string, text: string): HTMLElement;
  /** Answers the renderer's messages; replace it to answer otherwise. */
  answer: (message: FromRunOutput) => ToRunOutput | null;
}

const PREFERENCES = {
  ...{ colourMap: "viridis", opacity: 0.75, smooth: true },
  paper: { widthMm: 84, fontSizePt: 8, dpi: 300 },
};

/** As the extension answers while every run is kept. */
function answer(message: FromRunOutput): ToRunOutput {
  if (message.kind === "ready") return { kind: "init", strings: null, preferences: PREFERENCES };
  return { kind: "opened", request: message.request, failure: null };
}

async function install(): Promise<void> {
  const { outputs = "1", alone } = document.body.dataset;
  const json = await recordedOutput();
  const sent: FromRunOutput[] = [];
  const listeners: ((message: unknown) => void)[] = [];
  const context: RendererContext = {
    postMessage(message) {
      sent.push(message as FromRunOutput);
      const reply = notebook.answer(message as FromRunOutput);
      if (reply) for (const listener of listeners) listener(reply);
    },
    onDidReceiveMessage: (listener) => listeners.push(listener),
  };
  const module = "/renderer.js";
  const { activate } = (await import(module)) as {
    activate: (context: RendererContext) => Promise<Renderer>;
  };
  const notebook: FakeNotebook = {
    sent,
    json,
    answer,
    // As soon as the renderer is there.
    renderer: undefined as unknown as Renderer,
    add(id, text) {
      const place = document.createElement("div");
      place.id = id;
      document.querySelector("main")?.append(place);
      notebook.renderer.renderOutputItem({ id, text: () => text }, place);
      return place;
    },
  };
  Object.assign(notebook, { renderer: await activate(alone === undefined ? context : {}) });
  Object.assign(window, { fakeNotebook: notebook });
  for (let index = 1; index <= Number(outputs); index++) notebook.add(`output-${index}`, json);
}

async function recordedOutput(): Promise<string> {
  const base64 = document.getElementById("recording")?.textContent ?? "";
  const file = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  const { run, attribution } = await readRun(file);
  const type = run.info.image.entry.endsWith(".png") ? "image/png" : "image/jpeg";
  const digest = runDigest(run, attribution, { type, bytes: run.image });
  return (await runOutput(digest, run.info.id)).json;
}

void install();
