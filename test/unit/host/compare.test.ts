import { copyFileSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ComparePanels } from "../../../src/host/compare/comparePanels.js";
import { compareCommands } from "../../../src/host/compare/compareCommands.js";
import type { StoredRuns } from "../../../src/host/runs/storedRuns.js";
import type { Services } from "../../../src/host/services.js";
import type { Both, CompareSource, FromCompare, ToCompare } from "../../../src/protocol/compare.js";
import type { FakePanel } from "../../helpers/fakePanel.js";
import { fake, Uri, type Shown } from "../../helpers/fakeVscode.js";
import { addSampleRun, makeRuns, SETTINGS, temporaryFolder, testLog } from "../../helpers/hostServices.js";
import { PanelWindow } from "../../helpers/panelWindow.js";
import { codeOf } from "../../helpers/thrownBy.js";
import { WAIT } from "../../helpers/waiting.js";

let files: ReturnType<typeof temporaryFolder>;
let runs: StoredRuns;
let panels: ComparePanels;
let opened: string[];
let front: string | null;

beforeEach(async () => {
  fake.reset();
  files = temporaryFolder();
  runs = makeRuns(files.folder);
  opened = [];
  front = null;
  panels = new ComparePanels({
    extensionUri: Uri.file("/extension"),
    runs,
    panels: { openRun: async (id) => void opened.push(id) },
    readSettings: () => SETTINGS,
    log: testLog(),
  });
  await addSampleRun(runs, "one");
  await addSampleRun(runs, "two", { prompt: "What is red?", image: "/pictures/dog.png" });
});

afterEach(() => {
  panels.dispose();
  files.remove();
});

const run = (id: string): CompareSource => ({ kind: "run", id });
const file = (name: string): CompareSource => ({
  kind: "file",
  uri: Uri.file(path.join(files.folder, name)).toString(),
});
const saveFile = (id: string, name: string): void =>
  copyFileSync(runs.get(id)?.saved.runPath ?? "", path.join(files.folder, name));

function panelAt(index: number): FakePanel {
  const panel = fake.panels[index];
  if (!panel) throw new Error(`no panel ${index}`);
  return panel;
}

const say = (panel: FakePanel, message: FromCompare): void => panel.say(message);

/** The first message of a kind, as soon as it is there. */
function message<K extends ToCompare["kind"]>(
  panel: FakePanel,
  kind: K,
): Promise<Extract<ToCompare, { kind: K }>> {
  return vi.waitFor(() => {
    const found = (panel.posted as ToCompare[]).find((each) => each.kind === kind);
    if (!found) throw new Error(`no ${kind} was posted`);
    return found as Extract<ToCompare, { kind: K }>;
  }, WAIT);
}

async function arrive(sources: Both<CompareSource>): Promise<FakePanel> {
  await panels.compare(sources);
  const panel = panelAt(fake.panels.length - 1);
  say(panel, { kind: "ready" });
  return panel;
}

