import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { ExplainOptions } from "../../../src/cli/commands/explain.js";
import { withPromptFile } from "../../../src/cli/options/promptFile.js";
import { families } from "../../../src/runtime/families/index.js";
import { PUBLIC_MODELS } from "../../../src/hub/publicModels.js";
import { hubCacheFolder, modelStoreFolder } from "../../../src/hub/places.js";
import { noisyModel } from "../../helpers/fakeHubModel.js";
import { HubTest, NAME } from "../../helpers/hubTest.js";
import { failureOf } from "../../helpers/thrownBy.js";
import { runDexar, type CliOptions } from "../../helpers/runDexar.js";

let test: HubTest;
let env: Record<string, string>;
beforeEach(async () => {
  test = await HubTest.start();
  env = {
    DEXAR_MODELS: test.store,
    HF_ENDPOINT: test.server.url,
    HF_HUB_CACHE: path.join(test.store, "cache"),
    HF_TOKEN: "hf_SecretOfTheUser",
  };
});
afterEach(() => test.end());

const dexar = (args: readonly string[], options: CliOptions = {}) =>
  runDexar(["models", ...args], { env, ...options });

/** What came so far of the last file of the download. */
const decoderPart = () =>
  path.join(test.store, ".downloads", NAME, "files/onnx/decoder_model_merged_q4.onnx.part");
async function untilPartHas(bytes: number): Promise<void> {
  while (!existsSync(decoderPart()) || statSync(decoderPart()).size < bytes) await sleep(20);
}

describe("dexar models pull", () => {
  it("downloads a model that then goes by its name", async () => {
    const { code, stdout, stderr } = await dexar(["pull", NAME]);
    expect([code, stderr]).toEqual([
      0,
      expect.stringMatching(/owner\/tiny-vlm q4: 8 files, 0 MB, from .*\nlicence: apache-2.0\n/),
    ]);
    expect(stdout).toContain(`Use it: --model ${NAME}`);
    expect((await dexar(["list"])).stdout).toMatch(/^owner\/tiny-vlm +llava +0\.4 MB +downloaded, q4 /m);
    const asked: string[] = [];
    const inspectModel = (dir: string) => (asked.push(dir), Promise.reject(new Error("asked")));
    await dexar(["inspect", NAME], { inspectModel });
    expect(asked).toEqual([path.join(test.store, NAME)]);
    expect(test.server.seen.every(({ authorization }) => authorization === "Bearer hf_SecretOfTheUser")).toBe(
      true,
    );
    expect(`${stdout}${stderr}`).not.toContain("hf_Secret");
  });

  it("prints one object with --json, and takes a page's address for a name", async () => {
    const { stdout } = await dexar(["pull", `https://huggingface.co/${NAME}`, "--dtype", "fp32", "--json"]);
    expect(JSON.parse(stdout)).toMatchObject({ name: NAME, dtypes: ["fp32"] });
  });

  it("shows the licence, and needs it accepted where it is not permissive", async () => {
    test.server.models[NAME] = noisyModel({ card: { license: "gemma" } });
    const refused = await dexar(["pull", NAME]);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain(`licence: gemma (${test.server.url}/${NAME})`);
    expect(refused.stderr).toContain("(--accept-licence)");
    expect(test.server.files).toEqual([]);
    expect((await dexar(["pull", NAME, "--accept-licence"])).code).toBe(0);
  });

  it("pauses at Ctrl-C; the same command goes on, and what is not whole has no name", async () => {
    test.server.slowMs = 40;
    const { code, stderr } = await dexar(["pull", NAME], {
      onBegin: (interrupt) => {
        test.server.fault = (_, response, seen) => {
          if (seen.path.endsWith("decoder_model_merged_q4.onnx")) void untilPartHas(40_000).then(interrupt);
          return response.destroyed;
        };
      },
    });
    expect([code, stderr]).toEqual([
      130,
      expect.stringMatching(/Paused at \d+ %\. To go on: dexar models pull owner\/tiny-vlm/),
    ]);
    expect((await dexar(["list"])).stdout).toMatch(
      /^owner\/tiny-vlm .*paused at \d+ % of 0 MB \(q4\): dexar models pull/m,
    );
    const used = await dexar(["inspect", NAME]);
    expect([used.code, used.stderr]).toEqual([2, expect.stringContaining("its download is not finished")]);
    expect((await dexar(["pull", NAME, "--dtype", "fp32"])).stderr).toContain(
      "in q4 (revision main) was begun",
    );
    Object.assign(test.server, { slowMs: 0, fault: null });
    expect((await dexar(["pull", NAME])).code).toBe(0);
    expect(test.server.files.at(-1)?.range).toMatch(/^bytes=\d+-$/);
  });

  it("goes on after it was killed, from the bytes that lie there", async () => {
    test.server.slowMs = 60;
    const command = ["--import", "tsx", "src/cli/main.ts", "models", "pull", NAME];
    const child = spawn(process.execPath, command, { env: { ...process.env, ...env }, stdio: "ignore" });
    await untilPartHas(40_000);
    const ended = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGKILL");
    await ended;
    test.server.slowMs = 0;
    const { size } = statSync(decoderPart());
    test.server.seen.length = 0;
    expect((await dexar(["pull", NAME])).code).toBe(0);
    expect(test.server.files.map(({ range, sent }) => [range, sent])).toEqual([
      [`bytes=${size}-`, 200_000 - size],
    ]);
  });

  it.each([
    [["pull", "no-owner"], "hub-bad-name"],
    [["pull", "owner/none"], "hub-not-found"],
    [["pull", NAME, "--dtype", "bnb4"], "dtype-not-found"],
    [["remove", "owner/none"], "model-not-stored"],
    [["remove", "../../home"], "hub-bad-name"],
  ])("refuses %j", async (args, code) => {
    const { stdout } = await dexar([...args, "--json"]);
    expect(JSON.parse(stdout)).toMatchObject({ error: { code } });
  });

  it.each([
    ["a model without ONNX graphs", (file: string) => !file.startsWith("onnx/"), "model-not-onnx"],
    ["a text-only model", (file: string) => !file.includes("vision"), "model-text-only"],
  ])("refuses %s", async (_, keep, code) => {
    const { files } = noisyModel();
    test.server.models[NAME] = {
      files: Object.fromEntries(Object.entries(files).filter(([file]) => keep(file))),
    };
    expect(JSON.parse((await dexar(["pull", NAME, "--json"])).stdout)).toMatchObject({ error: { code } });
    expect(test.server.files).toEqual([]);
  });
});

