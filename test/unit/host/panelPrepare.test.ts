import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { questionOfRun } from "../../../src/host/runs/questionOfRun.js";
import { fake } from "../../helpers/fakeVscode.js";
import { addSampleRun } from "../../helpers/hostServices.js";
import { arrive, last, panelAt, PanelWindow, posted, say, uri } from "../../helpers/panelWindow.js";

const MODEL = { name: "made-with", dir: "/models/made-with", dtype: "q4" };
let window: PanelWindow;

beforeEach(() => {
  fake.reset();
  window = new PanelWindow();
});
afterEach(() => window.close());

async function prepared() {
  const { saved } = await addSampleRun(window.runs, "one");
  const generation = { ...saved.info.generation, temperature: 0.5, topK: 3, seed: 4 };
  const question = questionOfRun({ ...saved.info, generation }, uri("/pictures/there.png"), MODEL);
  await window.panels.prepare("one", question);
  return question;
}

describe("a run's question, ready to be changed", () => {
  it("stands in a panel with the run, its prompt in focus, and nothing is asked yet", async () => {
    await prepared();
    const snapshot = await arrive(panelAt(0));
    expect(snapshot).toMatchObject({
      finished: { runId: "one" },
      form: { prompt: "Describe the picture.", maxNewTokens: 32, source: null },
    });
    expect(last(panelAt(0), "command").command).toBe("focusPrompt");
    expect(window.explain.requests).toEqual([]);
    // Once: a page that comes back is not disturbed.
    await arrive(panelAt(0));
    expect(posted(panelAt(0), "command")).toHaveLength(1);
  });

  it("is asked with what the run was asked with, and the changes", async () => {
    await prepared();
    await arrive(panelAt(0));
    const form = { prompt: "And now?", target: null, maxNewTokens: 5, live: true };
    say(panelAt(0), { kind: "run", form, settings: {} });
    await expect.poll(() => window.explain.requests.length).toBe(1);
    const { task } = window.explain.last;
    expect(task).toMatchObject({
      model: MODEL,
      request: { prompt: "And now?", temperature: 0.5, topK: 3, seed: 4, maxNewTokens: 5 },
    });
    expect(task.image.path).toBe("/pictures/there.png");
  });

  it("takes the panel that shows the run already", async () => {
    await addSampleRun(window.runs, "one");
    await window.panels.openRun("one");
    await arrive(panelAt(0));
    await prepared();
    expect(fake.panels).toHaveLength(1);
    expect(panelAt(0).reveals).toBe(1);
    expect(last(panelAt(0), "command").command).toBe("focusPrompt");
  });
});
