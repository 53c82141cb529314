import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type * as vscode from "vscode";
import { DexarError } from "../../../src/core/errors.js";
import type { PanelViewState } from "../../../src/protocol/panel.js";
import { FakePanel } from "../../helpers/fakePanel.js";
import { fake } from "../../helpers/fakeVscode.js";
import { addSampleRun } from "../../helpers/hostServices.js";
import { PanelWindow, arrive, idle, last, panelAt, say, until, uri } from "../../helpers/panelWindow.js";
import { codeOf } from "../../helpers/thrownBy.js";

let editor: PanelWindow;

beforeEach(() => {
  fake.reset();
  editor = new PanelWindow();
});

afterEach(() => editor.close());

describe("the panels of a window", () => {
  it("are one per picture: asked again, the same panel comes to the front and runs again when it is idle", async () => {
    await editor.explaining();
    await editor.panels.explainImage(uri("/pictures/dog.png"));
    await editor.panels.explainImage(uri("/pictures/cat.png"));
    expect(fake.panels).toHaveLength(2);
    expect(panelAt(0).reveals).toBe(1);
    expect(editor.explain.requests).toHaveLength(2);
    editor.explain.requests[0]?.fail(new DexarError("image-empty", "Empty.", "Another."));
    await until(panelAt(0), "failure");
    await idle(panelAt(0));
    await editor.panels.explainImage(uri("/pictures/cat.png"));
    expect(editor.explain.requests).toHaveLength(3);
  });

  it("open finished runs, each in its own panel", async () => {
    await addSampleRun(editor.runs, "one");
    await addSampleRun(editor.runs, "two");
    await editor.panels.openRun("one");
    await editor.panels.openRun("two");
    await editor.panels.openRun("one");
    expect(fake.panels).toHaveLength(2);
    expect(panelAt(0).reveals).toBe(1);
    expect((await arrive(panelAt(1))).finished?.runId).toBe("two");
    expect(editor.explain.requests).toHaveLength(0);
    expect(await codeOf(editor.panels.openRun("three"))).toBe("run-missing");
  });

  it("keep the runs they show from being deleted to make room", async () => {
    editor.close();
    editor = new PanelWindow(1);
    await addSampleRun(editor.runs, "one");
    await editor.panels.openRun("one");
    await addSampleRun(editor.runs, "two");
    await addSampleRun(editor.runs, "three");
    expect(editor.runs.entries.map(({ id }) => id)).toEqual(["three", "one"]);
    panelAt(0).dispose();
    await addSampleRun(editor.runs, "four");
    expect(editor.runs.entries.map(({ id }) => id)).toEqual(["four"]);
  });

  it("pass commands to the one in front, if its page is there", async () => {
    expect([editor.panels.command("nextToken"), editor.panels.reveal(), editor.panels.again()]).toEqual([
      false,
      false,
      false,
    ]);
    const cat = await editor.explaining();
    await editor.panels.explainImage(uri("/pictures/dog.png"));
    const dog = panelAt(1);
    expect(editor.panels.command("nextToken")).toBe(false);
    await arrive(dog);
    expect(editor.panels.command("nextToken")).toBe(true);
    cat.show(true);
    expect(editor.panels.command("wholeAnswer")).toBe(true);
    expect([last(dog, "command").command, last(cat, "command").command]).toEqual([
      "nextToken",
      "wholeAnswer",
    ]);
  });

  it("stop the request of the one in front, or all", async () => {
    await editor.explaining();
    await editor.panels.explainImage(uri("/pictures/dog.png"));
    const [cat, dog] = editor.explain.requests;
    editor.panels.stop(false);
    expect([cat?.signal.aborted, dog?.signal.aborted]).toEqual([false, true]);
    editor.panels.stop(true);
    expect(cat?.signal.aborted).toBe(true);
  });

  it("stay when the extension ends: the editor restores them", async () => {
    const panel = await editor.explaining();
    let closed = false;
    panel.onDidDispose(() => (closed = true));
    editor.panels.dispose();
    expect(editor.explain.last.signal.aborted).toBe(true);
    expect(closed).toBe(false);
  });
});

describe("after a reload of the window", () => {
  const view = (runId: string | null): PanelViewState => ({ version: 1, runId, draft: null, page: null });

  async function restored(title: string, viewState: unknown): Promise<FakePanel> {
    editor.reload();
    const panel = new FakePanel("dexar.panel", title, 2);
    await editor.panels.restore(panel as unknown as vscode.WebviewPanel, viewState);
    return panel;
  }

  it("a panel shows its finished run again, with the question as it was typed", async () => {
    const before = await editor.explaining();
    await editor.explain.last.finish("one");
    await until(before, "finished");
    await idle(before);
    const draft = { prompt: "and now?", target: null, maxNewTokens: 3, live: false };
    const panel = await restored(before.title, { ...view("one"), draft });
    const snapshot = await arrive(panel);
    expect(snapshot).toMatchObject({ finished: { runId: "one" }, failure: null, live: null });
    expect(snapshot.form).toMatchObject({ prompt: "and now?", imageName: "cat.png" });
  });

  it("a panel whose request was cut off says so and can run it again", async () => {
    const before = await editor.explaining();
    await editor.explain.last.prepare();
    const panel = await restored(before.title, view(null));
    const { failure, form } = await arrive(panel);
    expect(failure?.error.code).toBe("interrupted");
    expect(failure?.actions.map(({ id }) => id)).toEqual(["runAgain"]);
    expect(form.imageName).toBe("cat.png");
    say(panel, { kind: "action", action: "runAgain" });
    expect(editor.explain.last.task.image.path).toBe("/pictures/cat.png");
    expect(editor.explain.last.task.request.prompt).toBe("What is this?");
  });

  it("a panel shows its last finished run beside the request that was cut off", async () => {
    const before = await editor.explaining();
    await editor.explain.last.finish("one");
    await until(before, "finished");
    await idle(before);
    say(before, { kind: "action", action: "runAgain" });
    const panel = await restored(before.title, view("one"));
    expect(await arrive(panel)).toMatchObject({
      finished: { runId: "one" },
      failure: { error: { code: "interrupted" } },
    });
  });

  it("a panel whose run is gone says so", async () => {
    const before = await editor.explaining();
    await editor.explain.last.finish("one");
    await until(before, "finished");
    await idle(before);
    await editor.runs.clear();
    const panel = await restored(before.title, view("one"));
    expect((await arrive(panel)).failure?.error.code).toBe("run-missing");
  });

  it.each([undefined, null, 7, { runId: 3 }, { version: 9, draft: "x" }])(
    "a panel that nobody remembers (%j) asks for a picture",
    async (viewState) => {
      const panel = await restored("lost.png · DEX-AR", viewState);
      const { failure } = await arrive(panel);
      expect(failure?.error.code).toBe("panel-forgotten");
      expect(failure?.actions.map(({ id }) => id)).toEqual(["chooseImage"]);
    },
  );
});
