import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type * as vscode from "vscode";
import { registerCommands } from "../../../src/host/commands/index.js";
import { PromptLenses } from "../../../src/host/prompts/promptLenses.js";
import type { Question } from "../../../src/host/services.js";
import { fakeServices, runEntry } from "../../helpers/fakeServices.js";
import { fake, Selection, TabInputCustom, Uri, type FakeDocument } from "../../helpers/fakeVscode.js";
import { sampleRun } from "../../helpers/sampleRun.js";

const { info } = await sampleRun();
const GERMAN = JSON.parse(readFileSync("l10n/bundle.l10n.de.json", "utf8")) as Record<string, string>;
let folder: string;
let services: ReturnType<typeof fakeServices>;

beforeEach(() => {
  fake.reset();
  folder = mkdtempSync(path.join(os.tmpdir(), "dexar-prompt-commands-"));
  for (const name of ["cat.png", "dog.png"]) writeFileSync(path.join(folder, name), "x");
  services = fakeServices();
  const context = {
    subscriptions: [],
    extensionUri: Uri.file("/ext"),
    extension: { id: "dexar.dexar" },
    globalState: { get: (_: string, fallback: unknown) => fallback, update: async () => {} },
  };
  registerCommands(context as unknown as vscode.ExtensionContext, () => services.services);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function call(id: string, ...args: readonly unknown[]): Promise<void> {
  const command = fake.commands.get(`dexar.${id}`);
  if (!command) throw new Error(`dexar.${id} is not registered`);
  await command(...args);
}
const inFolder = (name: string): vscode.Uri => Uri.file(path.join(folder, name));
const open = (text: string): FakeDocument =>
  fake.open(inFolder("animals.vlm.md"), text, "vlm-prompt").document;
const asked = (): Question[] =>
  services.asked.filter(([name]) => name === "ask").map(([, question]) => question as Question);
const pictures = (): string[] => asked().map(({ image }) => path.basename(image.path));

describe("Run prompt file", () => {
  it("asks the file in front about its picture", async () => {
    open("---\nimage: cat.png\n---\nWhat?");
    await call("prompt.run");
    expect(asked()).toMatchObject([{ prompt: "What?", source: { version: 1, span: [23, 28] } }]);
    expect(pictures()).toEqual(["cat.png"]);
    expect(fake.shown).toEqual([]);
  });

  it("opens the file that is run from elsewhere, so that the panel opens beside it", async () => {
    writeFileSync(inFolder("b.vlm.md").fsPath, "---\nimage: dog.png\n---\nWho?");
    await call("prompt.run", inFolder("b.vlm.md"));
    expect(fake.calls).toEqual([["showTextDocument", inFolder("b.vlm.md").toString(), 1]]);
    expect(asked()).toMatchObject([{ prompt: "Who?" }]);
  });

  it("hands several pictures to the grid, and asks which one to explain alone", async () => {
    const document = open("---\nimages: [cat.png, dog.png]\n---\nWhat?");
    const grid: unknown[] = [];
    fake.commands.set("dexar.prompt.runOnImages", (uri) => grid.push(uri));
    await call("prompt.run");
    expect(grid.map(String)).toEqual([document.uri.toString()]);
    expect(asked()).toEqual([]);
    fake.answers.push((shown: { choices: unknown[] }) => shown.choices[1]);
    await call("prompt.explainOne", document.uri);
    expect(pictures()).toEqual(["dog.png"]);
  });

  it("asks for a picture when none is named, keeps it, and offers to write it down", async () => {
    const document = open("---\nseed: 3\n---\n\nWhat?");
    fake.answers.push([inFolder("dog.png")], "Add to Front Matter");
    await call("prompt.run");
    expect(pictures()).toEqual(["dog.png"]);
    await expect.poll(() => document.text).toBe("---\nseed: 3\nimage: dog.png\n---\n\nWhat?");
    document.replace("image: dog.png\n", "");
    await call("prompt.run");
    expect(pictures()).toEqual(["dog.png", "dog.png"]);
    expect(fake.shown.map(({ kind }) => kind)).toEqual(["openDialog", "information"]);
  });

  it("writes front matter where there is none", async () => {
    const document = open("What?");
    fake.answers.push([inFolder("dog.png")], "Add to Front Matter");
    await call("prompt.run");
    await expect.poll(() => document.text).toBe("---\nimage: dog.png\n---\n\nWhat?");
  });

  it("selects what is wrong and says it, asking nothing", async () => {
    open("---\nimage: cat.png\npreset: papr\n---\nWhat?");
    await call("prompt.run");
    expect(asked()).toEqual([]);
    await expect.poll(() => fake.shown.length).toBe(1);
    expect(fake.shown[0]).toMatchObject({
      kind: "error",
      text: 'animals.vlm.md, line 3: "preset" must be one of paper, reference. Did you mean "paper"?',
    });
    const { selection } = fake.activeEditor ?? {};
    expect([selection?.start, selection?.end]).toEqual([
      { line: 2, character: 8 },
      { line: 2, character: 12 },
    ]);
  });

  it("says what to do where no prompt file is in front", async () => {
    fake.open(inFolder("notes.txt"), "x");
    fake.answers.push("New Prompt File");
    await call("prompt.run");
    expect(fake.shown[0]).toMatchObject({ kind: "information" });
    await expect.poll(() => fake.activeEditor?.document.languageId).toBe("vlm-prompt");
  });

  it("can be stopped", async () => {
    const document = open("What?");
    await call("prompt.stop", document.uri);
    expect(services.asked).toContainEqual(["stopSource", document.uri.path]);
  });
});

describe("Explain prompt on image", () => {
  it("asks about pictures chosen now and writes nothing", async () => {
    const document = open("---\nimage: cat.png\nseed: 3\n---\nWhat?");
    fake.answers.push([inFolder("dog.png")]);
    await call("prompt.explainOnImage");
    expect(pictures()).toEqual(["dog.png"]);
    expect(asked()).toMatchObject([{ seed: 3 }]);
    expect(document.version).toBe(1);
  });

  it("does nothing when the question is dismissed", async () => {
    open("What?");
    await call("prompt.explainOnImage");
    await call("prompt.run");
    expect(services.asked).toEqual([]);
  });
});

describe("Explain with this selection", () => {
  it("asks the selected words of any text", async () => {
    const { editor, document } = fake.open(inFolder("notes.txt"), "Ask: what is this?\nBye.");
    editor.selection = new Selection(document.positionAt(5), document.positionAt(19));
    fake.answers.push([inFolder("cat.png")]);
    await call("explainSelection");
    const [question] = asked();
    expect(question).toMatchObject({ prompt: "what is this?", target: null, source: { span: [5, 18] } });
    expect(question?.source?.uri.path).toBe(document.uri.path);
  });

  it("says so when nothing is selected or no text is in front, before it asks for a picture", async () => {
    await call("explainSelection");
    fake.open(inFolder("notes.txt"), "words");
    await call("explainSelection");
    await expect.poll(() => fake.shown.length).toBe(2);
    expect(fake.shown.map(({ kind, text }) => [kind, text])).toEqual([
      ["information", "There is no text editor in front. Open a file and select the words to ask."],
      ["error", "No words are selected in notes.txt. Select the words to ask, then try again."],
    ]);
    expect(asked()).toEqual([]);
  });
});

describe("New prompt file", () => {
  const opened = () => [fake.activeEditor?.document.uri.toString(), fake.activeEditor?.snippet?.value];

  it("begins beside the active file, with its folder's pictures to choose from", async () => {
    writeFileSync(inFolder("notes.txt").fsPath, "x");
    writeFileSync(inFolder("prompt.vlm.md").fsPath, "x");
    fake.open(inFolder("notes.txt"), "x");
    await call("prompt.new");
    expect(opened()).toEqual([
      inFolder("prompt-2.vlm.md").with({ scheme: "untitled" }).toString(),
      "---\nimage: ${1|cat.png,dog.png|}\n---\n\n${0:describe the picture.}\n",
    ]);
  });

  it("is about the active picture", async () => {
    fake.activeTab = { input: new TabInputCustom(inFolder("dog.png"), "imagePreview.previewEditor") };
    await call("prompt.new");
    expect(opened()[1]).toBe("---\nimage: dog.png\n---\n\n${0:describe the picture.}\n");
  });

  it("begins in the explorer's folder, else in the workspace's, else nowhere", async () => {
    await call("prompt.new", Uri.file(folder));
    expect(opened()[0]).toBe(inFolder("prompt.vlm.md").with({ scheme: "untitled" }).toString());
    // The first one is not saved yet, but its name is taken.
    fake.folders = [{ uri: Uri.file(folder) }];
    await call("prompt.new");
    expect(opened()[0]).toBe(inFolder("prompt-2.vlm.md").with({ scheme: "untitled" }).toString());
    fake.folders = undefined;
    await call("prompt.new");
    expect(opened()).toEqual(["untitled:Untitled-1", "${0:describe the picture.}\n"]);
    expect(fake.activeEditor?.document.languageId).toBe("vlm-prompt");
  });
});

describe("the lenses of a prompt file", () => {
  const titles = async (document: FakeDocument): Promise<(readonly [line: number, title: string])[]> => {
    const lenses = new PromptLenses(() => services.services);
    const found = await lenses.provideCodeLenses(document as unknown as vscode.TextDocument);
    lenses.dispose();
    return found.map(({ range, command }) => [range.start.line, command?.title ?? ""]);
  };

  it("run it, at the top and above its words", async () => {
    const document = open("---\nimage: cat.png\n---\n\nWhat?");
    expect(await titles(document)).toEqual([
      [0, "$(play) Run"],
      [0, "Explain on image…"],
      [4, "$(play) Run"],
    ]);
    expect(await titles(open("What?"))).toEqual([
      [0, "$(play) Run…"],
      [0, "Explain on image…"],
    ]);
    const several = await titles(open("---\nimages: [a.png, b.png, c.png]\n---\nWhat?"));
    expect(several.map(([, title]) => title).slice(0, 3)).toEqual([
      "$(play) Run on 3 pictures",
      "Explain…",
      "Explain on image…",
    ]);
    expect(several.at(3)).toEqual([3, "$(play) Run"]);
    services.isAtWork = true;
    expect((await titles(document))[0]).toEqual([0, "$(debug-stop) Stop"]);
  });

  it("tell when it was run last, and whether it asks something else since", async () => {
    const document = open(`---\nimage: cat.png\nseed: 1\n---\n\n${info.prompt.text}`);
    const entry = runEntry("one", { ...info, time: new Date().toISOString() });
    const generation = { ...info.generation, seed: 1 };
    const source = { uri: document.uri, version: 1, span: [0, 1] as const };
    const ran = { ...entry.saved.info, generation };
    services.entries = [{ ...entry, saved: { ...entry.saved, info: ran }, source }, runEntry("other", info)];
    const [, , , last, tint] = await titles(document);
    expect(tint).toEqual([5, "Show tint"]);
    expect(last?.[0]).toBe(5);
    expect(last?.[1]).toMatch(/^Last run [^,]+$/);
    document.replace("seed: 1", "seed: 2");
    expect((await titles(document))[3]?.[1]).toMatch(/^Last run .*, edited since$/);
    document.replace("seed: 2", "preset: paper");
    expect((await titles(document))[3]?.[1]).toMatch(/^Last run [^,]+$/);
    document.edit([{ rangeOffset: document.text.length, rangeLength: 0, text: " really" }]);
    expect((await titles(document))[3]?.[1]).toMatch(/, edited since$/);
  });

  it.each(["en", "de"])("fit beside the minimap of an editor of 600 pixels (%s)", async (language) => {
    fake.language = language;
    if (language === "de") fake.strings = GERMAN;
    const text = "---\nimages: [a.png, b.png, c.png]\n---\nWhat?";
    const document = open(text);
    const source = { uri: document.uri, version: 1, span: [0, 1] as const };
    const newYear = `${new Date().getFullYear()}-01-02T12:00:00`;
    services.entries = [{ ...runEntry("one", { ...info, time: newYear }), source }];
    const lenses = await titles(document);
    expect(new Set(lenses.map(([line]) => line))).toEqual(new Set([0, 3]));
    for (const at of [0, 3]) {
      const row = lenses.filter(([line]) => line === at);
      const shown = row.map(([, title]) => title.replace(/\$\(.*?\)/, "o")).join(" | ");
      // 430 pixels beside gutter and minimap, at 7.6 a letter.
      expect(shown.length, shown).toBeLessThanOrEqual(57);
    }
  });

  it("are asked for anew when runs or work change, and not shown in cells", async () => {
    const lenses = new PromptLenses(() => services.services);
    let changes = 0;
    lenses.onDidChangeCodeLenses(() => changes++);
    const { document } = fake.open(Uri.parse("vscode-notebook-cell:/n.vlmnb#1"), "What?", "vlm-prompt");
    expect(await lenses.provideCodeLenses(document as unknown as vscode.TextDocument)).toEqual([]);
    await lenses.provideCodeLenses(open("What?") as unknown as vscode.TextDocument);
    services.runsChanged.fire();
    services.workChanged.fire();
    expect(changes).toBe(2);
    lenses.dispose();
    services.runsChanged.fire();
    expect(changes).toBe(2);
  });
});
