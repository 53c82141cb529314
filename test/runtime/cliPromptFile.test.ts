import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { withPromptFile } from "../../src/cli/options/promptFile.js";
import type { RequestOptions } from "../../src/cli/options/requestOptions.js";
import type { SettingsOptions } from "../../src/cli/options/settingsOptions.js";
import { readRun } from "../../src/core/run/readRun.js";
import { runDexar } from "../helpers/runDexar.js";

const PNG = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);

let folder: string;
const at = (...names: string[]): string => path.join(folder, ...names);

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), "dexar-prompt-file-"));
  for (const name of ["models", "models/tiny", "questions", "questions/own-model", "out"])
    mkdirSync(at(name));
  for (const name of ["questions/cat.png", "questions/dog.png", "other.png"]) writeFileSync(at(name), PNG);
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Writes a prompt file and returns its path. */
function promptFile(lines: string, name = "ask.vlm.md"): string {
  writeFileSync(at("questions", name), lines);
  return at("questions", name);
}

const dexar = (...argv: string[]) => runDexar(argv, { modelsDir: at("models") });

describe("a prompt file on the command line", () => {
  it("brings its words, model and pictures, which are beside the file", async () => {
    const file = promptFile("---\nmodel: tiny\nimages: [cat.png, ./dog.png]\n---\n\nwhere is it?\n");
    const result = await dexar("explain", "--prompt-file", file, "--out", at("out"));
    expect(result).toMatchObject({ code: 0, stderr: "" });
    expect(readdirSync(at("out")).sort()).toEqual(["cat.dexar", "dog.dexar"]);
    const { run } = await readRun(readFileSync(at("out", "cat.dexar")));
    expect(run.info.prompt.text).toBe("where is it?");
  });

  it("gives way to the pictures of the command line", async () => {
    const file = promptFile("---\nmodel: tiny\nimage: missing.png\n---\nwhere is it?\n");
    expect((await dexar("explain", at("other.png"), "--prompt-file", file, "--out", at("out"))).code).toBe(0);
    expect(readdirSync(at("out"))).toEqual(["other.dexar"]);
  });

  it("works for generate, with one picture", async () => {
    const one = promptFile("---\nmodel: tiny\nimage: cat.png\n---\nwhere?\n");
    expect(await dexar("generate", "--prompt-file", one)).toMatchObject({ code: 0, stderr: "" });
    const two = promptFile("---\nmodel: tiny\nimages: [cat.png, dog.png]\n---\nwhere?\n");
    const result = await dexar("generate", "--prompt-file", two);
    expect(result.code).toBe(2);
    expect(result.stderr).toContain("generate takes one image");
  });

  it("is wrong with file, line and column, all errors at once, before a model is loaded", async () => {
    const file = promptFile("---\nimage: cat.png\nseed: -1\npreset: papr\nmodle: tiny\n---\nwhere?\n");
    const result = await dexar("explain", "--prompt-file", file);
    expect(result).toMatchObject({ code: 2, processes: 0, stdout: "" });
    expect(result.stderr).toBe(
      [
        `warning: ${file}:5:1: There is no key "modle". Did you mean "model"?`,
        `error: ${file}:3:7: "seed" must be a whole number from 0 to 4294967295.`,
        `${file}:4:9: "preset" must be one of paper, reference.`,
        "  try: Change the value.",
        "",
      ].join("\n"),
    );
  });

  it("names a picture that is not there, and explains the others", async () => {
    const file = promptFile("---\nmodel: tiny\nimages: [no.png, cat.png]\n---\nwhere?\n");
    const result = await dexar("explain", "--prompt-file", file, "--out", at("out"));
    expect(result.code).toBe(1);
    expect(result.stderr).toContain(`There is no such image: ${at("questions", "no.png")}`);
    expect(readdirSync(at("out"))).toEqual(["cat.dexar"]);
  });

  it("without a picture anywhere says where one can be named", async () => {
    const result = await dexar("explain", "--prompt-file", promptFile("where?\n"), "--model", "tiny");
    expect(result.code).toBe(2);
    expect(result.stderr).toContain("`image: FILE`");
  });

  it.each(["ask.txt", "ask.md"])("without front matter is only a prompt, as it is: %s", async (name) => {
    const file = promptFile("\n  where?\r\n\r\n", name);
    const argv = ["explain", at("other.png"), "--model", "tiny", "--out", at("out", "a.dexar")];
    expect((await dexar(...argv, "--prompt-file", file)).code).toBe(0);
    const { run } = await readRun(readFileSync(at("out", "a.dexar")));
    expect(run.info.prompt.text).toBe("\n  where?\r\n");
  });
});