describe("a model that was downloaded", () => {
  const inspected = async (name: string) => {
    const asked: string[] = [];
    const inspectModel = (dir: string) => (asked.push(dir), Promise.reject(new Error("asked")));
    const { stdout } = await dexar(["inspect", name, "--json"], { inspectModel });
    return asked[0] ?? (JSON.parse(stdout) as { error: { code: string; message: string } }).error;
  };
  const also = (name: string) => {
    const dir = path.join(test.store, name);
    mkdirSync(dir, { recursive: true });
    const manifest = JSON.parse(
      readFileSync(path.join(test.store, NAME, "dexar-model.json"), "utf8"),
    ) as object;
    writeFileSync(path.join(dir, "dexar-model.json"), JSON.stringify({ ...manifest, name, files: [] }));
    return dir;
  };

  it("is found in other letters, and by its last name, which is all that runs keep", async () => {
    await dexar(["pull", NAME]);
    const dir = path.join(test.store, NAME);
    expect(await inspected("Owner/Tiny-VLM")).toBe(dir);
    expect(await inspected("tiny-vlm")).toBe(dir);
    expect(await inspected("vlm")).toMatchObject({ code: "model-not-found" });
  });

  it("is not guessed between several of that last name", async () => {
    await dexar(["pull", NAME]);
    const other = also("other/tiny-vlm");
    expect(await inspected("tiny-vlm")).toMatchObject({
      code: "model-ambiguous",
      message: 'Several models are called "tiny-vlm": other/tiny-vlm, owner/tiny-vlm.',
    });
    expect(await inspected("other/tiny-vlm")).toBe(other);
  });

  it("is found by a prompt file, too, and one that is not there is called by its name", async () => {
    await dexar(["pull", NAME]);
    const ask = async (model: string) => {
      const promptFile = path.join(test.store, "ask.vlm.md");
      writeFileSync(promptFile, `---\nmodel: ${model}\n---\nwhat?\n`);
      const context = { io: { stderr: process.stderr, env }, services: { modelsDir: "no-models" } } as never;
      return (await withPromptFile({ promptFile } as ExplainOptions, () => false, context)).options.model;
    };
    expect(await ask(NAME)).toBe(path.join(test.store, NAME));
    expect(await failureOf(ask("owner/none"))).toMatchObject({
      code: "model-not-found",
      nextStep: expect.stringContaining("dexar models pull owner/none") as string,
    });
    mkdirSync(path.join(test.store, "mine"));
    expect(await ask("mine")).toBe(path.join(test.store, "mine"));
  });
});

describe("dexar models remove", () => {
  it("says how much becomes free", async () => {
    await dexar(["pull", NAME]);
    const { code, stdout } = await dexar(["remove", NAME, "--json"]);
    expect(code).toBe(0);
    expect((JSON.parse(stdout) as { freed: number }).freed).toBeGreaterThan(350_000);
    expect((await dexar(["list"])).stdout).not.toContain(NAME);
    expect((await dexar(["inspect", NAME])).stderr).toContain(`dexar models pull ${NAME}`);
  });
});

