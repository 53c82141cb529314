import type { FromPanel, PanelPreferences, ToPanel } from "../../src/protocol/panel.js";

declare global {
  interface Window {
    /** Hands a run to the panel, as the extension does; resolves with the time (page clock, ms) of the message. */
    openRun: () => Promise<number>;
  }
}

const preferences: PanelPreferences = {
  colourMap: "viridis",
  opacity: 0.75,
  smooth: true,
  paper: { widthMm: 84, fontSizePt: 8, dpi: 300 },
};

/** Stands in for the extension: it only ever has one run, fetched from the benchmark's server. */
function snapshot(file: Uint8Array, picture: Uint8Array): ToPanel {
  return {
    kind: "snapshot",
    form: { imageName: "bench.jpg", prompt: "?", target: null, maxNewTokens: 64, live: false, source: null },
    model: { state: "ready", name: "synthetic-vlm", device: "cpu", dtype: "fp32", size: null, memory: null },
    activity: { phase: "idle", elapsed: 0 },
    live: null,
    finished: { runId: "bench", file, picture: { type: "image/jpeg", bytes: picture }, name: null },
    failure: null,
  };
}

async function fetchBytes(path: string): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await (await fetch(path)).arrayBuffer());
}

const post = (message: ToPanel, moved: Transferable[] = []): void =>
  window.postMessage(message, window.origin, moved);

Object.assign(window, {
  acquireVsCodeApi: () => ({
    postMessage: (message: FromPanel) => {
      if (message.kind === "ready") post({ kind: "init", strings: null, preferences });
    },
    getState: () => null,
    setState: () => undefined,
  }),
  openRun: async (): Promise<number> => {
    const [file, picture] = await Promise.all([fetchBytes("/run.dexar"), fetchBytes("/picture.jpg")]);
    const start = performance.now();
    // Moved, as the editor does: the page then holds the file once.
    post(snapshot(file, picture), [file.buffer, picture.buffer]);
    return start;
  },
});
