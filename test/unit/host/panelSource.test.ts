import { writeFileSync, rmSync, mkdirSync } from "node:fs";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type * as vscode from "vscode";
import { SourceLink } from "../../../src/host/panel/sourceLink.js";
import { promptQuestions } from "../../../src/host/prompts/promptQuestions.js";
import { selectedWords } from "../../../src/host/prompts/readAgain.js";
import { baseFolder } from "../../../src/host/prompts/promptDocument.js";
import type { PanelViewState } from "../../../src/protocol/panel.js";
import { FakePanel } from "../../helpers/fakePanel.js";
import { fake, Uri, type FakeDocument } from "../../helpers/fakeVscode.js";
import { addSampleRun } from "../../helpers/hostServices.js";
import { PanelWindow, arrive, idle, last, panelAt, posted, say, until } from "../../helpers/panelWindow.js";

const TEXT = "---\nimage: cat.png\nmax_new_tokens: 20\n---\n\nWhat is on the table?\n";
let editor: PanelWindow;
let file: vscode.Uri;

beforeEach(() => {
  fake.reset();
  editor = new PanelWindow();
  file = Uri.file(path.join(editor.files.folder, "animals.vlm.md"));
});

afterEach(() => editor.close());

function open(text = TEXT): FakeDocument {
  writeFileSync(file.fsPath, text);
  return fake.open(file, text, "vlm-prompt").document;
}

async function ask(document: FakeDocument): Promise<FakePanel> {
  const text = document.getText();
  const { questions } = await promptQuestions(text, {
    source: { uri: document.uri, version: document.version },
    base: baseFolder(document.uri),
    models: { resolve: async (name) => ({ name, dir: `/models/${name}` }) },
  });
  for (const question of questions) await editor.panels.ask(question);
  return panelAt(fake.panels.length - 1);
}

/** Asks, and the page is there and has the finished run. */
async function finished(document: FakeDocument, id = "one"): Promise<FakePanel> {
  const panel = await ask(document);
  await arrive(panel);
  await editor.explain.last.finish(id);
  await until(panel, "finished");
  await idle(panel);
  return panel;
}

const FORM = { target: null, maxNewTokens: 20, live: false };