describe("the panels that compare", () => {
  it("send both runs with their names, under a policy that lets in nothing but their own script", async () => {
    const panel = await arrive([run("one"), run("two")]);
    const { a, b, choice, sources } = await message(panel, "runs");
    expect([a.name, b?.name]).toEqual(["sample.png: Describe the picture.", "sample.png: What is red?"]);
    expect(a.file.length).toBe(runs.get("one")?.saved.bytes);
    expect({ choice, sources }).toEqual({ choice: [null, null], sources: [run("one"), run("two")] });
    expect(panel.viewType).toBe("dexar.compare");
    expect(panel.webview.html).toContain("/extension/dist/compare.js");
    expect(panel.webview.html).toContain("default-src 'none'");
    expect((panel.posted[0] as ToCompare).kind).toBe("init");
  });

  it("send a run that is on both sides once", async () => {
    const panel = await arrive([run("one"), run("one")]);
    expect((await message(panel, "runs")).b).toBeNull();
  });

  it("read run files, and say which one is damaged", async () => {
    saveFile("two", "other.dexar");
    writeFileSync(path.join(files.folder, "bad.dexar"), "not a zip");
    const { b } = await message(await arrive([run("one"), file("other.dexar")]), "runs");
    expect(b?.name).toBe("other.dexar");
    const { error } = await message(await arrive([run("one"), file("bad.dexar")]), "failure");
    expect(error.message).toContain("bad.dexar");
    const missing = await message(await arrive([run("one"), run("gone")]), "failure");
    expect(missing.error.code).toBe("run-missing");
  });

  it("say nothing to a panel that was closed while its runs were read", async () => {
    const panel = await arrive([run("one"), run("two")]);
    panel.dispose();
    const other = await arrive([run("one"), run("gone")]);
    other.dispose();
    await message(await arrive([run("two"), run("one")]), "runs");
    expect([panel, other].map(({ posted }) => (posted as ToCompare[]).map(({ kind }) => kind))).toEqual([
      ["init"],
      ["init"],
    ]);
    expect(fake.logs.join("\n")).not.toContain("disposed");
  });

  it("are one for each pair of runs", async () => {
    await panels.compare([run("one"), run("two")]);
    await panels.compare([run("one"), run("two")]);
    await panels.compare([run("two"), run("one")]);
    expect(fake.panels).toHaveLength(2);
    expect(panelAt(0).reveals).toBe(1);
    panelAt(0).dispose();
    await panels.compare([run("one"), run("two")]);
    expect(fake.panels).toHaveLength(3);
  });

  it("come back after a reload from what the page has kept, and say so when nothing was", async () => {
    const panel = await arrive([run("one"), run("two")]);
    const { sources } = await message(panel, "runs");
    const restored = await arrive([run("two"), run("one")]);
    restored.posted.length = 0;
    await panels.restore(restored as never, { version: 1, sources, page: {} });
    say(restored, { kind: "ready" });
    const sent = () => (restored.posted as ToCompare[]).filter(({ kind }) => kind === "runs");
    await expect.poll(sent).toContainEqual(expect.objectContaining({ sources }));
    for (const state of [undefined, { version: 2 }, { version: 1, sources: [run("one")] }]) {
      await panels.compare([run("one"), run("one")], [[1], null]);
      const other = panelAt(fake.panels.length - 1);
      await panels.restore(other as never, state);
      say(other, { kind: "ready" });
      expect((await message(other, "failure")).error.code).toBe("comparison-forgotten");
    }
  });

  it("save the picture where the user says, and tell the page", async () => {
    const panel = await arrive([run("one"), run("two")]);
    const place = path.join(files.folder, "out.png");
    fake.answers.push(Uri.file(place));
    say(panel, { kind: "savePng", content: Uint8Array.of(1, 2), suffix: "compare" });
    expect(await message(panel, "saved")).toEqual({ kind: "saved", name: "out.png" });
    expect([...readFileSync(place)]).toEqual([1, 2]);
    const [shown] = fake.shown;
    expect(String((shown?.options as { defaultUri: { path: string } }).defaultUri.path)).toMatch(
      /cat-compare\.png$/,
    );
  });

  it("name in their title what tells two runs with one name apart", async () => {
    const title = async (a: CompareSource, b: CompareSource) => (await arrive([a, b])).title;
    const options = { image: "/pictures/cat.png", time: "2026-05-01T10:00:00Z" };
    await addSampleRun(runs, "again", {
      ...options,
      prompt: "Is there anything else in the picture, and where?",
    });
    await addSampleRun(runs, "later", { ...options, time: "2026-05-02T10:00:00Z" });
    await addSampleRun(runs, "soon", { ...options, time: "2026-05-02T10:00:07Z" });
    expect(await title(run("one"), run("again"))).toBe(
      "sample.png: Describe the picture. ↔ Is there anything else i…",
    );
    expect(await title(run("one"), run("later"))).toMatch(/^sample\.png: .+ ↔ May 2, 2026.*$/);
    expect(await title(run("later"), run("soon"))).toMatch(/^sample\.png: .*:00:00.* ↔ .*:00:07.*$/);
    expect(await title(run("one"), run("one"))).toBe("sample.png with itself");
    await runs.rename("again", "other");
    expect(await title(run("again"), run("one"))).toBe("other ↔ sample.png");
    expect(await title(file("a/x.dexar"), file("b/x.dexar"))).toBe("x.dexar: a ↔ b");
    expect(await title(file("a/r/x.dexar"), file("b/r/x.dexar"))).toMatch(/^x\.dexar: .*a\/r ↔ .*b\/r$/);
    expect(await title(run("one"), run("gone"))).toBe("sample.png ↔ run");
  });

  it("open a run by itself, and follow when its sides are swapped", async () => {
    const panel = await arrive([run("one"), file("x.dexar")]);
    const before = panel.title;
    say(panel, { kind: "openRun", source: run("one") });
    say(panel, { kind: "openRun", source: file("x.dexar") });
    say(panel, { kind: "swapped", sources: [file("x.dexar"), run("one")] });
    await expect.poll(() => opened).toEqual(["one"]);
    expect(fake.calls.map(([id]) => id)).toContain("vscode.open");
    expect(panel.title).toBe(before.split(" ↔ ").reverse().join(" ↔ "));
    expect(panel.title).toContain("x.dexar");
  });
});

