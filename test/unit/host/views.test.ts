import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import type * as vscode from "vscode";
import { attribute } from "../../../src/core/attribution/attribute.js";
import { attributionInput } from "../../../src/core/attribution/attributionInput.js";
import type { Run } from "../../../src/core/run/types.js";
import { runDigest } from "../../../src/core/run/runDigest.js";
import { registerStatusBar } from "../../../src/host/statusBar/index.js";
import { deltaSummary } from "../../../src/host/views/deltaSummary.js";
import { modelRows } from "../../../src/host/views/modelRows.js";
import { ModelView } from "../../../src/host/views/modelView.js";
import { RunsView } from "../../../src/host/views/runsView.js";
import { fakeServices, READY, runEntry } from "../../helpers/fakeServices.js";
import { fake, type MarkdownString } from "../../helpers/fakeVscode.js";
import { sampleRun } from "../../helpers/sampleRun.js";

let run: Run;
beforeAll(async () => {
  run = await sampleRun();
});
beforeEach(() => fake.reset());

describe("the status bar", () => {
  function shown(services = fakeServices()) {
    const subscriptions: vscode.Disposable[] = [];
    registerStatusBar({ subscriptions }, services.services);
    const [item] = fake.statusBarItems;
    return { services, subscriptions, item: item ?? {} };
  }

  it("shows model and memory, and says them to a screen reader", () => {
    const { item } = shown();
    expect(item).toMatchObject({
      text: "$(eye) emoji-llava · 312 MB",
      command: "dexar.model.menu",
      shown: true,
      accessibilityInformation: {
        label: "DEX-AR model emoji-llava: ready, cpu, fp32, 312 MB of memory",
        role: "button",
      },
    });
  });

  it.each([
    ["stopped", "$(circle-outline) emoji-llava: not running", false],
    ["starting", "$(loading~spin) emoji-llava: starting", true],
    ["loading", "$(loading~spin) emoji-llava: loading", true],
    ["busy", "$(sync~spin) emoji-llava · 1.2 GB", true],
    ["failed", "$(error) emoji-llava: failed", false],
  ] as const)("follows the model: %s", (state, text, running) => {
    const { services, item } = shown();
    services.status = { ...READY, state, memory: 1_234_000_000 };
    services.statusChanged.fire(services.status);
    expect(item.text).toBe(text);
    expect(item.backgroundColor !== undefined).toBe(state === "failed");
    expect(fake.contexts.get("dexar.modelRunning")).toBe(running);
  });

  it("speaks the editor's language and writes its numbers", () => {
    fake.language = "de";
    fake.strings = { "not running": "läuft nicht" };
    const { services, item } = shown();
    services.status = { ...READY, memory: 1_234_000_000 };
    services.statusChanged.fire(services.status);
    expect(String(item.text)).toContain("1,2");
    services.status = { ...READY, state: "stopped" };
    services.statusChanged.fire(services.status);
    expect(item.text).toContain("läuft nicht");
  });

  it("tells the menus whether there are runs, and ends with the extension", () => {
    const { services, subscriptions, item } = shown();
    expect(fake.contexts.get("dexar.hasRuns")).toBe(false);
    services.entries = [runEntry("r1", run.info)];
    services.runsChanged.fire();
    expect(fake.contexts.get("dexar.hasRuns")).toBe(true);
    subscriptions.forEach((subscription) => void subscription.dispose());
    expect([services.statusChanged.size, services.runsChanged.size, item.shown]).toEqual([0, 0, false]);
  });
});

describe("the Model view", () => {
  it("is empty while the model is stopped, so that its welcome shows", () => {
    expect(modelRows({ ...READY, state: "stopped" })).toEqual([]);
  });

  it("shows state, model, device, weights, size and memory", () => {
    const rows = modelRows(READY).map(({ label, value }) => `${label}: ${value}`);
    expect(rows).toEqual([
      "State: ready",
      "Model: emoji-llava",
      "Device: cpu",
      "Weights: fp32",
      "Size on disk: 13 MB",
      "Memory: 312 MB",
    ]);
  });

  it("says how a graphics card compares to the processor, and why one is not used", () => {
    const deviceRow = (change: Partial<typeof READY>) =>
      modelRows({ ...READY, ...change }).find(({ id }) => id === "device");
    expect(deviceRow({ device: "webgpu", deviceDifference: 1.52e-6 })).toMatchObject({
      value: "webgpu, checked",
      detail: "Checked against the processor: largest relative difference 1.5e-6.",
    });
    expect(deviceRow({ device: "cpu", deviceNotice: "There is no card." })).toMatchObject({
      value: "cpu, not as preferred",
      detail: "There is no card.",
    });
  });

  it("says what was asked for until it is loaded", () => {
    const rows = modelRows({
      ...READY,
      state: "loading",
      device: "auto",
      dtype: null,
      size: null,
      memory: null,
    });
    expect(rows.map(({ value }) => value)).toEqual([
      "loading",
      "emoji-llava",
      "best available",
      "best available",
    ]);
    expect(rows[0]?.context).toBe("dexarStateRunning");
    expect(modelRows({ ...READY, state: "failed" })[0]?.context).toBe("dexarStateFailed");
  });

  it("follows the model once it is shown", () => {
    const services = fakeServices();
    const view = new ModelView(() => services.services);
    expect(services.statusChanged.size).toBe(0);
    const [state] = view.getChildren();
    if (!state) throw new Error("no row");
    expect(view.getTreeItem(state)).toMatchObject({
      label: "State",
      description: "ready",
      accessibilityInformation: { label: "State: ready" },
    });
    expect(view.getChildren(state)).toEqual([]);
    let changes = 0;
    view.onDidChangeTreeData(() => changes++);
    services.statusChanged.fire(READY);
    expect(changes).toBe(1);
    view.dispose();
    expect(services.statusChanged.size).toBe(0);
  });
});

