import os from "node:os";
import path from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { modelStoreFolder } from "../../../src/hub/places.js";
import { makeReadSettings } from "../../../src/host/settings/readSettings.js";
import { SETTING_RULES } from "../../../src/host/settings/settingRules.js";
import { RESTRICTED_SETTINGS } from "../../../src/host/trust/restrictedSettings.js";
import { fake, Uri } from "../../helpers/fakeVscode.js";

const warnings: string[] = [];
const read = makeReadSettings(Uri.file("/ext"), (message) => warnings.push(message));

beforeEach(() => {
  fake.reset();
  warnings.length = 0;
});

describe("settings", () => {
  it("are the bundled model on the processor when the user has set nothing", () => {
    expect(read()).toEqual({
      nodePath: null,
      model: { dir: path.resolve("/ext/models/emoji-llava"), name: "emoji-llava" },
      modelStore: modelStoreFolder(process.env),
      hubEndpoint: "",
      device: "cpu",
      dtype: null,
      idleMinutes: 10,
      prompt: "describe the picture.",
      maxNewTokens: 64,
      temperature: 0,
      topK: 0,
      topP: 1,
      minP: 0,
      repetitionPenalty: null,
      seed: null,
      stopStrings: [],
      systemPrompt: "",
      live: true,
      preset: "paper",
      textSet: "all",
      colourMap: "viridis",
      opacity: 0.75,
      smooth: true,
      paper: { widthMm: 84, fontSizePt: 8, dpi: 300 },
      runsKept: 50,
      runsKeptDays: 0,
      promptTint: true,
      runOnSave: false,
    });
    expect(warnings).toEqual([]);
  });

  it("take every value of the user", () => {
    const values = {
      "model.device": "auto",
      "model.visionDevice": "cpu",
      "model.embeddingDevice": "same",
      "model.decoderDevice": "webgpu",
      "model.threads": 6,
      "model.dtype": "q4",
      "model.idleMinutes": 0.5,
      "models.folder": "~/vlms",
      "models.endpoint": "https://mirror.example",
      "node.path": path.resolve("/opt/node"),
      prompt: "what is it?",
      "generation.maxNewTokens": 8,
      "generation.temperature": 0.7,
      "generation.topK": 20,
      "generation.topP": 0.9,
      "generation.minP": 0.05,
      "generation.repetitionPenalty": 1.2,
      "generation.stopStrings": ["\n"],
      "generation.systemPrompt": "be brief",
      "generation.seed": 3,
      "explain.live": false,
      "explain.preset": "reference",
      "explain.textSet": "prompt",
      "picture.colourMap": "turbo",
      "picture.opacity": 0.5,
      "picture.smooth": false,
      "export.widthMm": 174,
      "export.fontSizePt": 7.5,
      "export.dpi": 600,
      "runs.keep": 7,
      "runs.keepDays": 30,
      "promptFile.tint": false,
      "promptFile.runOnSave": true,
      "notebook.saveOutputs": false,
    };
    expect(Object.keys(values).length + 1).toBe(Object.keys(SETTING_RULES).length);
    for (const [name, value] of Object.entries(values)) fake.userSettings.set(`dexar.${name}`, value);
    expect(read()).toMatchObject({
      nodePath: path.resolve("/opt/node"),
      modelStore: path.join(os.homedir(), "vlms"),
      hubEndpoint: "https://mirror.example",
      device: "auto",
      devices: { vision: "cpu", decoder: "webgpu" },
      threads: 6,
      dtype: "q4",
      idleMinutes: 0.5,
      prompt: "what is it?",
      maxNewTokens: 8,
      temperature: 0.7,
      topK: 20,
      topP: 0.9,
      minP: 0.05,
      repetitionPenalty: 1.2,
      stopStrings: ["\n"],
      systemPrompt: "be brief",
      seed: 3,
      live: false,
      preset: "reference",
      textSet: "prompt",
      colourMap: "turbo",
      opacity: 0.5,
      smooth: false,
      paper: { widthMm: 174, fontSizePt: 7.5, dpi: 600 },
      runsKept: 7,
      runsKeptDays: 30,
      runOnSave: true,
      promptTint: false,
    });
  });

  it.each([
    ["model.device", "gpu", "auto, cpu"],
    ["model.visionDevice", "tpu", "same, auto"],
    ["model.threads", 0, "a whole number from 1 to 1024, or null"],
    ["generation.maxNewTokens", 1.5, "a whole number from 1 to 4096"],
    ["generation.maxNewTokens", 0, "a whole number from 1 to 4096"],
    ["generation.temperature", "hot", "a number from 0 to 100"],
    ["generation.topP", 1.1, "a number from 0 to 1"],
    ["generation.repetitionPenalty", 0, "a number from 0.01 to 100, or null"],
    ["generation.stopStrings", [""], "a list of texts"],
    ["generation.stopStrings", "end", "a list of texts"],
    ["generation.seed", -1, "a whole number from 0 to 4294967295, or null"],
    ["explain.live", "yes", "true or false"],
    ["prompt", 3, "a text"],
    ["picture.opacity", Number.NaN, "a number from 0 to 1"],
  ])("have their default in place of %s %j, with one warning", (name, value, allowed) => {
    const before = read();
    fake.userSettings.set(`dexar.${name}`, value);
    expect(read()).toEqual(before);
    expect(read()).toEqual(before);
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toContain(`dexar.${name}`);
    expect(warnings[0]).toContain(allowed);
    warnings.length = 0;
  });

  it.each([
    ["~/models/a", path.join(os.homedir(), "models/a")],
    ["models/b", path.resolve("/folder space/models/b")],
    [path.resolve("/models/c"), path.resolve("/models/c")],
  ])("know the model folder %s", (setting, dir) => {
    fake.folders = [{ uri: Uri.parse("vscode-vfs://github/x") }, { uri: Uri.file("/folder space") }];
    fake.userSettings.set("dexar.model.path", setting);
    expect(read().model).toEqual({ dir, name: path.basename(dir) });
  });
});