describe("the panel of a prompt file", () => {
  it("opens beside the file, keeps the file in focus, and says which file and version", async () => {
    const document = open();
    const panel = await ask(document);
    expect(panel.viewColumn).toEqual({ viewColumn: -2, preserveFocus: true });
    expect(panel.title).toBe("cat.png · animals.vlm.md");
    const { form } = await arrive(panel);
    expect(form).toEqual({
      imageName: "cat.png",
      prompt: "What is on the table?",
      ...FORM,
      source: { label: "animals.vlm.md, version 1", edited: false },
    });
    const { task } = editor.explain.last;
    expect(task.source).toEqual({ uri: file, version: 1, span: [43, 64] });
    expect(task.request).toMatchObject({ prompt: "What is on the table?", maxNewTokens: 20 });
  });

  it("is one for each picture of a file; asked again, it is the same one with the new question", async () => {
    const document = open("---\nimages: [a.png, b.png]\n---\nWhy?");
    await ask(document);
    expect(fake.panels.map(({ title }) => title)).toEqual([
      "a.png · animals.vlm.md",
      "b.png · animals.vlm.md",
    ]);
    document.replace("Why?", "Why not?");
    await ask(document);
    expect(fake.panels).toHaveLength(2);
    expect(editor.explain.requests.map(({ task }) => task.request.prompt)).toEqual([
      "Why?",
      "Why?",
      "Why not?",
      "Why not?",
    ]);
    expect(editor.explain.requests.map(({ signal }) => signal.aborted)).toEqual([true, true, false, false]);
    await editor.panels.explainImage(Uri.file(path.join(editor.files.folder, "a.png")));
    expect(fake.panels).toHaveLength(3);
  });

  it("takes model, generation and preset from the file", async () => {
    const keys = "model: tiny\ntemperature: 0.5\ntop_k: 4\nseed: 7\npreset: reference\ntext_set: prompt";
    await ask(open(`---\nimage: cat.png\n${keys}\ntarget: a cat\n---\nWhat?`));
    const { task } = editor.explain.last;
    expect(task.model).toEqual({ name: "tiny", dir: "/models/tiny" });
    expect(task.request).toMatchObject({
      temperature: 0.5,
      topK: 4,
      seed: 7,
      target: { text: "a cat" },
      settings: { preset: "reference", textSet: "prompt" },
    });
  });

  it("marks the file as edited while it asks something else than was asked, and no longer", async () => {
    const document = open();
    const panel = await finished(document);
    document.replace("table", "floor");
    expect(last(panel, "source").source).toEqual({ label: "animals.vlm.md, version 1", edited: true });
    document.replace("floor", "table");
    expect(last(panel, "source").source?.edited).toBe(false);
    document.replace("image: cat.png", "image: cat.png # mine");
    expect(posted(panel, "source")).toHaveLength(2);
    document.replace("20", "30");
    expect(last(panel, "source").source?.edited).toBe(true);
  });

  it("runs what the file says now, unsaved text too, when Run is pressed in the panel", async () => {
    const document = open();
    const panel = await finished(document);
    document.replace("table", "floor");
    say(panel, { kind: "run", form: { prompt: "stale", ...FORM }, settings: { preset: "reference" } });
    await expect.poll(() => editor.explain.requests.length).toBe(2);
    const { task } = editor.explain.last;
    expect(task.request).toMatchObject({ prompt: "What is on the floor?", maxNewTokens: 20 });
    expect(task.request.settings).toEqual({ preset: "reference", textSet: "all" });
    expect(task.source?.version).toBe(2);
    expect(last(panel, "form").form).toMatchObject({
      prompt: "What is on the floor?",
      source: { label: "animals.vlm.md, version 2", edited: false },
    });
  });

  it("keeps what was typed into the panel over what the file says, until the file is run itself", async () => {
    const document = open();
    const panel = await finished(document);
    const typed = { prompt: "", target: "a dog", maxNewTokens: 5, live: true };
    say(panel, { kind: "run", form: typed, settings: {} });
    await expect.poll(() => editor.explain.requests.length).toBe(2);
    expect(editor.explain.last.task.request).toMatchObject({
      maxNewTokens: 5,
      target: { text: "a dog" },
      captureEvery: 1,
    });
    await ask(document);
    expect(editor.explain.last.task.request).toMatchObject({ maxNewTokens: 20, target: null });
  });

  it("follows the file to another picture, if that was the one it named", async () => {
    const document = open();
    const panel = await finished(document);
    document.replace("cat.png", "dog.png");
    expect(last(panel, "source").source?.edited).toBe(true);
    say(panel, { kind: "run", form: { prompt: "", ...FORM }, settings: {} });
    await expect.poll(() => editor.explain.requests.length).toBe(2);
    expect(path.basename(editor.explain.last.task.image.path)).toBe("dog.png");
    expect(panel.title).toBe("dog.png · animals.vlm.md");
    expect(last(panel, "form").form).toMatchObject({ imageName: "dog.png", source: { edited: false } });
  });

  it("stays with a picture that was chosen for it", async () => {
    const document = open();
    const source = { uri: file, version: 1, span: [43, 64] as const };
    const image = Uri.file("/pictures/other.png");
    const question = { image, prompt: "What is on the table?", target: null, maxNewTokens: 20, source };
    await editor.panels.ask(question);
    const panel = panelAt(0);
    await arrive(panel);
    document.replace("cat.png", "dog.png");
    expect(posted(panel, "source")).toEqual([]);
    say(panel, { kind: "action", action: "runAgain" });
    await expect.poll(() => editor.explain.requests.length).toBe(2);
    expect(editor.explain.last.task.image.path).toBe("/pictures/other.png");
  });

  it("says what is wrong with a file that cannot be read as a question, and asks nothing", async () => {
    const document = open();
    const panel = await finished(document);
    document.replace("max_new_tokens: 20", "max_new_tokens: many");
    say(panel, { kind: "action", action: "runAgain" });
    await until(panel, "failure");
    expect(last(panel, "failure").failure?.error).toEqual({
      code: "prompt-file-broken",
      message: 'animals.vlm.md, line 3: "max_new_tokens" must be a whole number from 1 to 4096.',
      nextStep: "Change the value.",
    });
    expect(editor.explain.requests).toHaveLength(1);
    document.replace("many", "4");
    say(panel, { kind: "action", action: "runAgain" });
    await expect.poll(() => editor.explain.requests.length).toBe(2);
    expect(last(panel, "failure").failure).toBeNull();
  });

  it("shows the words in the file, not behind the panel itself", async () => {
    const document = open();
    const panel = await ask(document);
    await arrive(panel);
    fake.visibleEditors = [];
    panel.viewColumn = 1;
    say(panel, { kind: "revealSource" });
    await expect.poll(() => fake.calls.length).toBeGreaterThan(0);
    expect(fake.calls.at(-1)).toEqual(["showTextDocument", file.toString(), 2]);
    const { selection } = fake.activeEditor ?? {};
    expect([selection?.start, selection?.end]).toEqual([
      { line: 5, character: 0 },
      { line: 5, character: 21 },
    ]);
    expect(editor.panels.revealSource()).toBe(true);
  });
});

