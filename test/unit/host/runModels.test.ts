import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { RunModel } from "../../../src/core/run/types.js";
import { RunModels } from "../../../src/host/models/runModels.js";
import type { ModelChoice } from "../../../src/host/services.js";
import { modelForRun } from "../../../src/host/runs/modelForRun.js";
import { fake, type Shown } from "../../helpers/fakeVscode.js";
import { codeOf } from "../../helpers/thrownBy.js";

let root: string;
let known: ModelChoice[];
let models: RunModels;
const DECODER = "decoder_model_merged.onnx";

function model(name: string, content: string): ModelChoice {
  const dir = path.join(root, name);
  mkdirSync(path.join(dir, "onnx"), { recursive: true });
  writeFileSync(path.join(dir, "onnx", DECODER), content);
  const choice = { name, dir };
  known.push(choice);
  return choice;
}

function madeWith(name: string, content: string, file = DECODER): RunModel {
  const sha256 = createHash("sha256").update(content).digest("hex");
  const files = [{ name: file, bytes: content.length, sha256 }];
  return { name, family: "llava", files, dtype: "fp32", device: "cpu", layers: 1, heads: 1 };
}

beforeEach(() => {
  fake.reset();
  root = mkdtempSync(path.join(os.tmpdir(), "dexar-models-"));
  known = [];
  models = new RunModels({ list: async () => known });
});

afterEach(() => rmSync(root, { recursive: true, force: true }));

describe("the model of a run", () => {
  it("is the known one with its files, under whatever name, with its weights", async () => {
    model("a", "other");
    const right = model("b", "right");
    expect(await models.find(madeWith("b", "right"))).toEqual({ ...right, dtype: "fp32" });
    expect(await models.find(madeWith("renamed", "right"))).toEqual({ ...right, dtype: "fp32" });
  });

  it("is not one with the same name and another content, even of the same size", async () => {
    const { dir } = model("a", "12345");
    expect(await models.find(madeWith("a", "54321"))).toBeNull();
    expect(await models.find(madeWith("a", "1234"))).toBeNull();
    expect(await codeOf(models.get(madeWith("a", "54321")))).toBe("model-not-installed");
    // A file that was replaced is read again.
    writeFileSync(path.join(dir, "onnx", DECODER), "54321");
    utimesSync(path.join(dir, "onnx", DECODER), 1, 1);
    expect(await models.find(madeWith("a", "54321"))).not.toBeNull();
  });

  it("is found once its file can be read, which was tried in vain before", async () => {
    const { dir } = model("a", "");
    const file = path.join(dir, "onnx", DECODER);
    rmSync(file);
    mkdirSync(file);
    utimesSync(file, 1, 1);
    const content = "x".repeat(statSync(file).size);
    expect(await models.find(madeWith("a", content))).toBeNull();
    rmSync(file, { recursive: true });
    writeFileSync(file, content);
    utimesSync(file, 1, 1);
    expect(await models.find(madeWith("a", content))).not.toBeNull();
  });

  it("without hashes is the one of that name", async () => {
    const right = model("b", "x");
    model("a", "y");
    const unknown = { ...madeWith("b", "x"), files: [] };
    expect(await models.find(unknown)).toEqual({ ...right, dtype: "fp32" });
    expect(await models.find({ ...unknown, name: "c" })).toBeNull();
  });

  it("is not looked for outside the folders, and what is no weight type is not asked for", async () => {
    model("a", "x");
    writeFileSync(path.join(root, "a", "secret"), "x");
    expect(await models.find(madeWith("a", "x", "../secret"))).toBeNull();
    const found = await models.find({ ...madeWith("a", "x"), dtype: "../../fp32" });
    expect(found?.dtype).toBeUndefined();
  });
});

describe("asking a run's question again", () => {
  const current = (): ModelChoice => ({ name: "present", dir: "/models/present" });
  const ask = (now = current) => modelForRun(madeWith("gone", "x"), models, now);
  const button = (at: number) => (shown: Shown) => shown.choices[at];

  it("takes the run's own model without a question when it is known", async () => {
    const right = model("gone", "x");
    expect(await ask()).toEqual({ ...right, dtype: "fp32" });
    expect(fake.shown).toEqual([]);
  });

  it("names the missing model and offers the current one", async () => {
    fake.answers = [button(0)];
    expect(await ask()).toBeNull();
    const [shown] = fake.shown;
    expect(shown?.text).toContain("the model gone (fp32)");
    expect(shown?.choices).toEqual(["Use the Current Model (present)", "Choose Model…"]);
  });

  it("does nothing when the user changes their mind, there or when choosing", async () => {
    expect(await ask()).toBeUndefined();
    fake.answers = [button(1)];
    expect(await ask()).toBeUndefined();
    expect(fake.calls).toContainEqual(["dexar.model.choose"]);
  });

  it("takes the model that was chosen: the run's own when it is found then, else the new one", async () => {
    let dir = "/models/present";
    fake.answers = [button(1), button(1)];
    fake.commands.set("dexar.model.choose", () => (dir = "/models/new"));
    expect(await ask(() => ({ name: "present", dir }))).toBeNull();
    fake.commands.set("dexar.model.choose", () => model("gone", "x"));
    expect(await ask()).toMatchObject({ name: "gone", dtype: "fp32" });
  });
});
