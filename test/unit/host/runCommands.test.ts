import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type * as vscode from "vscode";
import { registerCommands } from "../../../src/host/commands/index.js";
import { PROMPT_LANGUAGE } from "../../../src/host/prompts/promptDocument.js";
import type { QuestionSource } from "../../../src/host/services.js";
import { fakeServices, runEntry } from "../../helpers/fakeServices.js";
import { fake, Uri, window } from "../../helpers/fakeVscode.js";
import { sampleRun } from "../../helpers/sampleRun.js";

const { info } = await sampleRun();
const PROMPT = info.prompt.text;
let folder: string;
let services: ReturnType<typeof fakeServices>;

beforeEach(() => {
  fake.reset();
  folder = mkdtempSync(path.join(os.tmpdir(), "dexar-commands-"));
  services = fakeServices();
  services.entries = [runEntry("one", info), runEntry("two", info)];
  const context = { subscriptions: [], extensionUri: Uri.file("/ext") };
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

/** Gives the run `one` a file that its words came from. */
function cameFrom(name: string, text: string, span: QuestionSource["span"]): string {
  const file = path.join(folder, name);
  writeFileSync(file, text);
  const source = { uri: Uri.file(file), version: 1, span };
  services.entries = [{ ...runEntry("one", info), source }];
  return file;
}

/** Name of the document in front and what is selected there. */
function inFront(): { readonly uri: string; readonly selected: string; readonly text: string } {
  const [editor] = window.visibleTextEditors as unknown as readonly vscode.TextEditor[];
  if (!editor) throw new Error("no editor was opened");
  const { document, selection } = editor;
  return { uri: document.uri.toString(), selected: document.getText(selection), text: document.getText() };
}

describe("commands of the Runs view", () => {
  it("pin and unpin every run that is selected", async () => {
    const [one, two] = services.entries;
    await call("runs.pin", one, [one, two]);
    await call("runs.unpin", two);
    expect(asked("setPinned")).toEqual([
      ["one", true],
      ["two", true],
      ["two", false],
    ]);
  });

  it("open a run's file in its editor, and files that the user chooses", async () => {
    await call("runs.openAsFile", services.entries[0]);
    const files = [Uri.file("/a.dexar"), Uri.file("/b.dexar")];
    fake.answers = [files, undefined];
    await call("runs.openFile");
    await call("runs.openFile");
    const opened = fake.calls.filter(([id]) => id === "vscode.openWith");
    expect(opened.map(([, uri, type]) => [(uri as vscode.Uri).path, type])).toEqual([
      ["/runs/one/run.dexar", "dexar.run"],
      ["/a.dexar", "dexar.run"],
      ["/b.dexar", "dexar.run"],
    ]);
  });

  it("re-run one run with changes", async () => {
    await call("runs.rerun", services.entries[1]);
    expect(asked("rerun")).toEqual([["two"]]);
    await call("runs.continue", services.entries[1]);
    expect(asked("continueRun")).toEqual([["two"]]);
  });

  it("go to a run file's page when that is in front, not to a panel", async () => {
    services.hasRunEditor = true;
    await call("panel.nextToken");
    expect(asked("runEditorCommand")).toEqual([["nextToken"]]);
    expect(asked("command")).toEqual([]);
  });
});

describe("opening the prompt of a run", () => {
  const open = () => call("runs.openPrompt", services.entries[0]);

  it("selects the words in their file", async () => {
    const text = `---\nseed: 1\n---\n${PROMPT}\n`;
    const file = cameFrom("a.vlm.md", text, [16, 16 + PROMPT.length]);
    await open();
    expect(inFront()).toMatchObject({ uri: Uri.file(file).toString(), selected: PROMPT });
    expect(fake.shown).toEqual([]);
  });

  it("finds them where they moved to, with other ends of lines too", async () => {
    const grown = `---\r\nseed: 1\r\nimage: a.png\r\n---\r\n${PROMPT}\r\n`;
    cameFrom("a.vlm.md", grown, [16, 16 + PROMPT.length]);
    await open();
    expect(inFront().selected).toBe(PROMPT);
    const notes = `First a line.\nThen the question: ${PROMPT} Then more.\n`;
    cameFrom("notes.txt", notes, [0, PROMPT.length]);
    fake.visibleEditors = [];
    await open();
    expect(inFront().selected).toBe(PROMPT);
    expect(fake.shown).toEqual([]);
  });

  it.each([
    ["has other words now", (file: string) => writeFileSync(file, "Something else.")],
    ["is not there any more", (file: string) => rmSync(file)],
  ])("says that the file %s and opens the prompt as a new file", async (words, change) => {
    change(cameFrom("a.vlm.md", PROMPT, [0, PROMPT.length]));
    await open();
    expect(fake.shown.map(({ text }) => text)).toEqual([
      `a.vlm.md ${words}. This is the prompt as the run has it.`,
    ]);
    const { uri, text } = inFront();
    expect(uri).toMatch(/^untitled:/);
    expect(text).toBe(
      [
        "---",
        "model: sample-vlm",
        "image: /pictures/sample.png",
        "max_new_tokens: 32",
        "temperature: 0",
        "repetition_penalty: 1",
        "preset: paper",
        "text_set: all",
        "---",
        `${PROMPT}\n`,
      ].join("\n"),
    );
    expect(fake.documents.map(({ languageId }) => languageId)).toEqual([PROMPT_LANGUAGE]);
  });

  it("names a picture of the workspace as a file there would", async () => {
    fake.folders = [{ uri: Uri.file("/pictures") }];
    await open();
    expect(inFront().text).toContain("\nimage: sample.png\n");
  });

  it("opens a new file without a word for a run that was typed in a panel", async () => {
    await open();
    expect(inFront().uri).toMatch(/^untitled:/);
    expect(fake.shown).toEqual([]);
  });
});