describe("the Hugging Face cache", () => {
  /** A model as huggingface_hub keeps it: links into a folder of contents. */
  function cache(name: string, leaveOut: (file: string) => boolean = () => false): string {
    const repo = path.join(test.store, "cache", `models--${name.replace("/", "--")}`);
    const snapshot = path.join(repo, "snapshots", "c".repeat(40));
    mkdirSync(path.join(repo, "blobs"), { recursive: true });
    mkdirSync(path.join(snapshot, "onnx"), { recursive: true });
    for (const [index, [file, bytes]] of Object.entries(noisyModel().files).entries()) {
      const blob = path.join(repo, "blobs", `blob${index}`);
      if (!leaveOut(file)) writeFileSync(blob, bytes);
      symlinkSync(path.relative(path.dirname(path.join(snapshot, file)), blob), path.join(snapshot, file));
    }
    mkdirSync(path.join(repo, "refs"));
    writeFileSync(path.join(repo, "refs", "main"), "c".repeat(40));
    return snapshot;
  }

  it("is looked through: whole models go by their names, others say what they lack", async () => {
    const dir = cache("cached/whole");
    cache("cached/half", (file) => file.includes("decoder_model_merged"));
    cache("cached/no-config", (file) => file === "tokenizer.json");
    cache("cached/text", (file) => file.includes("vision"));
    mkdirSync(path.join(test.store, "cache", "datasets--x--y"));
    const { stdout } = await dexar(["list"]);
    expect(stdout).toMatch(/^cached\/whole +llava .*in the Hugging Face cache, fp32, q4 /m);
    expect(stdout).toMatch(/^cached\/half .*incomplete.*lacks onnx\/decoder_model_merged\.onnx$/m);
    expect(stdout).toMatch(/^cached\/no-config .*incomplete.*lacks tokenizer\.json$/m);
    expect(stdout).not.toContain("cached/text");
    const asked: string[] = [];
    const inspectModel = (folder: string) => (asked.push(folder), Promise.reject(new Error("asked")));
    await dexar(["inspect", "cached/whole"], { inspectModel });
    expect(asked).toEqual([dir]);
    expect((await dexar(["inspect", "cached/half"])).stderr).toContain(
      "lacks onnx/decoder_model_merged.onnx",
    );
    expect((await dexar(["remove", "cached/whole"])).stderr).toContain(
      "the Hugging Face cache are not removed here",
    );
    expect(existsSync(dir)).toBe(true);
  });

  it("lacks weights that config.json says lie beside a graph", async () => {
    const dir = cache("cached/data", (file) => file.endsWith("_data"));
    const config = {
      model_type: "llava",
      "transformers.js_config": { use_external_data_format: { "decoder_model_merged.onnx": true } },
    };
    writeFileSync(path.join(dir, "config.json"), JSON.stringify(config));
    expect((await dexar(["list"])).stdout).toMatch(/^cached\/data .*in the Hugging Face cache, q4 /m);
  });

  it("lies where the Hugging Face tools put it", () => {
    expect(hubCacheFolder({}, "/h/me")).toBe(path.resolve("/h/me/.cache/huggingface/hub"));
    expect(hubCacheFolder({ HF_HOME: "/data/hf" }, "/h/me")).toBe(path.resolve("/data/hf/hub"));
    expect(hubCacheFolder({ HF_HUB_CACHE: "~/cache" }, "/h/me")).toBe(path.resolve("/h/me/cache"));
    expect(hubCacheFolder({ XDG_CACHE_HOME: "/c" }, "/h/me")).toBe(path.resolve("/c/huggingface/hub"));
  });
});

describe("the store", () => {
  it("lies in the user's folder for data", () => {
    expect(modelStoreFolder({}, "linux", "/h/me")).toBe(path.join("/h/me", ".local/share/dexar/models"));
    expect(modelStoreFolder({ XDG_DATA_HOME: "/d" }, "linux", "/h/me")).toBe(path.join("/d", "dexar/models"));
    expect(modelStoreFolder({}, "darwin", "/U/me")).toBe(
      path.join("/U/me", "Library/Application Support/dexar/models"),
    );
    expect(modelStoreFolder({ LOCALAPPDATA: "/l" }, "win32", "/u")).toBe(path.join("/l", "dexar/models"));
    expect(modelStoreFolder({ DEXAR_MODELS: "/m" }, "linux", "/h/me")).toBe(path.resolve("/m"));
  });
});

describe("the list of public models", () => {
  it("says of each what is known to work, in line with the families there are", () => {
    const types = families.flatMap(({ modelTypes }) => modelTypes);
    const wrong = PUBLIC_MODELS.filter(
      ({ family, proof }) => types.includes(family) !== (proof === "tiny-model"),
    );
    expect(wrong.map(({ name, family }) => `${name}: ${family}`)).toEqual([]);
    expect(new Set(PUBLIC_MODELS.map(({ name }) => name)).size).toBe(PUBLIC_MODELS.length);
  });

  it("is printed with licence, family and sizes", async () => {
    const { stdout } = await dexar(["list"]);
    expect(stdout).toMatch(
      /^HuggingFaceTB\/SmolVLM-256M-Instruct +idefics3 +image-text-to-text +apache-2\.0 +about 0\.2–0\.35 GB in 4 bits\n {2}decoder: fp32 541 MB, .*\n {2}not tried with its real weights; its family is proven on a tiny model$/m,
    );
  });
});
