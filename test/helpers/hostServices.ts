import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type * as vscode from "vscode";
import type { StartModelClient } from "../../src/host/modelHost/modelClient.js";
import { ModelProcessHost, type ModelHostOptions } from "../../src/host/modelHost/modelProcessHost.js";
import { RunFolder } from "../../src/host/runs/runFolder.js";
import { StoredRuns } from "../../src/host/runs/storedRuns.js";
import type { QuestionSource } from "../../src/host/services.js";
import type { HostSettings } from "../../src/host/settings/hostSettings.js";
import type { SavedRun } from "../../src/protocol/modelProcess.js";
import { attribute } from "../../src/core/attribution/attribute.js";
import { attributionInput } from "../../src/core/attribution/attributionInput.js";
import { writeRun } from "../../src/core/run/writeRun.js";
import { sampleRun, type SampleOptions } from "./sampleRun.js";
import { startFakeProcess } from "./startFakeProcess.js";
import { Uri, window } from "./fakeVscode.js";

/** Settings with a model that the fake process knows. */
export const SETTINGS: HostSettings = {
  nodePath: null,
  model: { dir: "fake-model", name: "fake-model" },
  modelStore: "no-store",
  hubEndpoint: "",
  device: "auto",
  dtype: null,
  idleMinutes: 0,
  prompt: "What is this?",
  maxNewTokens: 8,
  temperature: 0,
  topK: 0,
  topP: 1,
  minP: 0,
  repetitionPenalty: null,
  seed: null,
  stopStrings: [],
  systemPrompt: "",
  live: false,
  preset: "paper",
  textSet: "all",
  colourMap: "viridis",
  opacity: 0.75,
  smooth: true,
  paper: { widthMm: 84, fontSizePt: 8, dpi: 300 },
  runsKept: 5,
  promptTint: true,
  runsKeptDays: 0,
  runOnSave: false,
};

/** The extension's log, which `fake.logs` shows. */
export const testLog = (): vscode.LogOutputChannel =>
  window.createOutputChannel("DEX-AR") as unknown as vscode.LogOutputChannel;

/** The real client around the fake engine (test/helpers/fakeEngine.ts) in a process of its own. */
export const startFake: StartModelClient = ({ entry: _, ...options }) => startFakeProcess(options);

/** A model host whose settings can be changed. */
export function makeModelHost(change: Partial<ModelHostOptions> = {}) {
  const present = { settings: SETTINGS };
  const host = new ModelProcessHost({
    entry: "unused",
    readSettings: () => present.settings,
    startClient: startFake,
    log: testLog(),
    ...change,
  });
  return { host, present };
}

/** A temporary folder with a picture in it. */
export function temporaryFolder() {
  const folder = mkdtempSync(path.join(tmpdir(), "dexar-host-"));
  const picture = path.join(folder, "cat.png");
  writeFileSync(picture, Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a));
  return {
    folder,
    picture,
    remove: () => removeWhole(folder),
  };
}

/** Removes a folder that a file may still be written into: then another time, with what came meanwhile. */
function removeWhole(folder: string, attempts = 5): void {
  try {
    rmSync(folder, { recursive: true, force: true });
  } catch (error) {
    if (attempts === 1) throw error;
    removeWhole(folder, attempts - 1);
  }
}

/** A store of runs in a folder. */
export function makeRuns(folder: string, keep = 5, keepDays = 0): StoredRuns {
  return new StoredRuns({
    folder: new RunFolder(path.join(folder, "runs")),
    retention: () => ({ keep, keepDays }),
    log: testLog(),
  });
}

/** Writes a made-up run into the store, as the model process would. */
export async function addSampleRun(
  runs: StoredRuns,
  id: string,
  {
    image = "/pictures/cat.png",
    source,
    time,
    ...options
  }: SampleOptions & {
    readonly image?: string;
    readonly source?: QuestionSource;
    readonly time?: string;
  } = {},
) {
  const { runPath, picturePath } = await runs.filesFor(id);
  const sample = await sampleRun({ columns: 4, rows: 4, answer: ["a", " cat", "</s>"], ...options });
  const run = { ...sample, info: { ...sample.info, ...(time !== undefined && { time }) } };
  const file = await writeRun(run, attribute(attributionInput(run), run.info.settings));
  writeFileSync(runPath, file);
  writeFileSync(picturePath, run.image);
  const saved: SavedRun = { info: run.info, runPath, picturePath, bytes: file.length };
  return runs.add(id, saved, { image: Uri.file(image), ...(source && { source }) });
}
