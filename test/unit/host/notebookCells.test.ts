import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type * as vscode from "vscode";
import { DexarError } from "../../../src/core/errors.js";
import { readRunOutput } from "../../../src/core/run/runOutput.js";
import { CellRunner } from "../../../src/host/notebook/cellRunner.js";
import { LiveOutput } from "../../../src/host/notebook/liveOutput.js";
import { registerNotebook } from "../../../src/host/notebook/index.js";
import type { StoredRuns } from "../../../src/host/runs/storedRuns.js";
import type { RunEntry } from "../../../src/host/services.js";
import {
  fake,
  FakeNotebook,
  NotebookCellData,
  NotebookData,
  Uri,
  type FakeController,
  type FakeExecution,
} from "../../helpers/fakeVscode.js";
import { makeRuns, SETTINGS, temporaryFolder, testLog } from "../../helpers/hostServices.js";
import { matching } from "../../helpers/matchers.js";
import { ScriptedExplain, type ScriptedRequest } from "../../helpers/scriptedExplain.js";

const RUN = "application/vnd.dexar.run+json";
const ERROR = "application/vnd.code.notebook.error";
const CAT = "---\nimage: cat.png\n---\nwhat is this?";

let folder: ReturnType<typeof temporaryFolder>;
let runs: StoredRuns;
let explain: ScriptedExplain;
let tinted: RunEntry[];
let controller: FakeController;
let context: { subscriptions: { dispose(): void }[] };

beforeEach(() => {
  fake.reset();
  folder = temporaryFolder();
  runs = makeRuns(folder.folder);
  explain = new ScriptedExplain(runs, folder.folder);
  tinted = [];
  const runner = new CellRunner({
    explain,
    runs,
    models: {
      resolve: async (name: string) => {
        if (name === "missing")
          throw new DexarError("model-not-found", "There is no model missing.", "Choose one.");
        return { name, dir: `/models/${name}` };
      },
    },
    promptTint: { showAnswer: async (_owner: unknown, entry: RunEntry) => void tinted.push(entry) },
    readSettings: () => SETTINGS,
    log: testLog(),
  });
  context = { subscriptions: [] };
  registerNotebook(context as unknown as vscode.ExtensionContext, () => runner);
  const [made] = fake.controllers;
  if (!made) throw new Error("no controller was registered");
  controller = made;
});

afterEach(() => folder.remove());

/** A notebook beside the picture, with these prompt cells. */
function notebook(cells: readonly string[], metadata: Record<string, unknown> = {}): FakeNotebook {
  const data = new NotebookData(cells.map((source) => new NotebookCellData(2, source, "vlm-prompt")));
  data.metadata = { metadata };
  const made = new FakeNotebook(Uri.file(`${folder.folder}/a.vlmnb`), data);
  fake.notebooks.push(made);
  return made;
}

/** Starts cells as the editor does. */
function start(of: FakeNotebook, indices = of.cells.map(({ index }) => index)) {
  const cells = of.cells.filter(({ index }) => indices.includes(index));
  const before = controller.executions.length;
  const ended = Promise.resolve(controller.executeHandler?.(cells, of, controller));
  const executions = controller.executions.slice(before);
  const [first] = executions;
  if (!first) throw new Error("no cell was started");
  return { ended, executions, first };
}

async function asked(count: number): Promise<ScriptedRequest> {
  await expect.poll(() => explain.requests).toHaveLength(count);
  return explain.last;
}

function shownError(execution: FakeExecution | undefined, output = 0): unknown {
  return JSON.parse(execution?.cell.shown(ERROR)[output] ?? "null");
}

