import { describe, expect, it } from "vitest";
import { attribute } from "../../src/core/attribution/attribute.js";
import { attributionInput } from "../../src/core/attribution/attributionInput.js";
import type { ReportData } from "../../src/core/run/reportData.js";
import { writeRun } from "../../src/core/run/writeRun.js";
import type { FromPanel, ToPanel } from "../../src/protocol/panel.js";
import { readRecording } from "../../webview/dev/recording.js";
import { phaseText, timeLeft } from "../../webview/panel/header/progressText.js";
import { formatBytes, formatTime } from "../../webview/panel/header/quantities.js";
import { liveReportData } from "../../webview/panel/liveReportData.js";
import { nextModel, type PanelModel } from "../../webview/panel/panelModel.js";
import { createStore } from "../../webview/panel/store.js";
import { changedSettings, keepPage, keptOptions, keptSelection } from "../../webview/panel/viewState.js";
import { readViewState, vscodeHost } from "../../webview/panel/vscodeHost.js";
import { sampleRun } from "../helpers/sampleRun.js";

async function sample() {
  const run = await sampleRun();
  const attribution = attribute(attributionInput(run), run.info.settings);
  const data: ReportData = {
    info: run.info,
    picture: "",
    arrays: run.arrays,
    attribution,
    gradientNote: null,
  };
  return { run, attribution, data, recording: await readRecording(await writeRun(run, attribution)) };
}

function emptyModel(): PanelModel {
  return {
    form: { imageName: "a.png", prompt: "p", target: null, maxNewTokens: 20, live: false, source: null },
    model: { state: "loading", name: "m", device: "cpu", dtype: null, size: 2_140_000_000, memory: null },
    activity: { phase: "loading", elapsed: 0 },
    live: null,
    finished: null,
    failure: null,
  };
}

describe("a growing run as the page shows it", () => {
  it("has the maps of the complete run once all tokens are explained", async () => {
    const { attribution, recording } = await sample();
    const { live, tokens, explained } = recording;
    const data = liveReportData(
      { ...live, tokens, explained: [explained(0, 5), explained(5, tokens.length - 5)] },
      "",
    );
    expect(data.explained).toBe(tokens.length);
    expect(data.attribution).toEqual(attribution);
  });

  it("leaves tokens without an explanation empty and counts those that have one", async () => {
    const { attribution, recording } = await sample();
    const { live, tokens, explained } = recording;
    const data = liveReportData({ ...live, tokens: tokens.slice(0, 4), explained: [explained(0, 2)] }, "");
    const cells = live.info.cells.length;
    expect(data.explained).toBe(2);
    expect(data.info.tokens).toHaveLength(4);
    expect(data.attribution.tokenHeatmap.subarray(0, 2 * cells)).toEqual(
      attribution.tokenHeatmap.subarray(0, 2 * cells),
    );
    expect(Math.max(...data.attribution.tokenHeatmap.subarray(2 * cells))).toBe(0);
    expect(data.attribution.textWinner?.at(-1)).toBe(-1);
    expect(data.arrays.gradient).toBeNull();
    expect(data.gradientNote).not.toBeNull();
  });

  it("takes an explanation that comes before its token", async () => {
    const { recording } = await sample();
    const { live, tokens, explained } = recording;
    const data = liveReportData({ ...live, tokens: tokens.slice(0, 1), explained: [explained(0, 2)] }, "");
    expect(data.explained).toBe(1);
    expect(data.attribution.tokenWeight).toHaveLength(1);
  });
});

describe("what the extension says", () => {
  it("means nothing before a snapshot, and adds up after it", async () => {
    const { recording } = await sample();
    const [token] = recording.tokens;
    if (!token) throw new Error("the sample has tokens");
    expect(nextModel(null, token)).toBeNull();
    const start = nextModel(null, { kind: "snapshot", ...emptyModel() });
    expect(nextModel(start, token)?.live).toBeNull();
    const messages = [
      { kind: "live", live: recording.live },
      token,
      recording.explained(0, 1),
      { kind: "activity", activity: { phase: "explaining", elapsed: 5 } },
    ] as const;
    const grown = messages.reduce<PanelModel | null>((model, message) => nextModel(model, message), start);
    expect(grown?.live?.tokens).toEqual([token]);
    expect(grown?.live?.explained).toHaveLength(1);
    const done = nextModel(grown, { kind: "finished", finished: recording.finished });
    expect(done).toMatchObject({
      live: null,
      finished: recording.finished,
      activity: { phase: "explaining" },
    });
  });

  it("says in words what is at work and how long at most", () => {
    expect(phaseText(emptyModel())).toBe("Loading m (2.1 GB)");
    const live = { tokens: Array.from({ length: 6 }), explained: [] } as unknown as PanelModel["live"];
    const model: PanelModel = { ...emptyModel(), activity: { phase: "generating", elapsed: 0 }, live };
    expect(timeLeft(model, { tokens: 2, at: 1000 }, 3000)).toBe((2000 / 4) * 14);
    expect(timeLeft(model, { tokens: 6, at: 1000 }, 3000)).toBeNull();
    expect(timeLeft(emptyModel(), { tokens: 2, at: 0 }, 9)).toBeNull();
    expect([formatTime(400), formatTime(12_300), formatTime(125_000)]).toEqual([
      "0.4 s",
      "12 s",
      "2 min 5 s",
    ]);
    expect([formatBytes(900), formatBytes(812e6), formatBytes(2.14e9)]).toEqual(["1 kB", "812 MB", "2.1 GB"]);
  });
});

