import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { DexarError } from "../../../src/core/errors.js";
import { ModelsOfMachine } from "../../../src/host/models/knownModels.js";
import type { ModelChoice } from "../../../src/host/services.js";
import { fake, Uri } from "../../helpers/fakeVscode.js";
import { SETTINGS } from "../../helpers/hostServices.js";
import { codeOf } from "../../helpers/thrownBy.js";

let root: string;
let used: string[];
let hub: ModelChoice[];
const base = () => Uri.file(path.join(root, "workspace"));

/** A folder that is a model's, below the temporary one. */
function model(...parts: string[]): string {
  const dir = path.join(root, ...parts);
  mkdirSync(path.join(dir, "onnx"), { recursive: true });
  writeFileSync(path.join(dir, "config.json"), "{}");
  return dir;
}

function known(dir = path.join(root, "bundled", "own")): ModelsOfMachine {
  return new ModelsOfMachine({
    bundled: path.join(root, "bundled"),
    readSettings: () => ({ ...SETTINGS, model: { dir, name: path.basename(dir) } }),
    usedFolders: async () => used,
    hubModels: async () => hub,
  });
}

async function failure(promise: Promise<unknown>): Promise<DexarError> {
  return promise.then(
    () => {
      throw new Error("it did not fail");
    },
    (error: unknown) => error as DexarError,
  );
}

beforeEach(() => {
  fake.reset();
  used = [];
  hub = [];
  root = mkdtempSync(path.join(os.tmpdir(), "dexar-models-"));
  model("bundled", "own");
  mkdirSync(path.join(root, "workspace"));
});

afterEach(() => rmSync(root, { recursive: true, force: true }));

describe("the known models", () => {
  it("are the extension's, the settings', those used before and what lies beside them, none twice", async () => {
    const settings = model("a", "chosen");
    used = [model("b", "before"), settings, path.join(root, "gone")];
    model("a", "sister");
    model("a", ".hidden");
    mkdirSync(path.join(root, "a", "not-a-model"));
    const list = await known(settings).list();
    expect(list.map(({ name }) => name)).toEqual(["own", "chosen", "before", "sister"]);
    expect(list[1]).toEqual({ name: "chosen", dir: settings });
  });

  it("leave out a folder of the settings that is no model, and what nobody chose in an untrusted workspace", async () => {
    used = [model("a", "chosen")];
    model("a", "sister");
    fake.trusted = false;
    const list = await known(path.join(root, "nowhere")).list();
    expect(list.map(({ name }) => name)).toEqual(["own", "chosen"]);
  });
});

describe("a model that a file names", () => {
  it("is found by its name, in whatever letters", async () => {
    expect(await known().resolve(" own ", null)).toEqual({
      name: "own",
      dir: path.join(root, "bundled", "own"),
    });
    expect((await known().resolve("OWN", null)).name).toBe("own");
  });

  it("is found by its folder: absolute, from the home folder, or beside the file", async () => {
    const dir = model("workspace", "models", "mine");
    expect(await known().resolve(`${dir}/`, null)).toEqual({ name: "mine", dir });
    expect(await known().resolve("models/mine", base())).toEqual({ name: "mine", dir });
    expect(await known().resolve("./models/../models/mine", base())).toEqual({ name: "mine", dir });
    const fromHome = `~/${path.relative(os.homedir(), dir)}`;
    expect(await known().resolve(fromHome, null)).toEqual({ name: "mine", dir });
    const beside = model("workspace", "next");
    expect(await known().resolve("next", base())).toEqual({ name: "next", dir: beside });
  });

  it("of the hub is found without its owner's name, where only one is called so and no folder is", async () => {
    hub = [{ name: "a/tiny", dir: model("store", "a", "tiny") }];
    expect(await known().resolve("Tiny", null)).toEqual(hub[0]);
    const beside = model("workspace", "tiny");
    expect((await known().resolve("tiny", base())).dir).toBe(beside);
    hub = [...hub, { name: "b/tiny", dir: model("store", "b", "tiny") }];
    expect((await failure(known().resolve("tiny", null))).message).toContain("a/tiny, b/tiny");
  });

  it("that nobody knows is answered with those that are known", async () => {
    const unknown = await failure(known().resolve("llava", base()));
    expect(unknown.code).toBe("model-not-found");
    expect(unknown.message).toBe("There is no model llava. Known models: own.");
    expect(unknown.nextStep).toContain("path of a model folder");
    const folder = await failure(known().resolve("models/none", base()));
    expect(folder.code).toBe("model-not-found");
    expect(folder.message).toContain(path.join(root, "workspace", "models", "none"));
  });

  it("may not be a file, nor a folder without config.json, nor relative to nothing", async () => {
    const file = path.join(root, "workspace", "model.onnx");
    writeFileSync(file, "");
    const named = await failure(known().resolve(file, null));
    expect([named.code, named.message]).toEqual([
      "model-not-found",
      `${file} is a file, not the folder of a model.`,
    ]);
    mkdirSync(path.join(root, "workspace", "empty"));
    const empty = await failure(known().resolve("./empty", base()));
    expect([empty.code, empty.message.includes("no config.json")]).toEqual(["model-file-missing", true]);
    const loose = await failure(known().resolve("./mine", Uri.parse("untitled:question")));
    expect([loose.code, loose.message.includes("relative")]).toEqual(["model-not-found", true]);
    expect(await codeOf(known().resolve("mine", null))).toBe("model-not-found");
  });

  it("in an untrusted workspace is a known one, never a folder of the workspace", async () => {
    const dir = model("workspace", "models", "mine");
    fake.trusted = false;
    const refused = await failure(known().resolve("models/mine", base()));
    expect(refused.code).toBe("model-not-trusted");
    expect(refused.message).toContain("models/mine");
    expect(refused.nextStep).toContain("own");
    // Whether something is there is not told either.
    expect(await codeOf(known().resolve("models/none", base()))).toBe("model-not-trusted");
    expect(await codeOf(known().resolve(dir, null))).toBe("model-not-trusted");
    expect((await known().resolve("own", base())).name).toBe("own");
    used = [dir];
    expect(await known().resolve("mine", base())).toEqual({ name: "mine", dir });
  });
});