describe("the panel of a run", () => {
  it("hands its run and the pinned token to the command", async () => {
    const editor = new PanelWindow();
    await addSampleRun(editor.runs, "shown");
    await editor.panels.openRun("shown");
    const panel = panelAt(fake.panels.length - 1);
    panel.say({ kind: "compare", token: { index: 1, text: " cat" } });
    await expect
      .poll(() => fake.calls)
      .toContainEqual(["dexar.compare.withPanel", run("shown"), { index: 1, text: " cat" }]);
    editor.close();
  });
});

describe("the commands that compare", () => {
  const asked: unknown[] = [];
  let commands: ReturnType<typeof compareCommands>;

  beforeEach(() => {
    asked.length = 0;
    const services = {
      runs,
      panels: {
        get activeRunId() {
          return front;
        },
      },
      comparisons: { compare: async (...call: readonly unknown[]) => void asked.push(call) },
    } as unknown as Services;
    commands = compareCommands(() => services);
  });

  const call = async (id: string, ...args: readonly unknown[]): Promise<void> => {
    await commands[`dexar.compare.${id}`]?.(...args);
  };
  /** Answers a list with the item of this name. */
  const choose =
    (label: string) =>
    ({ choices }: Shown) =>
      choices.find((item) => (item as { label: string }).label.startsWith(label));

  it("take the two runs that are selected in the view", async () => {
    await call("runs", runs.get("one"), [runs.get("one"), runs.get("two")]);
    expect(asked).toEqual([[[run("one"), run("two")]]]);
    expect(fake.shown).toEqual([]);
  });

  it("ask for what is missing, and do nothing when the user gives up", async () => {
    fake.answers.push(choose("sample.png: What"));
    await call("runs", runs.get("one"));
    fake.answers.push(choose("sample.png: Desc"), choose("This Run"));
    await call("runs");
    fake.answers.push(undefined);
    await call("runs", runs.get("one"));
    expect(asked).toEqual([[[run("one"), run("two")]], [[run("one"), run("one")]]]);
  });

  it("refuse three runs", async () => {
    const three = [runs.get("one"), runs.get("two"), runs.get("one")];
    expect(await codeOf(call("runs", three[0], three))).toBe("too-many-runs");
  });

  it("compare the panel's run, or its pinned token, with another run, itself or a file", async () => {
    fake.answers.push(choose("sample.png: What"));
    await call("withPanel", run("one"), { index: 1, text: " cat" });
    expect(fake.shown.at(-1)?.text).toBe("Compare Token ·cat With");
    fake.answers.push(choose("Another Token"));
    await call("withPanel", run("one"), { index: 1, text: " cat" });
    front = "two";
    fake.answers.push(choose("Choose Run File"), [Uri.file("/runs/x.dexar")]);
    await call("withPanel");
    expect(asked).toEqual([
      [
        [run("one"), run("two")],
        [[1], null],
      ],
      [
        [run("one"), run("one")],
        [[1], null],
      ],
      [
        [run("two"), { kind: "file", uri: "file:///runs/x.dexar" }],
        [null, null],
      ],
    ]);
    front = null;
    expect(await codeOf(call("withPanel"))).toBe("nothing-to-compare");
  });

  it("compare files of the explorer: one after the other, or two that are selected", async () => {
    const [a, b] = [Uri.file("/a.dexar"), Uri.file("/b.dexar")];
    await call("withSelectedFile", b);
    expect(asked).toEqual([]);
    await call("selectFile", a);
    expect(fake.contexts.get("dexar.compareFileSelected")).toBe(true);
    await call("withSelectedFile", b);
    await call("files", b, [b, a]);
    expect(asked).toEqual([
      [
        [
          { kind: "file", uri: "file:///a.dexar" },
          { kind: "file", uri: "file:///b.dexar" },
        ],
      ],
      [
        [
          { kind: "file", uri: "file:///b.dexar" },
          { kind: "file", uri: "file:///a.dexar" },
        ],
      ],
    ]);
    expect(await codeOf(call("files", a, [a]))).toBe("two-files");
  });
});
