import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type * as vscode from "vscode";
import { DexarError } from "../../../src/core/errors.js";
import { runMissing } from "../../../src/host/runs/runMissing.js";
import { FakePanel } from "../../helpers/fakePanel.js";
import { fake, Uri, type FakeDocument } from "../../helpers/fakeVscode.js";
import { GridPage, GridWindow } from "../../helpers/gridWindow.js";

const file = Uri.file("/folder/animals.vlm.md");
const TEXT = `---
images:
  - cat.png
  - pictures/dog.png
  - /elsewhere/frog.png
max_new_tokens: 7
---
What is this?
`;

let editor: GridWindow;
let document: FakeDocument;

beforeEach(() => {
  fake.reset();
  editor = new GridWindow();
  ({ document } = fake.open(file, TEXT, "vlm-prompt"));
});

afterEach(() => editor.close());

/** Runs the file; the page is there. */
async function running(): Promise<GridPage> {
  await editor.grids.run(file);
  const page = GridPage.at(0);
  page.arrive();
  return page;
}

const asked = (): string[] => editor.explain.requests.map(({ task }) => task.image.path);

describe("a prompt file with several pictures", () => {
  it("is asked about each, one after the other, in the order of the file", async () => {
    const page = await running();
    expect(page.last("init")).toMatchObject({ preferences: { colourMap: "viridis" }, strings: null });
    const { file: shown, cards, failure } = page.last("snapshot");
    expect(shown).toEqual({
      label: "animals.vlm.md, version 1",
      edited: false,
      prompt: "What is this?",
      target: null,
    });
    expect(cards.map(({ name }) => name)).toEqual(["cat.png", "dog.png", "frog.png"]);
    expect(failure).toBeNull();
    expect(asked()).toEqual(["/folder/cat.png"]);
    expect(page.kinds()).toEqual(["running", "waiting", "waiting"]);
    expect(editor.explain.last.task).toMatchObject({
      request: { prompt: "What is this?", maxNewTokens: 7 },
      source: { uri: file, version: 1, span: [TEXT.indexOf("What"), TEXT.length - 1] },
    });
    await editor.explain.last.finish("one");
    await page.until(() => page.kinds()[1] === "running");
    expect(asked()).toEqual(["/folder/cat.png", "/folder/pictures/dog.png"]);
    await editor.explain.last.finish("two");
    await page.until(() => page.kinds()[2] === "running");
    await editor.explain.last.finish("three");
    await page.until(() => page.posted("result").length === 3);
    expect(page.states().map((state) => state.kind === "done" && state.runId)).toEqual([
      "one",
      "two",
      "three",
    ]);
  });

  it("has each picture's answer and map from its digest", async () => {
    const page = await running();
    await editor.explain.last.finish("one");
    await page.until(() => page.posted("result").length === 1);
    const { index, result } = page.last("result");
    expect(index).toBe(0);
    expect(result.runId).toBe("one");
    expect(result.picture).toMatch(/^data:image\/png;base64,/);
    expect(result.tokens.map(({ text }) => text)).toEqual(["a", " cat", "</s>"]);
    expect([result.map.length, result.tokenWeight.length, result.cells.length]).toEqual([16, 3, 16]);
    expect(result.tokens.every(({ alternatives }) => alternatives.length === 0)).toBe(true);
  });

  it("says what is at work and each token as it comes; a page that is late gets all", async () => {
    const page = await running();
    editor.explain.last.listener.onPhase("generating");
    editor.explain.last.token(0);
    editor.explain.last.token(1);
    expect(page.posted("token").map(({ text }) => text)).toEqual([" w0", " w1"]);
    page.panel.show(false);
    editor.explain.last.token(2);
    expect(page.posted("token")).toHaveLength(2);
    const [first] = page.arrive().cards;
    expect(first?.state).toEqual({
      kind: "running",
      phase: "generating",
      tokens: [" w0", " w1", " w2"],
      maxNewTokens: 7,
    });
  });

  it("goes on after a picture that fails, and runs that one again alone", async () => {
    const page = await running();
    editor.explain.last.fail(new DexarError("image-empty", "cat.png is empty.", "Choose another picture."));
    await page.until(() => page.kinds()[1] === "running");
    const [failed] = page.states();
    expect(failed).toMatchObject({
      kind: "failed",
      failure: {
        error: {
          message: "cat.png is empty.",
          nextStep: "Write another path into the prompt file, or put the picture right. Then run again.",
        },
        actions: [],
      },
    });
    await editor.explain.last.finish("two");
    await page.until(() => page.kinds()[2] === "running");
    page.say({ kind: "runAgain", index: 0 });
    expect(page.kinds()).toEqual(["waiting", "done", "running"]);
    await editor.explain.last.finish("three");
    await page.until(() => page.kinds()[0] === "running");
    expect(asked().at(-1)).toBe("/folder/cat.png");
    await editor.explain.last.finish("one");
    await page.until(() => page.kinds().every((kind) => kind === "done"));
  });

  it("stops the picture at work and those that wait; what is done stays", async () => {
    const page = await running();
    await editor.explain.last.finish("one");
    await page.until(() => page.kinds()[1] === "running");
    page.say({ kind: "stop" });
    expect(page.states()[1]).toMatchObject({ phase: "stopping" });
    await page.until(() => page.kinds()[1] === "stopped");
    expect(page.kinds()).toEqual(["done", "stopped", "stopped"]);
    expect(editor.explain.requests).toHaveLength(2);
  });

  it("stops with all panels", async () => {
    await running();
    editor.grids.stop();
    expect(editor.explain.last.signal.aborted).toBe(true);
  });

  it("is shown in one panel: run again, it is read anew, unsaved text too", async () => {
    const page = await running();
    const [first] = editor.explain.requests;
    document.replace("What is this?", "And now?");
    expect(page.last("file").file).toMatchObject({ edited: true, prompt: "What is this?" });
    document.replace("  - /elsewhere/frog.png\n", "");
    await editor.grids.run(file);
    expect(fake.panels).toHaveLength(1);
    expect(page.panel.reveals).toBe(1);
    expect(first?.signal.aborted).toBe(true);
    const { file: shown, cards } = page.last("snapshot");
    expect(shown).toMatchObject({ label: "animals.vlm.md, version 3", edited: false, prompt: "And now?" });
    expect(cards).toHaveLength(2);
    expect(editor.explain.last.task.request.prompt).toBe("And now?");
  });

  it("opens a run in a panel of its own, beside the file", async () => {
    const page = await running();
    page.say({ kind: "open", index: 0 });
    expect(editor.opened).toEqual([]);
    await editor.explain.last.finish("one");
    await page.until(() => page.kinds()[0] === "done");
    page.say({ kind: "open", index: 0 });
    expect(editor.opened).toEqual([["one", page.panel.viewColumn]]);
    editor.openFailure = runMissing();
    page.say({ kind: "open", index: 0 });
    await page.until(() => page.kinds()[0] === "failed");
    expect(page.states()[0]).toMatchObject({ failure: { error: { code: "run-missing" } } });
  });

  it("keeps its runs from being deleted to make room", async () => {
    editor.close();
    editor = new GridWindow(1);
    const page = await running();
    for (const [index, id] of ["one", "two", "three"].entries()) {
      await page.until(() => page.kinds()[index] === "running");
      await editor.explain.last.finish(id);
    }
    await page.until(() => page.kinds().every((kind) => kind === "done"));
    expect(editor.runs.entries.map(({ id }) => id)).toEqual(["three", "two", "one"]);
  });
});