describe("running a cell", () => {
  it("asks the cell's words about its picture, and shows the run as picture, text and data", async () => {
    const { ended, executions, first } = start(notebook([CAT]));
    const request = await asked(1);
    expect(request.task).toMatchObject({
      request: { prompt: "what is this?", maxNewTokens: SETTINGS.maxNewTokens },
      source: { version: 1, span: [23, 36] },
      withFigure: true,
    });
    expect(request.task.image.path).toBe(`${folder.folder}/cat.png`);
    expect(request.task.source?.uri.toString()).toBe(first.cell.document.uri.toString());
    await request.finish("run-1");
    await ended;
    const [output] = first.cell.shown(RUN);
    expect((await readRunOutput(output ?? "")).runId).toBe("run-1");
    expect(first.cell.shown()[0]).toContain("cat");
    expect(first.cell.executionSummary).toMatchObject({ executionOrder: 1, success: true });
    expect(executions[0]?.ended).toBe(true);
    expect(runs.get("run-1")?.image.path).toBe(`${folder.folder}/cat.png`);
    expect(tinted.map(({ id }) => id)).toEqual(["run-1"]);
  });

  it("takes model and picture of the notebook where the cell names none", async () => {
    const made = notebook(["one", "---\nmodel: other\n---\ntwo"], { model: "mine", image: "cat.png" });
    const { ended } = start(made);
    expect((await asked(1)).task.model).toEqual({ name: "mine", dir: "/models/mine" });
    await explain.last.finish("a");
    expect((await asked(2)).task.model).toEqual({ name: "other", dir: "/models/other" });
    expect(explain.last.task.image.path).toBe(`${folder.folder}/cat.png`);
    await explain.last.finish("b");
    await ended;
  });

  it("shows what happens and the answer so far", async () => {
    const { ended, first } = start(notebook([CAT]));
    const request = await asked(1);
    request.listener.onPhase("loading");
    const { drawn } = first;
    await expect.poll(() => drawn.at(-1)).toBe("cat.png · Loading the model…");
    request.listener.onPhase("generating");
    for (let index = 0; index < 50; index++) request.token(index);
    await expect.poll(() => drawn.at(-1)).toMatch(/^cat.png · Answering, 50 tokens so far…\nw0 w1 .* w49$/);
    expect(drawn.length).toBeLessThan(10);
    await request.finish("run-1");
    await ended;
  });

  it("asks about several pictures one after the other, an output each; a failing one does not stop the others", async () => {
    const source = "---\nimages: [cat.png, gone.png, dog.png]\n---\nwhat is this?";
    const { ended, executions, first } = start(notebook([source]));
    await (await asked(1)).finish("a");
    (await asked(2)).fail(
      new DexarError("image-not-found", "There is no picture at gone.png.", "Choose another."),
    );
    await (await asked(3)).finish("c");
    await ended;
    const { cell } = first;
    const shown = cell.shown(RUN).map(async (output) => output && (await readRunOutput(output)).runId);
    expect(await Promise.all(shown)).toEqual(["a", "", "c"]);
    expect(shownError(executions[0], 1)).toEqual({
      name: "",
      message: "There is no picture at gone.png.\nChoose another.",
      stack: "",
    });
    expect(cell.executionSummary?.success).toBe(false);
  });

  it.each([
    ["what is this?", {}, "no-picture", "Set Notebook Picture…"],
    ["---\nimage: [\n---\nwhat?", {}, "prompt-file-broken", "line "],
    ["---\nmodel: missing\nimage: cat.png\n---\nwhat?", {}, "model-not-found", "Choose one."],
    ["what?", { image: 7 }, "notebook-metadata", "image"],
    ["---\nimage: https://example.com/cat.png\n---\nwhat?", {}, "image-is-remote", "Save the picture"],
  ])("says below the cell why it cannot run (%#)", async (source, metadata, code, words) => {
    const { ended, executions } = start(notebook([source], metadata));
    await ended;
    const { name, message, stack } = shownError(executions[0]) as Record<string, string>;
    expect([name, stack]).toEqual(["", ""]);
    expect(message).toMatch(/^[^\n]+\n[^\n]+$/);
    expect(message).toContain(words);
    expect(message).not.toContain(code);
    expect(fake.logs.join("\n")).toContain(code);
    expect(explain.requests).toEqual([]);
    expect(executions[0]?.cell.executionSummary?.success).toBe(false);
  });

  it("names the files of the workspace as the file does", async () => {
    fake.folders = [{ uri: Uri.file(folder.folder) }];
    const { ended, executions } = start(notebook([CAT]));
    const picture = `${folder.folder}/sub/cat.png`;
    (await asked(1)).fail(new DexarError("image-damaged", `${picture} is damaged.`, "Take another."));
    await ended;
    expect(shownError(executions[0])).toMatchObject({ message: "sub/cat.png is damaged.\nTake another." });
    expect(fake.logs.join("\n")).toContain(picture);
  });

  it("shows an unexpected failure without its stack, and logs it", async () => {
    const { ended, executions } = start(notebook([CAT]));
    (await asked(1)).fail(new TypeError("x is undefined"));
    await ended;
    expect(shownError(executions[0])).toMatchObject({
      name: "",
      message: matching(/^Something unexpected went wrong: x is undefined\nThe log says more/),
      stack: "",
    });
    expect(fake.logs.join("\n")).toContain("x is undefined");
  });

  it("does nothing in a cell without words", async () => {
    const { ended, executions } = start(notebook(["  \n"], { image: "cat.png" }));
    await ended;
    expect(executions[0]?.cell.outputs).toEqual([]);
    expect(executions[0]?.cell.executionSummary).not.toHaveProperty("success");
    expect(executions[0]?.cell.executionSummary).not.toHaveProperty("executionOrder");
  });
});