describe("options and front matter", () => {
  type Options = RequestOptions & SettingsOptions;
  const ALL =
    "---\nmodel: own-model\ntarget: a cat\nmax_new_tokens: 5\ntemperature: 0.5\ntop_k: 3\ntop_p: 0.9\nmin_p: 0.1\nrepetition_penalty: 1.1\nstop: [a, b]\nsystem_prompt: be brief\nseed: 9\npreset: reference\ntext_set: prompt\n---\nwhere?";
  const options: Options = {
    model: "emoji-llava",
    maxNewTokens: 64,
    temperature: 0,
    topK: 0,
    device: { device: "cpu" },
    resize: "pil",
  };

  async function merged(given: Partial<Options>): Promise<Options> {
    const io = {
      stderr: process.stderr,
      env: { DEXAR_MODELS: at("no-store"), HF_HUB_CACHE: at("no-cache") },
    };
    const context = { io, services: { modelsDir: at("models") } } as never;
    const file = { ...options, ...given, promptFile: promptFile(ALL) };
    return (await withPromptFile(file, (name) => name in given, context)).options;
  }

  it("front matter replaces defaults", async () => {
    expect(await merged({})).toMatchObject({
      prompt: "where?",
      model: at("questions", "own-model"),
      target: "a cat",
      maxNewTokens: 5,
      temperature: 0.5,
      topK: 3,
      topP: 0.9,
      minP: 0.1,
      repetitionPenalty: 1.1,
      stop: ["a", "b"],
      systemPrompt: "be brief",
      seed: 9,
      preset: "reference",
      textSet: "prompt",
    });
  });

  it("a model of the user's folder is found, and its pictures", async () => {
    const fromHome = (...names: string[]): string => `~/${path.relative(homedir(), at(...names))}`;
    const file = promptFile(
      `---\nmodel: ${fromHome("models", "tiny")}\nimage: ${fromHome("other.png")}\n---\nwhere?\n`,
    );
    expect(await dexar("generate", "--prompt-file", file)).toMatchObject({ code: 0, stderr: "" });
  });

  it("further pictures are beside the file, too; those of the command line take their place", async () => {
    const io = {
      stderr: process.stderr,
      env: { DEXAR_MODELS: at("no-store"), HF_HUB_CACHE: at("no-cache") },
    };
    const context = { io, services: { modelsDir: at("models") } } as never;
    const file = promptFile("---\nimage: cat.png\nwith_images: [dog.png]\n---\nwhere?");
    const read = (given: Partial<Options>) =>
      withPromptFile({ ...options, ...given, promptFile: file }, (name) => name in given, context);
    expect((await read({})).options.withImage).toEqual([at("questions", "dog.png")]);
    expect((await read({ withImage: ["x.png"] })).options.withImage).toEqual(["x.png"]);
  });

  it("flags win", async () => {
    const given: Partial<Options> = {
      model: "tiny",
      target: "a dog",
      maxNewTokens: 7,
      temperature: 0,
      topK: 1,
      seed: 2,
      preset: "paper",
      textSet: { positions: [1] },
    };
    expect(await merged(given)).toMatchObject({ ...given, prompt: "where?" });
  });

  it("a target given as ids wins over the file's words", async () => {
    expect((await merged({ targetIds: [1, 2] })).target).toBeUndefined();
  });
});
