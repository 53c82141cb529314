import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { QuestionSource } from "../../../src/host/services.js";
import type { WordWinsReport } from "../../../src/protocol/panel.js";
import { fake } from "../../helpers/fakeVscode.js";
import { addSampleRun } from "../../helpers/hostServices.js";
import { PanelWindow, arrive, last, panelAt, posted, say, until, uri } from "../../helpers/panelWindow.js";
import { codeOf } from "../../helpers/thrownBy.js";

const source: QuestionSource = { uri: uri("/folder/cat.vlm.md"), version: 3, span: [10, 30] };
const wins = (runId: string): WordWinsReport => ({ runId, token: null, total: 8, wins: [] });

let editor: PanelWindow;

beforeEach(() => {
  fake.reset();
  editor = new PanelWindow();
});

afterEach(() => editor.close());

describe("a panel's words", () => {
  it("tint their file while the answer is being made, and after it", async () => {
    fake.open(source.uri, "---\nlong: 1\n---\nWhat is this?", "vlm-prompt");
    await editor.panels.ask({
      image: uri("/pictures/cat.png"),
      prompt: "What is this?",
      target: null,
      source,
    });
    const panel = panelAt(0);
    await arrive(panel);
    await editor.explain.last.prepare();
    await until(panel, "live");
    editor.explain.last.token(0);
    await until(panel, "token");
    const { live } = last(panel, "live");
    say(panel, { kind: "wordWins", wins: wins(live.info.id) });
    const [[owner, tinted] = []] = editor.tinted;
    expect(tinted?.run).toMatchObject({
      answer: [" w0"],
      source,
      prompt: { tokens: live.info.prompt.tokens },
    });
    await editor.explain.last.finish("done");
    await until(panel, "finished");
    say(panel, { kind: "wordWins", wins: wins("done") });
    expect(editor.tinted.get(owner)?.run).toMatchObject({ runId: "done", answer: ["a", " cat", "</s>"] });
    panel.dispose();
    expect(editor.tinted.size).toBe(0);
  });

  it("tint nothing when they were typed, or when the page speaks of a run that is gone", async () => {
    await addSampleRun(editor.runs, "typed");
    await editor.panels.openRun("typed");
    await arrive(panelAt(0));
    say(panelAt(0), { kind: "wordWins", wins: wins("typed") });
    say(panelAt(0), { kind: "wordWins", wins: wins("another") });
    expect(editor.tinted.size).toBe(0);
  });

  it("are pointed at from the file: in the panel that shows the run, or in a new one when its page is there", async () => {
    await addSampleRun(editor.runs, "one");
    await editor.panels.showWord("one", 5);
    const panel = panelAt(0);
    expect(posted(panel, "word")).toEqual([]);
    await arrive(panel);
    expect(posted(panel, "word")).toEqual([{ kind: "word", position: 5 }]);
    await editor.panels.showWord("one", 7);
    expect(fake.panels).toHaveLength(1);
    expect(posted(panel, "word").at(-1)).toEqual({ kind: "word", position: 7 });
    await arrive(panel);
    expect(posted(panel, "word")).toHaveLength(2);
    expect(await codeOf(editor.panels.showWord("two", 1))).toBe("run-missing");
  });
});