describe("a prompt file behind a panel", () => {
  it("is not told of any more when its panel is closed while it is looked for", async () => {
    const told: string[] = [];
    const link = (name: string) => {
      const source = { uri: file, version: 1, span: [0, 1] as const };
      const on = { changed: () => void told.push(name), saved: () => {} };
      return new SourceLink({ source, asked: { prompt: "x" }, exact: true }, on);
    };
    link("closed").dispose();
    const open = link("open");
    await expect.poll(() => told).toEqual(["open"]);
    open.dispose();
  });

  it("is run again when it is saved, if the setting says so and it asks something else", async () => {
    const document = open();
    const panel = await finished(document);
    document.replace("table", "floor");
    fake.documentSaved.fire(document);
    editor.settings = { runOnSave: true };
    fake.documentSaved.fire(document);
    fake.documentSaved.fire(document);
    await expect.poll(() => editor.explain.requests.length).toBe(2);
    expect(editor.explain.last.task.request.prompt).toBe("What is on the floor?");
    // During the run: the newest wins.
    document.replace("floor", "wall");
    fake.documentSaved.fire(document);
    await expect.poll(() => editor.explain.requests.length).toBe(3);
    expect(editor.explain.requests[1]?.signal.aborted).toBe(true);
    await editor.explain.last.finish("two");
    await until(panel, "finished", 2);
    fake.documentSaved.fire(document);
    expect(editor.explain.requests).toHaveLength(3);
    expect(last(panel, "finished").finished.runId).toBe("two");
  });

  it("may be renamed, with its folder too", async () => {
    const panel = await finished(open());
    const moved = Uri.file(path.join(editor.files.folder, "pets.vlm.md"));
    fake.filesRenamed.fire({ files: [{ oldUri: file, newUri: moved }] });
    expect(last(panel, "source").source?.label).toBe("pets.vlm.md, version 1");
    expect(panel.title).toBe("cat.png · pets.vlm.md");
    const folder = Uri.file(path.join(editor.files.folder, "elsewhere"));
    fake.filesRenamed.fire({ files: [{ oldUri: Uri.file(editor.files.folder), newUri: folder }] });
    mkdirSync(folder.fsPath);
    writeFileSync(path.join(folder.fsPath, "pets.vlm.md"), TEXT.replace("table", "sofa"));
    say(panel, { kind: "action", action: "runAgain" });
    await expect.poll(() => editor.explain.requests.length).toBe(2);
    expect(editor.explain.last.task.request.prompt).toBe("What is on the sofa?");
  });

  it("may be deleted: the panel says so and goes on with its last words", async () => {
    const document = open();
    const panel = await finished(document);
    rmSync(file.fsPath);
    fake.close(document);
    fake.watched.deleted.fire(file);
    expect(last(panel, "source").source?.label).toBe("animals.vlm.md, version 1 (deleted)");
    say(panel, { kind: "action", action: "runAgain" });
    await expect.poll(() => editor.explain.requests.length).toBe(2);
    expect(editor.explain.last.task.request.prompt).toBe("What is on the table?");
    say(panel, { kind: "revealSource" });
    await until(panel, "failure", 1);
    await expect.poll(() => last(panel, "failure").failure?.error.code).toBe("source-missing");
  });

  it("may be saved under a name for the first time", async () => {
    const { document } = fake.open(Uri.parse("untitled:Untitled-1"), "What is this?", "vlm-prompt");
    const source = { uri: document.uri, version: 1, span: [0, 13] as const };
    const image = Uri.file(editor.files.picture);
    await editor.panels.ask({ image, prompt: "What is this?", target: null, source });
    const panel = panelAt(0);
    expect((await arrive(panel)).form.source?.label).toBe("Untitled-1, version 1");
    writeFileSync(file.fsPath, "What is this?");
    const saved = fake.open(file, "What is this?", "vlm-prompt").document;
    fake.documentSaved.fire(saved);
    fake.close(document);
    expect(last(panel, "source").source?.label).toBe("animals.vlm.md, version 1");
  });

  it("saved for the first time is the file of the runs it was asked in before, and of the one under way", async () => {
    const { document } = fake.open(Uri.parse("untitled:Untitled-1"), "What is this?", "vlm-prompt");
    const source = { uri: document.uri, version: 1, span: [0, 13] as const };
    const image = Uri.file(editor.files.picture);
    await addSampleRun(editor.runs, "before", { source });
    await editor.panels.ask({ image, prompt: "What is this?", target: null, source });
    await arrive(panelAt(0));
    writeFileSync(file.fsPath, "What is this?");
    const saved = fake.open(file, "What is this?", "vlm-prompt").document;
    fake.documentSaved.fire(saved);
    fake.close(document);
    const address = (id: string) => editor.runs.get(id)?.source?.uri.toString();
    await expect.poll(() => address("before")).toBe(file.toString());
    await editor.explain.last.finish("under way");
    await expect.poll(() => address("under way")).toBe(file.toString());
  });

  it("is found again after a reload of the window, as it is then", async () => {
    const document = open();
    const before = await finished(document);
    document.replace("table", "floor");
    editor.reload();
    const view: PanelViewState = { version: 1, runId: "one", draft: null, page: null };
    const panel = new FakePanel("dexar.panel", before.title, 2);
    await editor.panels.restore(panel as unknown as vscode.WebviewPanel, view);
    const { form, finished: run } = await arrive(panel);
    expect(run?.runId).toBe("one");
    expect(form.prompt).toBe("What is on the table?");
    expect(form.source?.label).toBe("animals.vlm.md, version 1");
    await expect
      .poll(() => [...posted(panel, "source"), form].at(-1))
      .toMatchObject({ source: { edited: true } });
    say(panel, { kind: "run", form: { prompt: "", ...FORM }, settings: {} });
    await expect.poll(() => editor.explain.requests.length).toBe(1);
    expect(editor.explain.last.task.request).toMatchObject({
      prompt: "What is on the floor?",
      maxNewTokens: 20,
    });
  });

  it("is linked to a kept run of it that is opened", async () => {
    const document = open();
    const source = { uri: file, version: 9, span: [43, 64] as const };
    await addSampleRun(editor.runs, "kept", { source });
    await editor.panels.openRun("kept");
    const { form } = await arrive(panelAt(0));
    expect(form.source?.label).toBe("animals.vlm.md, version 9");
    expect(editor.panels.isAtWork(file)).toBe(false);
    say(panelAt(0), { kind: "action", action: "runAgain" });
    await expect.poll(() => editor.explain.requests.length).toBe(1);
    expect(editor.explain.last.task.request.prompt).toBe("What is on the table?");
    expect(editor.panels.isAtWork(document.uri)).toBe(true);
    editor.panels.stopSource(file);
    expect(editor.explain.last.signal.aborted).toBe(true);
  });
});

