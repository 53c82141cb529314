import { copyFileSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type * as vscode from "vscode";
import { attribute } from "../../../src/core/attribution/attribute.js";
import { attributionInput } from "../../../src/core/attribution/attributionInput.js";
import { DexarError } from "../../../src/core/errors.js";
import { readRunHeader } from "../../../src/core/run/readRun.js";
import { writeRun } from "../../../src/core/run/writeRun.js";
import { createRunEditors, type RunEditorParts } from "../../../src/host/runEditor/createRunEditors.js";
import type { RunEditorProvider } from "../../../src/host/runEditor/runEditorProvider.js";
import { RunPictures } from "../../../src/host/runs/runPictures.js";
import type { StoredRuns } from "../../../src/host/runs/storedRuns.js";
import type { ModelHost, Question } from "../../../src/host/services.js";
import type { PanelReplies, PanelRequests } from "../../../src/protocol/panel.js";
import { FakePanel } from "../../helpers/fakePanel.js";
import { EventEmitter, fake, Uri } from "../../helpers/fakeVscode.js";
import {
  addSampleRun,
  makeRuns,
  SETTINGS,
  startFake,
  temporaryFolder,
  testLog,
} from "../../helpers/hostServices.js";
import { arrive, last, posted, say, STATUS, until } from "../../helpers/panelWindow.js";
import { sampleRun } from "../../helpers/sampleRun.js";

type Alternative = PanelReplies["alternative"];

let files: ReturnType<typeof temporaryFolder>;
let runs: StoredRuns;
let editors: RunEditorProvider;
let file: string;
let asked: Question[];
let exported: unknown[];
let alternatives: (readonly unknown[])[];
let answer: () => Promise<Alternative>;
const statusChanged = new EventEmitter<ModelHost["status"]>();

async function write(change: Parameters<typeof sampleRun>[0] = {}): Promise<Uint8Array> {
  const run = await sampleRun({ columns: 4, rows: 4, ...change });
  const bytes = await writeRun(run, attribute(attributionInput(run), run.info.settings));
  writeFileSync(file, bytes);
  return bytes;
}

const parts = (): RunEditorParts => ({
  extensionUri: Uri.file("/extension"),
  model: { status: STATUS, log: testLog(), onDidChangeStatus: statusChanged.event } as unknown as ModelHost,
  runs,
  explain: {
    alternativeIn: (run, index, tokenId) => {
      alternatives.push([run.runPath, run.model.name, index, tokenId]);
      return answer();
    },
  },
  exporterOf: (source) => ({
    exportPanel: async (params: PanelRequests["export"]) => {
      const entry = source.get(params.runId);
      const { file: bytes, picture } = await source.read(params.runId);
      exported.push([params.format, entry?.image.fsPath, bytes.length, picture.type]);
      return { saved: "cat-dexar.json" };
    },
  }),
  process: { entry: "unused", startClient: startFake, readSettings: () => SETTINGS, log: testLog() },
  runModels: { find: async () => ({ name: "sample-vlm", dir: "/models/sample-vlm", dtype: "fp32" }) },
  pictures: new RunPictures(path.join(files.folder, "pictures")),
  panels: { ask: async (question) => void asked.push(question) },
  readSettings: () => SETTINGS,
});

beforeEach(async () => {
  fake.reset();
  files = temporaryFolder();
  file = path.join(files.folder, "cat.dexar");
  runs = makeRuns(files.folder);
  [asked, exported, alternatives] = [[], [], []];
  answer = () => Promise.reject(new DexarError("model-not-installed", "It is not known.", "Choose it."));
  editors = createRunEditors(parts());
  await write();
});

afterEach(() => {
  editors.dispose();
  files.remove();
});

/** Opens the file in an editor whose page is there. */
async function opened(uri: vscode.Uri = Uri.file(file)) {
  const document = editors.openCustomDocument(uri);
  const panel = new FakePanel("dexar.run", "cat.dexar", 1);
  editors.resolveCustomEditor(document, panel as unknown as vscode.WebviewPanel);
  return { document, panel, snapshot: await arrive(panel) };
}

const touched = (kind: "created" | "changed" | "deleted") => fake.watched[kind].fire(Uri.file(file));

describe("the editor of a run file", () => {
  it("shows the run, its question and no work, without a model", async () => {
    const { panel, snapshot } = await opened();
    expect(snapshot.finished?.file).toEqual(new Uint8Array(readFileSync(file)));
    expect(snapshot.finished?.picture.type).toBe("image/png");
    expect(snapshot.form).toMatchObject({
      imageName: "sample.png",
      prompt: "Describe the picture.",
      target: null,
      maxNewTokens: 32,
      source: null,
    });
    expect(snapshot).toMatchObject({ activity: { phase: "idle" }, live: null, failure: null, model: STATUS });
    expect(panel.webview.html).toContain("panel.js");
    expect(panel.webview.options).toMatchObject({ enableScripts: true });
  });

  it("reads the file for each page anew and keeps nothing for hidden ones", async () => {
    const { panel } = await opened();
    panel.show(false);
    statusChanged.fire({ ...STATUS, state: "busy" });
    expect(posted(panel, "model")).toEqual([]);
    await write({ prompt: "Another one?" });
    panel.show(true);
    expect((await arrive(panel)).form.prompt).toBe("Another one?");
    statusChanged.fire({ ...STATUS, state: "busy" });
    expect(last(panel, "model").model.state).toBe("busy");
  });

  it("opens several times, each with a page of its own", async () => {
    const one = await opened();
    const other = await opened();
    one.panel.dispose();
    one.document.dispose();
    await write({ prompt: "Another one?" });
    touched("changed");
    await until(other.panel, "notice");
    expect(last(other.panel, "snapshot").form.prompt).toBe("Another one?");
    expect(posted(one.panel, "snapshot")).toHaveLength(1);
  });

  it("reads a file again that changed on disk, and says so once", async () => {
    const { panel } = await opened();
    // Written beside and renamed, as most programs do: it goes and comes.
    const bytes = await write({ prompt: "Another one?" });
    writeFileSync(`${file}.tmp`, bytes);
    renameSync(`${file}.tmp`, file);
    for (const kind of ["deleted", "created", "changed"] as const) touched(kind);
    await until(panel, "notice");
    expect(last(panel, "notice").text).toBe("The file changed on disk and was read again.");
    expect(posted(panel, "snapshot")).toHaveLength(2);
    // Told again without a change.
    touched("changed");
    await new Promise((resolve) => setTimeout(resolve, 400));
    expect(posted(panel, "notice")).toHaveLength(1);
  });

  it("shows the new run when the file changed while it was read", async () => {
    const [old, fresh] = [await write(), await write({ prompt: "Another one?" })];
    let readings = 0;
    const document = editors.openCustomDocument(Uri.file(file));
    document.read = async () => {
      const bytes = readings++ === 0 ? old : fresh;
      // The change is told before the first reading has ended.
      if (readings === 1) document.changes += 1;
      return { bytes, ...(await readRunHeader(bytes)) };
    };
    const panel = new FakePanel("dexar.run", "cat.dexar", 1);
    editors.resolveCustomEditor(document, panel as unknown as vscode.WebviewPanel);
    expect((await arrive(panel)).finished?.file).toEqual(fresh);
    expect(readings).toBe(2);
  });

  it("says that a file was deleted, keeps what was read in sight, and follows when it is back", async () => {
    const { panel } = await opened();
    const bytes = readFileSync(file);
    rmSync(file);
    touched("deleted");
    await until(panel, "failure");
    expect(last(panel, "failure").failure?.error.code).toBe("run-not-found");
    expect(posted(panel, "snapshot")).toHaveLength(1);
    writeFileSync(file, bytes);
    touched("created");
    await until(panel, "notice");
    expect(last(panel, "snapshot").failure).toBeNull();
  });

  it.each([
    ["empty", () => writeFileSync(file, ""), "run-file-empty", "0 bytes"],
    [
      "cut off",
      () => writeFileSync(file, readFileSync(file).subarray(0, 500)),
      "run-file-damaged",
      "damaged",
    ],
    ["not a run", () => writeFileSync(file, "hello"), "run-file-damaged", "damaged"],
    ["gone", () => rmSync(file), "run-not-found", "cat.dexar"],
  ])(
    "says what is wrong with a file that is %s, and reads it again on request",
    async (_, spoil, code, words) => {
      const bytes = readFileSync(file);
      spoil();
      const { panel, snapshot } = await opened();
      expect(snapshot.finished).toBeNull();
      const { failure } = snapshot;
      expect(failure?.error).toMatchObject({ code, message: expect.stringContaining(words) as string });
      expect(failure?.error.nextStep).not.toBe("");
      expect(failure?.actions.map(({ label }) => label)).toEqual(["Read Again", "Show Log"]);
      writeFileSync(file, bytes);
      say(panel, { kind: "action", action: "runAgain" });
      await until(panel, "snapshot", 2);
      expect(last(panel, "snapshot")).toMatchObject({ failure: null, finished: { runId: "sample" } });
    },
  );

  it("refuses a file of a newer version with words", async () => {
    const run = await sampleRun({ columns: 4, rows: 4 });
    const newer = { ...run, info: { ...run.info, version: 99 as 1 } };
    writeFileSync(file, await writeRun(newer, attribute(attributionInput(run), run.info.settings)));
    const { failure } = (await opened()).snapshot;
    expect(failure?.error.code).toBe("run-file-newer");
  });

  it("asks the question again with changes, in a panel, on the picture beside the file", async () => {
    const { panel } = await opened();
    const form = { prompt: "And now?", target: null, maxNewTokens: 5, live: true };
    say(panel, { kind: "run", form, settings: { preset: "reference" } });
    await expect.poll(() => asked.length).toBe(1);
    expect(asked[0]).toMatchObject({
      ...form,
      model: { name: "sample-vlm" },
      attribution: { preset: "reference" },
    });
    expect(asked[0]?.image.path).toMatch(/pictures\/[0-9a-f]{16}\/sample\.png$/);
    expect(posted(panel, "live")).toEqual([]);
  });

  it("goes on with the answer of the file, in a panel", async () => {
    const { panel } = await opened();
    say(panel, { kind: "continue", maxNewTokens: 5 });
    await expect.poll(() => asked.length).toBe(1);
    const question = { prompt: "Describe the picture.", target: null, maxNewTokens: 5, continueFrom: file };
    expect(asked[0]).toMatchObject({ ...question, model: { name: "sample-vlm" } });
  });

  it("explains another token in place of one, with the run's model", async () => {
    const { panel } = await opened();
    const params = { runId: "sample", index: 2, tokenId: 7 };
    say(panel, { kind: "request", id: 1, method: "alternative", params });
    await until(panel, "reply");
    expect(last(panel, "reply").result).toMatchObject({ error: { code: "model-not-installed" } });
    expect(alternatives).toEqual([[file, "sample-vlm", 2, 7]]);
    const gradient = { tokenId: 7, text: "x", logprob: -1 } as Alternative;
    answer = async () => gradient;
    say(panel, { kind: "request", id: 2, method: "alternative", params });
    await until(panel, "reply", 2);
    expect(last(panel, "reply")).toEqual({ kind: "reply", id: 2, result: { ok: gradient } });
  });

  it("exports what it shows, proposed beside the file", async () => {
    const { panel } = await opened();
    const settings = (await sampleRun()).info.settings;
    const params = { format: "json", runId: "sample", settings } as const;
    say(panel, { kind: "request", id: 1, method: "export", params });
    await until(panel, "reply");
    expect(exported).toEqual([["json", file, readFileSync(file).length, "image/png"]]);
  });

  it("gets the commands of the editor while it is in front", async () => {
    const { panel } = await opened();
    expect(editors.command("nextToken")).toBe(true);
    expect(last(panel, "command").command).toBe("nextToken");
    panel.show(false);
    expect(editors.command("nextToken")).toBe(false);
    panel.dispose();
    expect(editors.command("nextToken")).toBe(false);
  });

  it("keeps a run of the store while it is looked at", async () => {
    runs = makeRuns(files.folder, 1);
    const entry = await addSampleRun(runs, "one");
    copyFileSync(file, path.join(files.folder, "copy.dexar"));
    editors.dispose();
    editors = createRunEditors({ ...parts(), runs });
    const { panel } = await opened(Uri.file(entry.saved.runPath));
    await addSampleRun(runs, "two");
    expect(runs.entries.map(({ id }) => id)).toEqual(["two", "one"]);
    panel.dispose();
    await addSampleRun(runs, "three");
    expect(runs.entries.map(({ id }) => id)).toEqual(["three"]);
  });

  it("makes a picture that browsers do not show one that they do", async () => {
    const sharp = (await import("sharp")).default;
    const run = await sampleRun({ columns: 4, rows: 4 });
    const tiff = new Uint8Array(await sharp(run.image).tiff().toBuffer());
    const image = { ...run.info.image, entry: "image.tiff", name: "sample.tiff" };
    const withTiff = { ...run, image: tiff, info: { ...run.info, image } };
    writeFileSync(file, await writeRun(withTiff, attribute(attributionInput(run), run.info.settings)));
    const { picture } = (await opened()).snapshot.finished ?? {};
    expect(picture?.type).toBe("image/png");
    expect([...(picture?.bytes.subarray(1, 4) ?? [])].map((byte) => String.fromCharCode(byte)).join("")).toBe(
      "PNG",
    );
  });
});