describe("a prompt file that cannot be asked", () => {
  it("says which line is wrong and what to do; what there was stays", async () => {
    const page = await running();
    await editor.explain.last.finish("one");
    await page.until(() => page.kinds()[0] === "done");
    document.replace("max_new_tokens: 7", "max_new_tokens: many");
    page.say({ kind: "runAll" });
    await expect.poll(() => page.posted("failure")).toHaveLength(1);
    const { code, message } = page.last("failure").failure?.error ?? {};
    expect(code).toBe("prompt-file-broken");
    expect(message).toContain("animals.vlm.md, line 6");
    expect(page.kinds()[0]).toBe("done");
  });

  it("says that it names no pictures", async () => {
    document.edit([{ rangeOffset: 0, rangeLength: TEXT.length, text: "What is this?" }]);
    await editor.grids.run(file);
    const page = GridPage.at(0);
    const { cards, failure } = page.arrive();
    expect(cards).toEqual([]);
    expect(failure?.error.message).toBe("animals.vlm.md names no pictures.");
    expect(failure?.error.nextStep).toContain("`images`");
    document.edit([{ rangeOffset: 0, rangeLength: document.text.length, text: TEXT }]);
    page.say({ kind: "action", action: "runAgain" });
    await page.until(() => page.kinds()[0] === "running");
    expect(page.last("snapshot").failure).toBeNull();
  });

  it("says that it is gone", async () => {
    await editor.grids.run(Uri.file("/folder/gone.vlm.md"));
    expect(GridPage.at(0).arrive().failure?.error.code).toBe("prompt-file-missing");
  });
});