describe("words that were selected in a text", () => {
  it("are followed through edits around and in them", async () => {
    const notes = Uri.file(path.join(editor.files.folder, "notes.txt"));
    writeFileSync(notes.fsPath, "x");
    const { document } = fake.open(notes, "First line.\n  What is this? \nLast line.\n");
    const words = selectedWords(document as unknown as vscode.TextDocument, [11, 28]);
    expect(words).toMatchObject({ prompt: "What is this?", source: { span: [14, 27] } });
    await editor.panels.ask({ image: Uri.file(editor.files.picture), target: null, ...words });
    const panel = panelAt(0);
    await arrive(panel);
    document.replace("First", "The very first");
    expect(posted(panel, "source")).toEqual([]);
    document.replace("this", "that thing");
    expect(last(panel, "source").source).toEqual({ label: "notes.txt, version 1", edited: true });
    say(panel, { kind: "action", action: "runAgain" });
    await expect.poll(() => editor.explain.requests.length).toBe(2);
    expect(editor.explain.last.task.request.prompt).toBe("What is that thing?");
    document.replace("What is that thing?", "");
    say(panel, { kind: "action", action: "runAgain" });
    await until(panel, "failure");
    expect(last(panel, "failure").failure?.error.code).toBe("selection-empty");
  });
});