describe("the progress below a cell", () => {
  it("fails with its result, not by itself, in a notebook that was closed", async () => {
    let draws = 0;
    const replaceOutputItems = () => {
      draws += 1;
      return Promise.reject(new Error("The notebook is closed"));
    };
    const live = new LiveOutput({ replaceOutputItems }, "cat.png");
    live.onPhase("loading");
    await expect.poll(() => draws).toBe(1);
    // Long enough for an unhandled rejection to be noticed.
    await new Promise(setImmediate);
    await expect(live.finish([])).rejects.toThrow("closed");
  });
});

describe("running several cells", () => {
  it("takes them in turn and counts on from the numbers in the file", async () => {
    const made = notebook(["one", "two"], { image: "cat.png" });
    Object.assign(made.cells[1] ?? {}, { executionSummary: { executionOrder: 7 } });
    const first = start(made, [0]);
    const second = start(made, [1]);
    await (await asked(1)).finish("a");
    await (await asked(2)).finish("b");
    await Promise.all([first.ended, second.ended]);
    expect(made.cells.map(({ executionSummary }) => executionSummary?.executionOrder)).toEqual([8, 9]);
    expect(explain.requests.map(({ task }) => task.request.prompt)).toEqual(["one", "two"]);
  });

  it("counts on from its last number where the editor has forgotten those of cells that start again", async () => {
    const made = notebook(["one"], { image: "cat.png" });
    const first = start(made);
    await (await asked(1)).finish("a");
    await first.ended;
    Object.assign(made.cells[0] ?? {}, { executionSummary: undefined });
    const second = start(made);
    await (await asked(2)).finish("b");
    await second.ended;
    expect(made.cells[0]?.executionSummary?.executionOrder).toBe(2);
  });

  it("stops the one that runs, and goes on with the next", async () => {
    const made = notebook(["one", "two"], { image: "cat.png" });
    const { ended, executions } = start(made);
    const request = await asked(1);
    executions[0]?.stop();
    expect(request.signal.aborted).toBe(true);
    await (await asked(2)).finish("b");
    await ended;
    expect(made.cells[0]?.shown()).toEqual(["cat.png · Stopped before a token was finished."]);
    expect(made.cells.map(({ executionSummary }) => executionSummary?.success)).toEqual([false, true]);
    expect(fake.logs).toEqual([]);
  });

  it("takes a cell that waits out of the queue at once, as it was", async () => {
    const made = notebook(["one", "two"], { image: "cat.png" });
    const { ended, executions } = start(made);
    await asked(1);
    executions[1]?.stop();
    expect(executions.map((execution) => execution.ended)).toEqual([false, true]);
    await explain.last.finish("a");
    await ended;
    expect(explain.requests).toHaveLength(1);
  });

  it("stops all of them: pictures that were not asked yet are not", async () => {
    const made = notebook(["---\nimages: [cat.png, dog.png]\n---\none", "two"], { image: "cat.png" });
    const { ended, executions } = start(made);
    await asked(1);
    for (const execution of executions) execution.stop();
    await ended;
    expect(explain.requests).toHaveLength(1);
    expect(executions.map((execution) => execution.ended)).toEqual([true, true]);
  });

  it("keeps an answer that was stopped midway, marked as not finished", async () => {
    const { ended, executions } = start(notebook([CAT]));
    const request = await asked(1);
    const add = runs.add.bind(runs);
    // The model process gives the finished tokens of a stopped run.
    runs.add = (id, saved, task) => add(id, { ...saved, info: { ...saved.info, partial: true } }, task);
    await request.finish("run-1");
    await ended;
    expect(executions[0]?.cell.shown(RUN)[0]).not.toBe("");
    expect(executions[0]?.cell.executionSummary?.success).toBe(false);
  });
});