describe("after a reload of the window", () => {
  async function restored(state: unknown): Promise<GridPage> {
    editor.reload();
    const panel = new FakePanel("dexar.grid", "animals.vlm.md", 2);
    fake.panels.push(panel);
    await editor.grids.restore(panel as unknown as vscode.WebviewPanel, state);
    return new GridPage(panel);
  }

  it("the results are there again; what was not done can be run", async () => {
    const before = await running();
    await editor.explain.last.finish("one");
    await before.until(() => before.kinds()[1] === "running");
    const page = await restored({ version: 1, key: before.last("init").key });
    const { cards, file: shown } = page.arrive();
    expect(cards.map(({ state }) => state.kind)).toEqual(["done", "stopped", "stopped"]);
    expect(shown).toMatchObject({
      label: "animals.vlm.md, version 1",
      edited: false,
      prompt: "What is this?",
    });
    await page.until(() => page.posted("result").length === 1);
    expect(editor.explain.requests).toHaveLength(0);
    page.say({ kind: "runAgain", index: 2 });
    expect(editor.explain.last.task).toMatchObject({
      image: { path: "/elsewhere/frog.png" },
      request: { prompt: "What is this?", maxNewTokens: 7 },
    });
  });

  it("a run that was deleted meanwhile says so", async () => {
    const before = await running();
    await editor.explain.last.finish("one");
    await before.until(() => before.kinds()[0] === "done");
    await editor.runs.clear();
    const page = await restored({ version: 1, key: before.last("init").key });
    const [first] = page.arrive().cards;
    expect(first?.state).toMatchObject({ kind: "failed", failure: { error: { code: "run-missing" } } });
  });

  it.each([
    undefined,
    null,
    { version: 2, key: "x" },
    { version: 1, key: "unknown" },
    { version: 1, key: 3 },
  ])("a panel that nobody remembers (%j) is closed", async (state) => {
    let closed = false;
    editor.reload();
    const panel = new FakePanel("dexar.grid", "lost", 2);
    panel.onDidDispose(() => (closed = true));
    await editor.grids.restore(panel as unknown as vscode.WebviewPanel, state);
    expect(closed).toBe(true);
  });

  it("a closed panel is forgotten", async () => {
    const page = await running();
    expect(JSON.stringify([...editor.state])).toContain("animals.vlm.md");
    page.panel.dispose();
    expect(editor.explain.last.signal.aborted).toBe(true);
    expect(JSON.stringify([...editor.state])).not.toContain("animals.vlm.md");
  });
});
