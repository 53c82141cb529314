import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { estimateMemory } from "../../src/core/memory/estimateMemory.js";
import type { ModelInspection } from "../../src/runtime/engineTypes.js";
import { runDexar } from "../helpers/runDexar.js";
import { sizedModel } from "../helpers/sizedModel.js";

let modelsDir: string;

beforeEach(() => {
  modelsDir = mkdtempSync(path.join(tmpdir(), "dexar-models-"));
  mkdirSync(path.join(modelsDir, "emoji-llava", "onnx"), { recursive: true });
  writeFileSync(path.join(modelsDir, "emoji-llava", "config.json"), '{"model_type":"llava"}');
  writeFileSync(path.join(modelsDir, "emoji-llava", "onnx", "decoder.onnx"), new Uint8Array(2_000_000));
  mkdirSync(path.join(modelsDir, "broken"));
});
afterEach(() => rmSync(modelsDir, { recursive: true }));

const INSPECTION: ModelInspection = {
  dir: "x",
  family: "llava",
  files: [
    { name: "config.json", present: true, bytes: 1200 },
    { name: "onnx/vision_encoder.onnx", present: false, bytes: 0 },
  ],
  dtypes: ["fp32", "q4"],
  graphStyle: "fused",
  layers: 4,
  heads: 6,
  kvHeads: 2,
  headSize: 32,
  vocabulary: 572,
  geometry: "12 x 12 cells of 8 px",
  memory: {
    answer: { promptTokens: 208, imageTokens: 144, answerTokens: 64, captureEvery: 32, forced: false },
    dtypes: [],
  },
  problems: [],
};

describe("dexar models", () => {
  it("lists the bundled models", async () => {
    const { code, stdout } = await runDexar(["models", "list"], { modelsDir });
    expect(code).toBe(0);
    expect(stdout).toMatch(/^broken +no config\.json +0\.0 kB/m);
    expect(stdout).toMatch(/^emoji-llava +llava +2\.0 MB .*\(default\)$/m);
    const json = await runDexar(["models", "list", "--json"], { modelsDir });
    expect(
      json.stdout
        .trimEnd()
        .split("\n")
        .map((line) => JSON.parse(line) as { name: string; state: string })
        .filter(({ state }) => state !== "available")
        .map(({ name }) => name),
    ).toEqual(["broken", "emoji-llava"]);
  });

  it("inspects a model by name", async () => {
    const asked: string[] = [];
    const inspectModel = async (dir: string) => (asked.push(dir), INSPECTION);
    const { code, stdout } = await runDexar(["models", "inspect", "emoji-llava"], {
      modelsDir,
      inspectModel,
    });
    expect(code).toBe(0);
    expect(asked).toEqual([path.join(modelsDir, "emoji-llava")]);
    expect(stdout).toContain("6 (2 key/value) of 32");
    expect(stdout).toMatch(/missing +onnx\/vision_encoder\.onnx/);
    expect(stdout).toContain("No problems found.");
  });

  it("estimates memory for the answer that is asked for, in each weight type", async () => {
    const asked: unknown[] = [];
    const answer = { promptTokens: 164, imageTokens: 100, answerTokens: 9, captureEvery: 32, forced: false };
    const memory = sizedModel();
    const dtypes = ["fp32", "q4"].map((dtype) => ({
      dtype,
      weights: memory.weights,
      generate: estimateMemory(memory, { ...answer, captureEvery: null }),
      explain: estimateMemory(memory, answer),
    }));
    const inspectModel = async (_: string, size: unknown) => (
      asked.push(size),
      { ...INSPECTION, memory: { answer, dtypes } }
    );
    const flags = ["--image-tokens", "100", "--text-tokens", "64", "--max-new-tokens", "9"];
    const { code, stdout } = await runDexar(["models", "inspect", "broken", ...flags], {
      modelsDir,
      inspectModel,
    });
    expect(code).toBe(0);
    expect(asked).toEqual([{ imageTokens: 100, textTokens: 64, answerTokens: 9 }]);
    expect(stdout).toContain(
      "memory (estimated) for a prompt of 164 tokens, 100 of the image, and an answer of 9",
    );
    expect(stdout).toMatch(/^ {2}q4 +\d+ MB +\d+ MB +\d+ MB$/m);
    expect(stdout).toMatch(/^ {2}fp32 decoder +none +500 MB +1 MB$/m);
    expect(stdout).toMatch(/^ {2}explain in fp32, private +loading +prompt +answer +saving$/m);
    expect(stdout).toMatch(/^ {2}weights( +520 MB){4}$/m);
    const json = await runDexar(["models", "inspect", "broken", "--json"], { modelsDir, inspectModel });
    expect(JSON.parse(json.stdout)).toMatchObject({
      memory: { dtypes: [{ dtype: "fp32" }, { dtype: "q4" }] },
    });
    expect(asked[1]).toEqual({});
  });

  it.each([
    ["--image-tokens", "-1"],
    ["--text-tokens", "0"],
    ["--max-new-tokens", "many"],
  ])("refuses %s %s", async (flag, value) => {
    const { code, stderr } = await runDexar(["models", "inspect", "broken", flag, value], { modelsDir });
    expect(code).toBe(2);
    expect(stderr).toContain(flag);
  });

  it("says what is wrong with a model, and fails", async () => {
    const problems = [
      { code: "op-unsupported", message: "Layer 3: no rule for Foo", nextStep: "Export it again." },
    ];
    const inspectModel = async () => ({ ...INSPECTION, layers: null, problems });
    const { code, stdout } = await runDexar(["models", "inspect", "broken"], { modelsDir, inspectModel });
    expect(code).toBe(1);
    expect(stdout).toContain("  op-unsupported: Layer 3: no rule for Foo\n    try: Export it again.");
    expect(stdout).toMatch(/^layers +unknown$/m);
  });

  it("verifies a model", async () => {
    const checks = [
      { name: "same ids with and without capture", passed: true, detail: "20 of 20" },
      { name: "gradient", passed: false, detail: "off by 0.2" },
    ];
    const verifyModel = async (dir: string) => ({ dir, checks });
    const { code, stdout } = await runDexar(["models", "verify", "emoji-llava"], { modelsDir, verifyModel });
    expect(code).toBe(1);
    expect(stdout).toContain("FAILED  gradient: off by 0.2");
    expect(stdout).toContain("1 of 2 checks failed.");
    const passing = async (dir: string) => ({ dir, checks: checks.slice(0, 1) });
    expect(
      (await runDexar(["models", "verify", "emoji-llava"], { modelsDir, verifyModel: passing })).code,
    ).toBe(0);
  });
});
