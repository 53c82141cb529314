import { readFileSync } from "node:fs";
import type * as vscode from "vscode";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { attribute } from "../../../src/core/attribution/attribute.js";
import { attributionInput } from "../../../src/core/attribution/attributionInput.js";
import { DexarError } from "../../../src/core/errors.js";
import { readDigest, runDigest } from "../../../src/core/run/runDigest.js";
import { readRunOutput } from "../../../src/core/run/runOutput.js";
import { textWidth } from "../../../src/core/run/textWidth.js";
import { outputItems } from "../../../src/host/notebook/outputItems.js";
import { answerRunOutputs } from "../../../src/host/notebook/rendererMessages.js";
import type { StoredRuns } from "../../../src/host/runs/storedRuns.js";
import {
  RUN_OUTPUT_MIME,
  RUN_RENDERER_ID,
  type FromRunOutput,
} from "../../../src/protocol/notebookOutput.js";
import { fake } from "../../helpers/fakeVscode.js";
import { addSampleRun, makeRuns, temporaryFolder } from "../../helpers/hostServices.js";
import { matching } from "../../helpers/matchers.js";
import { sampleRun } from "../../helpers/sampleRun.js";

const PREFERENCES = {
  ...{ colourMap: "magma", opacity: 0.5, smooth: false },
  paper: { widthMm: 84, fontSizePt: 8, dpi: 300 },
};
const FIGURE = Uint8Array.of(0x89, 0x50, 0x4e, 0x47);

/** A digest of the sample run; its figure is just the start of a PNG. */
async function sampleDigest(figure?: Uint8Array): Promise<string> {
  const run = await sampleRun({ columns: 6, rows: 6 });
  const attribution = attribute(attributionInput(run), run.info.settings);
  return runDigest(run, attribution, { type: "image/png", bytes: run.image, ...(figure && { figure }) });
}

const textOf = (item: vscode.NotebookCellOutputItem | undefined): string =>
  new TextDecoder().decode(item?.data);

describe("the items of an output", () => {
  it("are what the renderer draws, a picture and a table", async () => {
    const digest = await sampleDigest(FIGURE);
    const items = await outputItems(digest, "run-7");
    expect(items.map(({ mime }) => mime)).toEqual([RUN_OUTPUT_MIME, "image/png", "text/plain"]);
    const { runId, data } = await readRunOutput(textOf(items[0]));
    expect(runId).toBe("run-7");
    expect(data.picture).toBe(readDigest(digest).picture);
    expect(items[1]?.data).toEqual(Buffer.from(FIGURE));
    const lines = textOf(items[2]).split("\n");
    expect(lines.find((line) => line.startsWith("Answer"))).toContain("a cat left of a red ball");
    const heading = lines.find((line) => line.includes("Delta")) ?? "";
    const cat = lines.find((line) => line.includes("·cat")) ?? "";
    expect(cat).toMatch(/·cat +93 % +0\.\d+ +left/);
    expect(cat.indexOf("left")).toBe(heading.indexOf("Region"));
    expect(Math.max(...lines.map(textWidth))).toBeLessThanOrEqual(100);
  });

  it("have no picture where none was drawn", async () => {
    const items = await outputItems(await sampleDigest(), "x");
    expect(items.map(({ mime }) => mime)).toEqual([RUN_OUTPUT_MIME, "text/plain"]);
  });

  it("are refused for a damaged digest", async () => {
    await expect(outputItems("{}", "x")).rejects.toMatchObject({ code: "digest-damaged" });
  });
});

describe("messages of outputs", () => {
  let files: ReturnType<typeof temporaryFolder>;
  let runs: StoredRuns;
  let opened: string[];
  let failure: Error | null;
  let asked: number;
  let answering: vscode.Disposable;

  beforeEach(() => {
    fake.reset();
    files = temporaryFolder();
    runs = makeRuns(files.folder);
    [opened, failure, asked] = [[], null, 0];
    const openRun = async (id: string): Promise<void> => {
      if (failure) throw failure;
      opened.push(id);
    };
    answering = answerRunOutputs(() => {
      asked += 1;
      return { runs, panels: { openRun }, preferences: () => PREFERENCES };
    });
  });

  afterEach(() => {
    answering.dispose();
    files.remove();
  });

  const say = (message: FromRunOutput): void => fake.rendererMessages.fire({ editor: {}, message });
  const answers = () =>
    fake.calls.filter(([name]) => name === "postToRenderer").map(([, id, answer]) => [id, answer]);

  it("make no services before an output shows up, then tell language and settings", () => {
    expect(asked).toBe(0);
    fake.strings = { "Whole answer": "Ganze Antwort" };
    say({ kind: "ready" });
    expect(answers()).toEqual([
      [
        RUN_RENDERER_ID,
        { kind: "init", strings: { "Whole answer": "Ganze Antwort" }, preferences: PREFERENCES },
      ],
    ]);
  });

  it("open a kept run in a panel", async () => {
    await addSampleRun(runs, "one");
    say({ kind: "open", request: 3, runId: "one" });
    await expect.poll(answers).toEqual([[RUN_RENDERER_ID, { kind: "opened", request: 3, failure: null }]]);
    expect(opened).toEqual(["one"]);
  });

  it.each([
    ["is not kept any more", "gone", null, /not kept any more/],
    [
      "cannot be opened",
      "one",
      new DexarError("x", "The panel is broken.", "Mend it."),
      /The panel is broken/,
    ],
  ])("say when a run %s", async (_name, runId, error, message) => {
    await addSampleRun(runs, "one");
    failure = error;
    say({ kind: "open", request: 4, runId });
    const said = { message: matching(message), nextStep: matching(/\w/) };
    await expect.poll(answers).toEqual([[RUN_RENDERER_ID, { kind: "opened", request: 4, failure: said }]]);
    expect(opened).toEqual([]);
  });

  it("are of the renderer that package.json declares", () => {
    const manifest = JSON.parse(readFileSync("package.json", "utf8")) as {
      contributes: { notebookRenderer: { id: string; entrypoint: string; mimeTypes: string[] }[] };
    };
    const [renderer] = manifest.contributes.notebookRenderer;
    expect(renderer).toMatchObject({ id: RUN_RENDERER_ID, mimeTypes: [RUN_OUTPUT_MIME] });
    expect(renderer?.entrypoint).toBe("./dist/renderer.js");
  });
});