describe("the notebook's registration", () => {
  it("runs prompt cells with numbers, and goes with the extension", () => {
    expect(controller).toMatchObject({
      notebookType: "dexar.notebook",
      supportedLanguages: ["vlm-prompt"],
      supportsExecutionOrder: true,
    });
    expect(fake.cellStatusBars).toHaveLength(1);
    for (const one of context.subscriptions) one.dispose();
    expect([controller.disposed, fake.notebookSerializers.size, fake.cellStatusBars.length]).toEqual([
      true,
      0,
      0,
    ]);
    const { settingsChanged, notebookOpened, notebookChanged, notebookClosed } = fake;
    const listeners = [settingsChanged, notebookOpened, notebookChanged, notebookClosed];
    expect(listeners.map(({ size }) => size)).toEqual([0, 0, 0, 0]);
  });

  it("offers to open a run at the cells that show one", async () => {
    const offered = () => fake.contexts.get("dexar.cellsWithRuns");
    const made = notebook(["---\nimages: [gone.png, cat.png]\n---\none", "two"], { image: "cat.png" });
    fake.notebookOpened.fire(made);
    expect(offered()).toBeUndefined();
    const { ended } = start(made);
    (await asked(1)).fail(new DexarError("image-not-found", "There is none.", "Choose another."));
    await (await asked(2)).finish("b");
    (await asked(3)).fail(new DexarError("image-not-found", "There is none.", "Choose another."));
    await ended;
    const change = { contentChanges: [], notebook: made };
    fake.notebookChanged.fire({ ...change, cellChanges: [{ cell: made.cells[0], metadata: {} }] });
    expect(offered()).toBeUndefined();
    fake.notebookChanged.fire({ ...change, cellChanges: [{ cell: made.cells[0], outputs: [] }] });
    fake.notebookChanged.fire({ ...change, cellChanges: [{ cell: made.cells[1], outputs: [] }] });
    expect(offered()).toEqual([made.cells[0]?.document.uri.toString()]);
    fake.notebooks.length = 0;
    fake.notebookClosed.fire(made);
    expect(offered()).toEqual([]);
  });

  it("shows below each cell its picture and model", () => {
    const made = notebook(["one", "---\nimages: [a.png, pictures/b.png]\nmodel: models/other\n---\ntwo"], {
      image: "pictures/cat.png",
    });
    const bar = fake.cellStatusBars[0] as vscode.NotebookCellStatusBarItemProvider;
    const items = made.cells.map((cell) =>
      (
        bar.provideCellStatusBarItems(
          cell as unknown as vscode.NotebookCell,
          null as never,
        ) as vscode.NotebookCellStatusBarItem[]
      ).map(({ text, tooltip, command }) => [text, tooltip, command]),
    );
    expect(items).toEqual([
      [
        [
          "$(file-media) cat.png",
          "Picture of the notebook: pictures/cat.png. Choose another",
          "dexar.notebook.setImage",
        ],
      ],
      [
        ["$(file-media) a.png and 1 more", "Picture of this cell: a.png, pictures/b.png", undefined],
        ["$(chip) other", "Model of this cell: models/other", undefined],
      ],
    ]);
    made.metadata = {};
    expect(
      bar.provideCellStatusBarItems(made.cells[0] as unknown as vscode.NotebookCell, null as never),
    ).toMatchObject([{ text: "$(file-media) Choose a picture…", command: "dexar.notebook.setImage" }]);
  });
});
