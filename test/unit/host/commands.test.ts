import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type * as vscode from "vscode";
import { DexarError } from "../../../src/core/errors.js";
import { registerCommands } from "../../../src/host/commands/index.js";
import { menuActions } from "../../../src/host/commands/modelMenu.js";
import { fakeServices, type READY, runEntry } from "../../helpers/fakeServices.js";
import { fake, TabInputCustom, TabInputText, Uri, type Shown } from "../../helpers/fakeVscode.js";
import { sampleRun } from "../../helpers/sampleRun.js";

const { info } = await sampleRun();
let folder: string;
let services: ReturnType<typeof fakeServices>;
let memory: Map<string, unknown>;

beforeEach(() => {
  fake.reset();
  folder = mkdtempSync(path.join(os.tmpdir(), "dexar-commands-"));
  services = fakeServices();
  memory = new Map();
  const context = {
    subscriptions: [],
    extensionUri: Uri.file("/ext"),
    extension: { id: "dexar.dexar" },
    globalState: {
      get: (key: string, fallback: unknown) => memory.get(key) ?? fallback,
      update: async (key: string, value: unknown) => void memory.set(key, value),
    },
  };
  registerCommands(context as unknown as vscode.ExtensionContext, () => services.services);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function call(id: string, ...args: readonly unknown[]): Promise<void> {
  const command = fake.commands.get(`dexar.${id}`);
  if (!command) throw new Error(`dexar.${id} is not registered`);
  await command(...args);
}
const asked = (method: string) =>
  services.asked.filter(([name]) => name === method).map(([, ...rest]) => rest);
const pick = (label: string) => (shown: Shown) =>
  (shown.choices as { label: string }[]).find((choice) => choice.label.includes(label));
const labels = (shown: Shown | undefined) =>
  (shown?.choices as { label: string }[]).map(({ label }) => label);

describe("Explain with DEX-AR", () => {
  it("explains the picture that was clicked", async () => {
    await call("explainImage", Uri.file("/p/a.png"));
    await call("explainImage", Uri.file("/p/a.png"), { groupId: 1 });
    expect(asked("explainImage")).toEqual([["/p/a.png"], ["/p/a.png"]]);
    expect(fake.shown).toEqual([]);
  });

  it("explains all pictures that are selected, and nothing else that is", async () => {
    const selected = ["a.png", "notes.txt", "B.JPG", "c.svg"].map((name) => Uri.file(`/p/${name}`));
    await call("explainImage", selected[0], selected);
    expect(asked("explainImage")).toEqual([["/p/a.png"], ["/p/B.JPG"], ["/p/c.svg"]]);
  });

  it("asks before it opens many panels", async () => {
    const many = Array.from({ length: 7 }, (_, index) => Uri.file(`/p/${index}.png`));
    await call("explainImage", many[0], many);
    expect(fake.shown[0]).toMatchObject({ kind: "warning", text: "Explain 7 pictures?" });
    expect(services.asked).toEqual([]);
    fake.answers.push("Explain All");
    await call("explainImage", many[0], many);
    expect(asked("explainImage")).toHaveLength(7);
  });

  it("explains the picture of the active editor for its keys and its context menu", async () => {
    fake.activeTab = { input: new TabInputCustom(Uri.file("/p/a.webp"), "imagePreview.previewEditor") };
    await call("explainImage", { from: "editor" });
    await call("explainImage", { webviewId: "imagePreview.previewEditor" });
    expect(asked("explainImage")).toEqual([["/p/a.webp"], ["/p/a.webp"]]);
    expect(fake.calls).toEqual([]);
  });

  it("opens the explorer's selection for its key, and explains that", async () => {
    fake.activeTab = { input: new TabInputCustom(Uri.file("/p/a.webp"), "imagePreview.previewEditor") };
    await call("explainImage", { from: "explorer" });
    expect(fake.calls).toEqual([["filesExplorer.openFilePreserveFocus"]]);
    expect(asked("explainImage")).toEqual([["/p/a.webp"]]);
  });

  it("asks in the palette: the active picture first, then open ones, the workspace's, any file", async () => {
    fake.folders = [{ uri: Uri.file("/p") }];
    fake.activeTab = { input: new TabInputText(Uri.file("/p/sub/drawing.svg")) };
    fake.otherTabs = [
      { input: new TabInputText(Uri.file("/p/notes.txt")) },
      { input: new TabInputCustom(Uri.file("/p/open.png"), "imagePreview.previewEditor") },
      { input: undefined },
    ];
    fake.foundFiles = [Uri.file("/p/z.png"), Uri.file("/p/open.png"), Uri.file("/p/b.gif")];
    fake.answers.push(pick("b.gif"));
    await call("explainImage");
    expect(labels(fake.shown[0])).toEqual([
      "open",
      "drawing.svg",
      "open.png",
      "in this workspace",
      "b.gif",
      "z.png",
      "",
      "Choose a file…",
    ]);
    expect(asked("explainImage")).toEqual([["/p/b.gif"]]);
  });

  it("opens the file dialog where there is nothing to offer", async () => {
    fake.answers.push([Uri.file("/p/a.avif"), Uri.file("/p/b.png")]);
    await call("explainImage");
    expect(fake.shown.map(({ kind }) => kind)).toEqual(["openDialog"]);
    expect(asked("explainImage")).toEqual([["/p/a.avif"], ["/p/b.png"]]);
  });

  it("does nothing when the question is dismissed", async () => {
    await call("explainImage");
    expect(services.asked).toEqual([]);
  });

  it("shows what went wrong, with what to do", async () => {
    services.failure = new DexarError("image-empty", "It is empty.", "Give another.");
    await call("explainImage", Uri.file("/p/a.png"));
    expect(fake.shown).toMatchObject([
      { kind: "error", text: "It is empty. Give another.", choices: ["Choose Picture"] },
    ]);
  });

  it("has a sample", async () => {
    await call("explainSample");
    expect(asked("explainImage")).toEqual([["/ext/examples/burger-and-ghost-and-butterfly.png"]]);
  });
});

describe("commands of the panel", () => {
  it.each([
    ["panel.nextToken", "nextToken"],
    ["panel.previousToken", "previousToken"],
    ["panel.wholeAnswer", "wholeAnswer"],
    ["panel.focusPrompt", "focusPrompt"],
    ["panel.resetFilter", "resetFilter"],
    ["panel.copyPicture", "copyPicture"],
    ["panel.exportPng", "exportPng"],
    ["panel.exportJson", "exportJson"],
    ["panel.exportRun", "exportRun"],
    ["panel.exportHtml", "exportHtml"],
  ])("%s goes to the panel in front", async (id, command) => {
    await call(id);
    expect(services.asked).toEqual([["command", command]]);
  });

  it("say so when there is no panel", async () => {
    services.hasPanel = false;
    fake.answers.push("Explain a Picture", [Uri.file("/p/a.png")]);
    await call("panel.nextToken");
    expect(fake.shown[0]).toMatchObject({ kind: "information" });
    expect(asked("explainImage")).toEqual([["/p/a.png"]]);
  });

  it("run again, stop, stop all, show", async () => {
    for (const id of ["explainAgain", "stop", "stopAll", "openPanel"]) await call(id);
    expect(services.asked).toEqual([["again"], ["stop", false], ["stop", true], ["stopGrids"], ["reveal"]]);
  });

  it("show the newest run when no panel is open", async () => {
    services.hasPanel = false;
    services.entries = [runEntry("new", info), runEntry("old", info)];
    await call("openPanel");
    expect(asked("openRun")).toEqual([["new"]]);
  });
});

describe("commands of prompt files", () => {
  it("switch the tint in the settings of the user, or of the workspace where it is set", async () => {
    await call("prompt.toggleTint");
    expect(fake.userSettings.get("dexar.promptFile.tint")).toBe(false);
    await call("prompt.toggleTint");
    expect(fake.userSettings.get("dexar.promptFile.tint")).toBe(true);
    await call("prompt.hideTint");
    expect(fake.userSettings.get("dexar.promptFile.tint")).toBe(false);
    await call("prompt.showTint");
    expect(fake.userSettings.get("dexar.promptFile.tint")).toBe(true);
  });

  it("tint a file by its last run where nothing else does, and hide what is seen", async () => {
    const file = Uri.file("/w/a.vlm.md");
    const source = { uri: file, version: 1, span: [0, 2] } as const;
    services.entries = [runEntry("typed", info), { ...runEntry("new", info), source }];
    await call("prompt.toggleTint", file);
    expect(asked("showAnswer")).toEqual([[file.toString(), "new"]]);
    expect(fake.userSettings.get("dexar.promptFile.tint")).toBe(true);
    await call("prompt.toggleTint", file);
    expect(fake.userSettings.get("dexar.promptFile.tint")).toBe(false);
    expect(fake.shown).toEqual([]);
  });

  it("say so when the words were edited since the last run", async () => {
    const file = Uri.file("/w/a.vlm.md");
    services.entries = [{ ...runEntry("new", info), source: { uri: file, version: 1, span: [0, 2] } }];
    services.canTint = false;
    await call("prompt.toggleTint", file);
    expect(fake.shown).toMatchObject([{ kind: "information" }]);
    expect(fake.shown[0]?.text).toContain("edited since their last run");
  });

  it("show a word in the panel, called with a run and a position only", async () => {
    await call("prompt.showWord", "one", 3);
    await call("prompt.showWord", "one");
    expect(asked("showWord")).toEqual([["one", 3]]);
  });

  it("ask about all pictures of the file that is clicked or open, and say what to do without one", async () => {
    await call("prompt.runOnImages", Uri.file("/w/a.vlm.md"));
    fake.open(Uri.file("/w/b.vlm.md"), "Hi", "vlm-prompt");
    await call("prompt.runOnImages");
    fake.open(Uri.file("/w/c.md"), "Hi", "markdown");
    await call("prompt.runOnImages");
    expect(asked("runOnImages")).toEqual([["/w/a.vlm.md"], ["/w/b.vlm.md"]]);
    expect(fake.shown).toMatchObject([{ kind: "information" }]);
  });
});

describe("commands of the model", () => {
  it("start, stop, restart, show the log and the settings", async () => {
    for (const id of ["model.start", "model.stop", "model.restart", "model.showLog", "openSettings"])
      await call(id);
    expect(services.asked.map(([name]) => name)).toEqual([
      "start",
      "stopModel",
      "stopModel",
      "start",
      "showLog",
    ]);
    expect(fake.calls).toContainEqual(["progress", "Starting the model emoji-llava"]);
    expect(fake.calls).toContainEqual(["workbench.action.openSettings", "@ext:dexar.dexar"]);
  });

  it("show why the model cannot start", async () => {
    services.failure = new DexarError("model-file-missing", "No config.json.", "Download it.");
    await call("model.start");
    expect(fake.shown[0]?.choices).toEqual(["Choose Model", "Open Settings", "Show Log"]);
  });

  it("offer in the menu what fits the state", async () => {
    const offered = (state: typeof READY.state) => menuActions({ state }).map(({ command }) => command);
    expect(offered("stopped").slice(0, 2)).toEqual(["dexar.model.start", "dexar.model.choose"]);
    expect(offered("failed")[0]).toBe("dexar.model.start");
    expect(offered("ready").slice(0, 2)).toEqual(["dexar.model.restart", "dexar.model.stop"]);
    expect(offered("busy").slice(0, 3)).toEqual(["dexar.stopAll", "dexar.model.restart", "dexar.model.stop"]);
    expect(offered("busy").filter((command) => !fake.commands.has(command))).toEqual([]);
    fake.answers.push(pick("Stop Model"));
    await call("model.menu");
    expect(asked("stopModel")).toHaveLength(1);
  });
});

describe("Choose Model", () => {
  it("offers the bundled model, the folders used before that are still there, and any folder", async () => {
    writeModel("used");
    memory.set("modelFolders", [path.join(folder, "used"), path.join(folder, "gone")]);
    fake.userSettings.set("dexar.model.path", path.join(folder, "used"));
    fake.answers.push(pick("emoji-llava"));
    await call("model.choose");
    expect(labels(fake.shown[0])).toEqual(["emoji-llava", "used", "Get a model…", "Open model folder…"]);
    expect((fake.shown[0]?.choices as { description?: string }[])[1]?.description).toBe("in use");
    expect(fake.userSettings.has("dexar.model.path")).toBe(false);
  });

  it("writes a new folder to the user's settings and remembers it", async () => {
    const dir = writeModel("new");
    fake.answers.push(pick("Open model folder"), [Uri.file(dir)]);
    await call("model.choose");
    expect(fake.userSettings.get("dexar.model.path")).toBe(dir);
    expect(memory.get("modelFolders")).toEqual([dir]);
  });

  it("refuses a folder without a model", async () => {
    fake.answers.push(pick("Open model folder"), [Uri.file("/nowhere")]);
    await call("model.choose");
    expect(fake.shown.at(-1)).toMatchObject({
      kind: "error",
      choices: ["Choose Model", "Open Settings", "Show Log"],
    });
    expect(fake.shown.at(-1)?.text).toContain("no config.json");
    expect(fake.userSettings.size).toBe(0);
  });

  it("says when the workspace has the last word", async () => {
    fake.workspaceSettings.set("dexar.model.path", "/other");
    fake.answers.push(pick("Open model folder"), [Uri.file(writeModel("new"))], "Open Workspace Settings");
    await call("model.choose");
    expect(fake.shown.at(-1)?.text).toContain("/other");
    expect(fake.calls).toContainEqual(["workbench.action.openWorkspaceSettings", "dexar.model.path"]);
  });

  function writeModel(name: string): string {
    const dir = path.join(folder, name);
    mkdirSync(dir);
    writeFileSync(path.join(dir, "config.json"), "{}");
    return dir;
  }
});

describe("commands of runs", () => {
  beforeEach(() => {
    services.entries = [runEntry("r1", info), runEntry("r2", info, "second")];
  });

  it("take the run that was clicked, or all that are selected", async () => {
    const [one, two] = services.entries;
    await call("runs.open", one);
    await call("runs.open", one, [one, two]);
    await call("runs.open", "r2");
    expect(asked("openRun")).toEqual([["r1"], ["r1"], ["r2"], ["r2"]]);
  });

  it("ask which run in the palette", async () => {
    fake.answers.push(pick("second"));
    await call("runs.open");
    expect(asked("openRun")).toEqual([["r2"]]);
    expect(fake.shown[0]).toMatchObject({ kind: "quickPick", text: "Open Run" });
  });

  it("say when there are none", async () => {
    services.entries = [];
    await call("runs.open");
    expect(fake.shown).toMatchObject([{ kind: "information" }]);
  });

  it("rename", async () => {
    fake.answers.push("other", undefined, "second", "");
    for (let time = 0; time < 4; time++) await call("runs.rename", services.entries[1]);
    // Dismissed and unchanged do nothing; empty goes back to the automatic name.
    expect(asked("rename")).toEqual([
      ["r2", "other"],
      ["r2", ""],
    ]);
    expect(fake.shown[0]?.options).toMatchObject({ value: "second" });
  });

  it("save the run file, export in a format, say where", async () => {
    fake.answers.push(undefined, pick("HTML"), undefined, pick("SVG"), undefined, pick("PNG"));
    await call("runs.save", services.entries[0]);
    for (let time = 0; time < 3; time += 1) await call("runs.export", services.entries[0]);
    expect(asked("exportRun")).toEqual(["run", "html", "svg", "png"].map((format) => ["r1", format]));
    const said = fake.shown.filter(({ kind }) => kind === "information").map(({ text }) => text);
    expect(said).toEqual(Array.from({ length: 4 }, () => "Saved run.json."));
  });

  it("say nothing when saving was cancelled", async () => {
    services.saved = null;
    await call("runs.save", services.entries[0]);
    expect(fake.shown).toEqual([]);
  });

  it("delete after a question", async () => {
    await call("runs.delete", services.entries[1]);
    expect(fake.shown[0]).toMatchObject({ text: 'Delete the run "second"?', options: { modal: true } });
    expect(asked("delete")).toEqual([]);
    fake.answers.push("Delete");
    await call("runs.delete", services.entries[0], services.entries);
    expect(fake.shown[1]?.text).toBe("Delete 2 runs?");
    expect(asked("delete")).toEqual([["r1"], ["r2"]]);
    fake.answers.push("Delete");
    await call("runs.deleteAll");
    expect(fake.shown[2]?.text).toBe("Delete all 2 runs?");
    expect(asked("clear")).toEqual([[]]);
  });

  it("show the file and copy its path", async () => {
    await call("runs.revealFile", services.entries[0]);
    await call("runs.copyPath", services.entries[0], services.entries);
    expect(String(fake.calls[0])).toBe("revealFileInOS,file:///runs/r1/run.dexar");
    expect(fake.clipboard).toBe("/runs/r1/run.dexar\n/runs/r2/run.dexar");
  });
});

describe("help", () => {
  it("opens guide, walkthrough and command line", async () => {
    await call("showGuide");
    await call("openWalkthrough");
    await call("openCommandLine");
    expect(fake.calls.map(([id]) => id)).toEqual([
      "markdown.showPreview",
      "workbench.action.openWalkthrough",
      "show",
      "sendText",
    ]);
    expect(fake.calls[1]?.[1]).toBe("dexar.dexar#start");
    expect(fake.calls[3]).toEqual(["sendText", 'node "/ext/dist/cli.js" explain ', false]);
  });
});