describe("the Runs view", () => {
  it("lists the runs as they are kept, with prompt and time", async () => {
    const services = fakeServices();
    services.entries = [
      runEntry("r2", { ...run.info, time: "2020-02-03T04:05:06Z", partial: true }, "mine"),
      runEntry("r1", run.info),
    ];
    const view = new RunsView(() => services.services);
    const entries = await view.getChildren();
    expect(entries.map(({ id }) => id)).toEqual(["r2", "r1"]);
    const [mine, other] = entries.map((entry) => view.getTreeItem(entry));
    expect(mine).toMatchObject({
      id: "r2",
      label: "mine",
      contextValue: "dexarRun",
      iconPath: { id: "debug-pause" },
    });
    expect(mine?.description).toMatch(/^Describe the picture\. · .*2020/);
    expect(mine?.command).toMatchObject({ command: "dexar.runs.open", arguments: ["r2"] });
    expect(other).toMatchObject({ label: run.info.image.name, iconPath: { id: "file-media" } });
  });

  it("has pinned runs first, with a pin", async () => {
    const services = fakeServices();
    services.entries = [runEntry("new", run.info), { ...runEntry("old", run.info), pinned: true }];
    const view = new RunsView(() => services.services);
    const entries = await view.getChildren();
    expect(entries.map(({ id }) => id)).toEqual(["old", "new"]);
    const [old] = entries.map((entry) => view.getTreeItem(entry));
    expect(old).toMatchObject({ contextValue: "dexarRunPinned", iconPath: { id: "pinned" } });
    expect(old?.accessibilityInformation?.label).toMatch(/, pinned$/);
  });

  it("is made anew when the runs change", async () => {
    const services = fakeServices();
    const view = new RunsView(() => services.services);
    expect(await view.getChildren()).toEqual([]);
    let changes = 0;
    view.onDidChangeTreeData(() => changes++);
    services.runsChanged.fire();
    expect(changes).toBe(1);
    view.dispose();
    expect(services.runsChanged.size).toBe(0);
  });

  async function tooltip(services: ReturnType<typeof fakeServices>, view: RunsView): Promise<string> {
    const [entry] = services.entries;
    if (!entry) throw new Error("no entry");
    const item = await view.resolveTreeItem(view.getTreeItem(entry), entry);
    return (item.tooltip as unknown as MarkdownString).value;
  }

  it("has a tooltip with picture, answer, model and what the tokens rest on", async () => {
    const attribution = attribute(attributionInput(run), run.info.settings);
    const services = fakeServices();
    services.entries = [runEntry("r1", run.info)];
    services.digest = runDigest(run, attribution, { type: "image/png", bytes: run.image });
    const view = new RunsView(() => services.services);
    const text = await tooltip(services, view);
    expect(text).toContain("![](file:///runs/r1/picture.png|width=240)");
    expect(text).toContain("a cat left of a red ball");
    expect(text).toContain(run.info.model.name.replace(/[-_]/g, "\\$&"));
    const positive = [...attribution.tokenWeight].filter(
      (delta, index) => delta > 0 && run.info.tokens[index]?.stop === false,
    ).length;
    expect(positive).toBeGreaterThan(0);
    expect(text).toContain(`$(eye) ${positive} of ${run.info.tokens.length - 1} tokens rest on the picture`);
    await tooltip(services, view);
    expect(services.asked).toEqual([["readDigest", "r1"]]);
  });

  it("has a tooltip without that when the file cannot be read", async () => {
    const services = fakeServices();
    services.entries = [runEntry("r1", run.info)];
    services.digest = "{";
    const text = await tooltip(services, new RunsView(() => services.services));
    expect(text).toContain("a cat left of a red ball");
    expect(text).not.toContain("$(eye)");
    expect(fake.logs.join()).toContain("No summary of the run r1");
  });
});

describe("the summary of a run's tokens", () => {
  const tokens = [" a", " cat", " ball", " on", "</s>"].map((text, id) => ({
    id,
    text,
    kind: "generated" as const,
    logprob: 0,
    alternatives: [],
    stop: text === "</s>",
  }));

  it("names the three that rest most on the picture, leaves the end token out", () => {
    expect(deltaSummary(tokens, [0, 0.5, 0.635, 0.01, 9])).toBe(
      "3 of 4 tokens rest on the picture, most of all (by δ): ball 0.635, cat 0.500, on 0.0100",
    );
  });

  it("says when none does", () => {
    expect(deltaSummary(tokens, [0, 0, 0, 0, 1])).toBe("By this measure no token rests on the picture.");
  });
});
