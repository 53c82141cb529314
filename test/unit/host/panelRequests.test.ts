import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { DexarError } from "../../../src/core/errors.js";
import { fake, Uri } from "../../helpers/fakeVscode.js";
import { PanelWindow, arrive, last, posted, say, until } from "../../helpers/panelWindow.js";

let editor: PanelWindow;

beforeEach(() => {
  fake.reset();
  editor = new PanelWindow();
});

afterEach(() => editor.close());

describe("a request of a panel", () => {
  const FORM = { prompt: "Why?", target: null, maxNewTokens: 4, live: true };

  it("is what the form and the settings say", async () => {
    const panel = await editor.explaining();
    say(panel, { kind: "run", form: { ...FORM, target: "a dog" }, settings: { preset: "reference" } });
    expect(editor.explain.last.task.request).toEqual({
      prompt: "Why?",
      rawPrompt: false,
      target: { text: "a dog" },
      maxNewTokens: 4,
      temperature: 0,
      topK: 0,
      seed: null,
      resize: "pil",
      pixelValuesPath: null,
      captureEvery: 1,
      settings: { preset: "reference", textSet: "all" },
    });
    expect(editor.explain.last.task.image.path).toBe("/pictures/cat.png");
  });

  it("takes the place of the one before it, whose end is not shown any more", async () => {
    const panel = await editor.explaining();
    const first = editor.explain.last;
    say(panel, { kind: "run", form: FORM, settings: {} });
    expect(first.signal.aborted).toBe(true);
    first.token(0);
    await editor.explain.last.finish("second");
    await until(panel, "finished");
    expect(posted(panel, "failure")).toEqual([]);
    expect(posted(panel, "token")).toEqual([]);
  });

  it("shows nothing of the one before it whose picture is still being read", async () => {
    const panel = await editor.explaining();
    await editor.explain.last.prepare();
    // The event is taken in, its file is not read yet.
    await Promise.resolve();
    say(panel, { kind: "run", form: FORM, settings: {} });
    await editor.explain.last.finish("second");
    await until(panel, "finished");
    expect(posted(panel, "live")).toEqual([]);
  });

  it("goes on with the shown run as it was asked, and leaves the form to the next question", async () => {
    const panel = await editor.explaining();
    await editor.explain.last.finish("first");
    await until(panel, "finished");
    say(panel, { kind: "continue", maxNewTokens: 9 });
    const { request } = editor.explain.last.task;
    expect(request).toMatchObject({ prompt: "Describe the picture.", target: null, maxNewTokens: 9 });
    expect(request.continueFrom).toMatch(/\.dexar$/);
    expect(last(panel, "activity").activity.phase).not.toBe("idle");
    await editor.explain.last.finish("second");
    await until(panel, "finished", 2);
    say(panel, { kind: "run", form: FORM, settings: {} });
    expect(editor.explain.last.task.request).toMatchObject({ prompt: "Why?", maxNewTokens: 4 });
    expect(editor.explain.last.task.request).not.toHaveProperty("continueFrom");
  });

  it("has nothing to go on with before there is a run", async () => {
    const panel = await editor.explaining();
    say(panel, { kind: "continue", maxNewTokens: 9 });
    await until(panel, "failure");
    expect(last(panel, "failure").failure?.error.code).toBe("run-missing");
    expect(editor.explain.requests).toHaveLength(1);
  });

  it("stops at once, says so, and offers to run again", async () => {
    const panel = await editor.explaining();
    say(panel, { kind: "stop" });
    expect(last(panel, "activity").activity.phase).toBe("stopping");
    expect(editor.explain.last.signal.aborted).toBe(true);
    await until(panel, "failure");
    const { failure } = last(panel, "failure");
    expect(failure?.error.code).toBe("cancelled");
    expect(failure?.actions.map(({ id }) => id)).toEqual(["runAgain"]);
    expect(last(panel, "activity").activity).toEqual({ phase: "idle", elapsed: 0 });
    say(panel, { kind: "action", action: "runAgain" });
    expect(editor.explain.requests).toHaveLength(2);
    expect(last(panel, "failure").failure).toBeNull();
  });

  it("that fails shows what and what to do, without a stack, beside the tokens that came", async () => {
    const panel = await editor.explaining();
    await editor.explain.last.prepare();
    editor.explain.last.token(0);
    editor.explain.last.fail(new DexarError("model-process-died", "It ended.", "Restart it."));
    await until(panel, "failure");
    const { failure } = last(panel, "failure");
    expect(failure?.error).toEqual({
      code: "model-process-died",
      message: "It ended.",
      nextStep: "Restart it.",
    });
    expect(failure?.actions.map(({ id }) => id)).toEqual(["restartModel", "chooseModel", "showLog"]);
    expect((await arrive(panel)).live?.tokens).toHaveLength(1);
  });

  it("that fails unexpectedly shows no stack either, the log has it", async () => {
    const panel = await editor.explaining();
    editor.explain.last.fail(new TypeError("x is undefined"));
    await until(panel, "failure");
    const { failure } = last(panel, "failure");
    expect(failure?.error.code).toBe("internal");
    expect(JSON.stringify(failure)).not.toContain(".ts:");
    expect(fake.logs.join("\n")).toContain("x is undefined");
  });

  it("that came to nothing gives way to the run before it", async () => {
    const panel = await editor.explaining();
    await editor.explain.last.finish("one");
    await until(panel, "finished");
    say(panel, { kind: "run", form: FORM, settings: {} });
    await editor.explain.last.prepare();
    await until(panel, "live");
    say(panel, { kind: "stop" });
    await until(panel, "snapshot", 2);
    expect(last(panel, "snapshot")).toMatchObject({
      live: null,
      finished: { runId: "one" },
      failure: { error: { code: "cancelled" } },
    });
  });

  it("is cancelled when the panel is closed, and what it finished is kept", async () => {
    const panel = await editor.explaining();
    const request = editor.explain.last;
    panel.dispose();
    expect(request.signal.aborted).toBe(true);
    await request.finish("partial");
    expect(editor.runs.get("partial")).toBeDefined();
    expect(editor.state.get("dexar.panels")).toEqual({});
    expect(editor.panels.activeRunId).toBeNull();
  });

  it("can be about another picture, which the person chooses", async () => {
    const panel = await editor.explaining();
    editor.explain.last.fail(new DexarError("image-not-found", "It is gone.", "Choose another."));
    await until(panel, "failure");
    fake.answers.push([Uri.file("/pictures/dog.png")]);
    say(panel, { kind: "action", action: "chooseImage" });
    await expect.poll(() => editor.explain.requests.length).toBe(2);
    expect(editor.explain.last.task.image.path).toBe("/pictures/dog.png");
    await until(panel, "snapshot", 2);
    expect(last(panel, "snapshot").form.imageName).toBe("dog.png");
    expect(panel.title).toBe("dog.png · DEX-AR");
  });
});