describe("what a page keeps", () => {
  it("comes back as it was, and nothing of another run's selection with the options", async () => {
    const { data } = await sample();
    const store = createStore(data);
    const settings = { ...data.info.settings, layers: [1, 3] as const };
    store.set({ selected: 2, pinnedHead: { layer: 1, head: 2 }, tab: "filter", settings });
    const kept: unknown = JSON.parse(JSON.stringify(keepPage(store.state, data)));
    expect(keptSelection(kept, data)).toEqual({
      selected: 2,
      pinnedHead: { layer: 1, head: 2 },
      region: null,
      zoom: store.state.zoom,
      settings,
    });
    expect(keptOptions(kept)).toMatchObject({
      tab: "filter",
      style: store.state.style,
      table: store.state.table,
    });
    expect(keptOptions(kept)).not.toHaveProperty("selected");
  });

  it.each([null, 3, "x", {}, { style: null, tab: 1, table: { column: "x" } }])("ignores %j", (kept) => {
    expect(keptOptions(kept)).toEqual({});
  });

  it("ignores places that the run does not have and settings that are wrong", async () => {
    const { data } = await sample();
    const kept = {
      selected: data.info.tokens.length,
      pinnedHead: { layer: 0, head: 99 },
      region: [1, 2],
      zoom: { scale: 0.5, x: 0, y: 0 },
      settings: { layers: [0, 99] },
    };
    expect(keptSelection(kept, data)).toEqual({});
    expect(keptSelection({ settings: { overrides: 5 } }, data)).toEqual({});
  });

  it("sends settings with a run only when they were changed; all layers stay all", async () => {
    const { data } = await sample();
    const store = createStore(data);
    expect(changedSettings(store)).toEqual({});
    store.set({ settings: { ...data.info.settings, textSet: "prompt" } });
    expect(changedSettings(store)).toMatchObject({ textSet: "prompt" });
    expect(changedSettings(store)).not.toHaveProperty("layers");
    store.set({ settings: { ...data.info.settings, layers: [0, 2] } });
    expect(changedSettings(store)).toMatchObject({ layers: [0, 2] });
  });

  it("reads a kept state of this version only, and drops a damaged draft", () => {
    expect(readViewState(null)).toBeNull();
    expect(readViewState({ version: 2, runId: null, draft: null })).toBeNull();
    expect(readViewState({ version: 1, runId: 5 })).toBeNull();
    const draft = { prompt: "p", target: null, maxNewTokens: 3, live: true };
    expect(readViewState({ version: 1, runId: "r", draft, page: 1 })).toEqual({
      version: 1,
      runId: "r",
      draft,
      page: 1,
    });
    expect(readViewState({ version: 1, runId: "r", draft: { prompt: 1 } })?.draft).toBeNull();
  });
});

describe("the page in the editor", () => {
  function host() {
    const sent: FromPanel[] = [];
    const listeners: ((event: MessageEvent<unknown>) => void)[] = [];
    const page = {
      origin: "vscode-webview://here",
      addEventListener: (_type: string, listener: (event: MessageEvent<unknown>) => void) =>
        listeners.push(listener),
    } as unknown as Window;
    const api = {
      postMessage: (message: FromPanel) => sent.push(message),
      getState: () => null,
      setState: () => undefined,
    };
    const made = vscodeHost(api, page);
    const received: ToPanel[] = [];
    made.listen((message) => received.push(message));
    const arrive = (data: unknown, origin = page.origin): void => {
      for (const listener of listeners) listener({ data, origin } as MessageEvent<unknown>);
    };
    return { made, sent, received, arrive };
  }

  it("drops messages from elsewhere and what is no message", () => {
    const { received, arrive } = host();
    const message: ToPanel = { kind: "failure", failure: null };
    arrive(message, "https://elsewhere.example");
    arrive("text");
    arrive({ some: 1 });
    expect(received).toEqual([]);
    arrive(message);
    expect(received).toEqual([message]);
  });

  it("gives each request its own reply; an error is one with code, text and next step", async () => {
    const { made, sent, received, arrive } = host();
    const settings = (await sample()).data.info.settings;
    const first = made.request("export", { format: "json", runId: "r", settings });
    const second = made.request("alternative", { runId: "r", index: 1, tokenId: 2 });
    expect(sent.map((message) => message.kind === "request" && message.id)).toEqual([1, 2]);
    arrive({ kind: "reply", id: 2, result: { error: { code: "wrong-model", message: "m", nextStep: "n" } } });
    arrive({ kind: "reply", id: 1, result: { ok: { saved: "a.json" } } });
    await expect(first).resolves.toEqual({ saved: "a.json" });
    await expect(second).rejects.toMatchObject({ code: "wrong-model", nextStep: "n" });
    expect(received).toEqual([]);
  });
});
