import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { runDexar } from "../helpers/runDexar.js";

const PNG = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);

let folder: string;
const at = (...names: string[]): string => path.join(folder, ...names);

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), "dexar-bad-"));
  mkdirSync(at("models", "tiny"), { recursive: true });
  writeFileSync(at("cat.png"), PNG);
  writeFileSync(at("empty.txt"), "");
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Runs with `@` standing for the test's folder, and as JSON, so that the code is seen too. */
async function bad(...argv: string[]) {
  const full = [...argv.map((text) => text.replace(/^@/, `${folder}${path.sep}`)), "--json"];
  const result = await runDexar(full, { modelsDir: at("models") });
  const error = (JSON.parse(result.stdout) as { error: { code: string; message: string; nextStep: string } })
    .error;
  expect(result.stderr).toBe(`error: ${error.message}\n  try: ${error.nextStep}\n`);
  expect(result.processes).toBe(0);
  return { exit: result.code, ...error };
}

describe("wrong usage: exit code 2 before anything is loaded", () => {
  const explain = ["explain", "@cat.png", "--model", "tiny"];
  it.each<[string, string[], string, RegExp]>([
    ["an unknown option", [...explain, "--promt", "x"], "unknown-option", /--promt/],
    ["an unknown command", ["explian", "@cat.png"], "unknown-command", /explian/],
    ["an unknown models command", ["models", "lst"], "unknown-command", /lst/],
    ["no image", ["explain"], "missing-argument", /image/],
    ["an empty prompt", [...explain, "--prompt", " "], "empty-prompt", /prompt is empty/],
    ["an empty prompt file", [...explain, "--prompt-file", "@empty.txt"], "empty-prompt", /empty\.txt/],
    [
      "a missing prompt file",
      [...explain, "--prompt-file", "@no.txt"],
      "prompt-file-not-readable",
      /no\.txt/,
    ],
    [
      "two prompts",
      [...explain, "--prompt", "a", "--prompt-file", "@empty.txt"],
      "conflicting-option",
      /--prompt/,
    ],
    ["an empty target", [...explain, "--target", ""], "empty-target", /--target/],
    ["empty target ids", [...explain, "--target-ids", ""], "bad-number", /--target-ids/],
    ["two targets", [...explain, "--target", "a", "--target-ids", "1"], "conflicting-option", /--target/],
    ["bad layers", [...explain, "--layers", "4"], "bad-layers", /"4"/],
    ["a bad text set", [...explain, "--text-set", "words"], "bad-text-set", /words/],
    ["a bad score", [...explain, "--score", "median"], "bad-score", /median/],
    ["a bad preset", [...explain, "--preset", "papr"], "invalid-argument", /papr/],
    ["a bad device", [...explain, "--device", "tpu"], "invalid-argument", /tpu.*cuda/],
    ["no tokens", [...explain, "--max-new-tokens", "0"], "bad-number", /--max-new-tokens/],
    ["a bad temperature", [...explain, "--temperature", "warm"], "bad-number", /warm/],
    ["a negative top-k", [...explain, "--top-k", "-1"], "bad-number", /--top-k/],
    ["a fractional seed", [...explain, "--seed", "1.5"], "bad-number", /--seed/],
    ["missing pixel values", [...explain, "--pixel-values", "@no.npy"], "pixel-values-not-found", /no\.npy/],
    ["an unknown model", ["explain", "@cat.png", "--model", "tinny"], "model-not-found", /tinny/],
    [
      "a model that is a file",
      ["explain", "@cat.png", "--model", "@cat.png"],
      "model-not-folder",
      /cat\.png/,
    ],
    [
      "a file for several images",
      ["explain", "@cat.png", "@cat.png", "--model", "tiny", "--out", "@x.dexar"],
      "output-needs-folder",
      /2 images/,
    ],
    ["another file type", [...explain, "--png", "@x.jpg"], "output-extension", /\.png/],
    ["the input as output", [...explain, "--png", "@cat.png"], "output-is-input", /overwrite/],
    ["two images for generate", ["generate", "@cat.png", "@cat.png"], "excess-arguments", /generate/],
  ])("%s", async (_, argv, code, message) => {
    const error = await bad(...argv);
    expect(error).toMatchObject({ exit: 2, code });
    expect(error.message).toMatch(message);
  });

  it("suggests the option or command that was meant", async () => {
    expect((await bad(...explain, "--promt", "x")).nextStep).toBe("Did you mean --prompt?");
    expect((await bad("explian")).nextStep).toBe("Did you mean explain?");
  });

  it("lists the bundled models when one is unknown", async () => {
    expect((await bad("explain", "@cat.png", "--model", "tinny")).nextStep).toContain("tiny");
  });
});

describe("what cannot be done: exit code 1 before anything is loaded", () => {
  it.each<[string, string[], string, RegExp]>([
    [
      "a missing output folder",
      ["explain", "@cat.png", "--model", "tiny", "--out", "@no/x.dexar"],
      "output-folder-missing",
      /--out.*no$/,
    ],
    ["a run file that is not there", ["show", "@no.dexar"], "run-not-found", /no\.dexar/],
    ["a run file that is a folder", ["show", "@models"], "run-not-readable", /EISDIR/],
    ["a run file that is a picture", ["show", "@cat.png"], "run-file-damaged", /not a zip|damaged/],
    ["a run file that is empty", ["show", "@empty.txt"], "run-file-damaged", /not a zip|damaged/],
    [
      "a missing image for generate",
      ["generate", "@no.png", "--model", "tiny"],
      "image-not-found",
      /no\.png/,
    ],
  ])("%s", async (_, argv, code, message) => {
    const error = await bad(...argv);
    expect(error).toMatchObject({ exit: 1, code });
    expect(error.message).toMatch(message);
    expect(readdirSync(folder).sort()).toEqual(["cat.png", "empty.txt", "models"]);
  });

  it("a missing image, alone", async () => {
    const result = await runDexar(["explain", at("no.png"), "--model", "tiny"], { modelsDir: at("models") });
    expect(result).toMatchObject({ code: 1, stdout: "", processes: 0 });
    expect(result.stderr).toBe(
      `error: There is no such image: ${at("no.png")}\n  try: Check the path of the image.\n`,
    );
  });
});

describe("help", () => {
  it("is printed on demand, and without a command as wrong usage", async () => {
    const help = await runDexar(["explain", "--help"]);
    expect(help).toMatchObject({ code: 0, stderr: "" });
    for (const option of [
      "--model",
      "--prompt-file",
      "--target-ids",
      "--text-set",
      "--no-gradient",
      "--resize",
    ]) {
      expect(help.stdout).toContain(option);
    }
    expect(await runDexar(["--version"])).toMatchObject({ code: 0, stdout: "0.0.0-test\n" });
    expect((await runDexar([])).code).toBe(2);
  });
});