describe("settings in a workspace that is not trusted", () => {
  beforeEach(() => {
    fake.trusted = false;
    fake.folders = [{ uri: Uri.file("/bad") }];
  });

  it("ignore the workspace's model, device, weights and Node", () => {
    const values: Record<string, string> = {
      "model.path": "/bad/model",
      "node.path": "/bad/node",
      "model.device": "webgpu",
      "model.visionDevice": "webgpu",
      "model.embeddingDevice": "webgpu",
      "model.decoderDevice": "webgpu",
      "model.dtype": "q4",
      "models.folder": "/bad/store",
      "models.endpoint": "https://bad.example",
    };
    expect(Object.keys(values).sort()).toEqual([...RESTRICTED_SETTINGS].sort());
    for (const [name, value] of Object.entries(values)) fake.workspaceSettings.set(`dexar.${name}`, value);
    expect(read()).toMatchObject({
      model: { name: "emoji-llava" },
      modelStore: modelStoreFolder(process.env),
      hubEndpoint: "",
      nodePath: null,
      device: "cpu",
      dtype: null,
    });
    fake.trusted = true;
    expect(read()).toMatchObject({ model: { name: "model" }, device: "webgpu", dtype: "q4" });
  });

  it("take the user's, with no relative path into the workspace", () => {
    fake.userSettings.set("dexar.model.path", "mine");
    fake.userSettings.set("dexar.node.path", "bin/node");
    expect(read().model.dir).toBe(path.join(os.homedir(), "mine"));
    expect(read().nodePath).toBe(path.join(os.homedir(), "bin/node"));
  });

  it("take the workspace's harmless ones", () => {
    fake.workspaceSettings.set("dexar.prompt", "what is it?");
    expect(read().prompt).toBe("what is it?");
  });
});
