import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { BENCH_DTYPES } from "../../src/bench/model/shapes.js";
import { createEngine } from "../../src/runtime/engine.js";
import { inspectModel } from "../../src/runtime/inspect.js";
import { HALF_IS_NATIVE } from "../../src/runtime/memory/halfIsNative.js";
import type { MachineMemory } from "../../src/runtime/memory/machineMemory.js";
import { BUNDLED_MODEL, EXAMPLE_PICTURE } from "../helpers/bundledModel.js";
import { explainRequest, neverAborted } from "../helpers/explainRequest.js";
import { LLAVA_7B, paperModel } from "../helpers/paperModel.js";
import { buildTiny } from "../helpers/tinyShape.js";

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

describe("what inspecting says about memory", () => {
  it("is the same with and without the weights' files", async () => {
    const cache = mkdtempSync(path.join(tmpdir(), "dexar-memory-"));
    folders.push(cache);
    let modelDir = "";
    for (const dtype of BENCH_DTYPES) {
      modelDir = await buildTiny({ cache, dtype, imageTokens: 24 });
    }
    const whole = await inspectModel(modelDir);
    expect(whole.problems).toEqual([]);
    expect(whole.memory.dtypes.map(({ dtype }) => dtype)).toEqual(["fp32", "fp16", "q4", "q4f16", "q8"]);
    expect(whole.memory.answer).toEqual({
      ...{
        promptTokens: 88,
        imageTokens: 24,
        answerTokens: 64,
        captureEvery: 32,
        forced: false,
        spooled: true,
      },
    });
    const weights = path.join(modelDir, "onnx");
    for (const name of readdirSync(weights).filter((file) => file.endsWith("_data"))) {
      rmSync(path.join(weights, name));
    }
    const bare = await inspectModel(modelDir);
    expect(bare.memory).toEqual(whole.memory);
    expect(bare.problems.map(({ code }) => code)).toContain("onnx-external-missing");
  });

  it("holds for a model of 7B on paper", async () => {
    const folder = paperModel(LLAVA_7B, ["fp16", "q4"], 576);
    folders.push(folder);
    const asked = { imageTokens: 576, textTokens: 64, answerTokens: 100 };
    const { memory, layers, heads } = await inspectModel(folder, asked);
    expect({ layers, heads }).toEqual({ layers: 32, heads: 32 });
    const [fp16, q4] = memory.dtypes;
    // Weights of the linear layers: 32 of 4 x 4096 x 4096 and 3 x 4096 x 11008, and the head.
    const products = 32 * (4 * 4096 ** 2 + 3 * 4096 * 11_008) + 4096 * 32_064;
    expect(fp16?.weights.decoder.byType["FLOAT16"]).toBeGreaterThan(2 * products);
    expect(fp16?.weights.decoder.private).toBeGreaterThan((HALF_IS_NATIVE ? 2 : 4) * products);
    expect(q4?.weights.decoder.byType["UINT8"]).toBe(products / 2);
    expect(q4?.weights.decoder.private).toBeGreaterThanOrEqual(products / 2);
    expect(q4?.weights.decoder.private).toBeLessThan(0.51 * products);
    // Cache of one position: keys and values of 32 layers, 4096 wide, float32.
    expect(q4?.generate.parts.cache.prompt).toBe(2 * 640 * (2 * 32 * 4096 * 4));
    expect(q4?.explain.privatePeak).toBeGreaterThan(q4?.generate.privatePeak ?? Infinity);
    expect(fp16?.generate.privatePeak).toBeGreaterThan(
      (HALF_IS_NATIVE ? 2 : 3) * (q4?.generate.privatePeak ?? Infinity),
    );
  });

  it("is left out where no decoder can be read", async () => {
    const { memory } = await inspectModel("/no/such/folder");
    expect(memory.dtypes).toEqual([]);
  });
});

describe("a model that does not fit", () => {
  const load = (machine: MachineMemory, dtype: string | null = null, modelDir = BUNDLED_MODEL) =>
    createEngine(() => machine).load({ modelDir, device: "cpu", dtype }, () => undefined);

  it("is refused before it is loaded", async () => {
    const folder = paperModel(LLAVA_7B, ["fp16", "q4"], 576);
    folders.push(folder);
    // Without weights this model could not be loaded: nothing but the graphs' heads is read before the refusal.
    await expect(load({ available: 8e9, own: 0 }, "fp16", folder)).rejects.toMatchObject({
      code: "onnx-external-missing",
    });
    await expect(load({ available: 2e7, own: 0 })).rejects.toMatchObject({
      code: "not-enough-memory",
      message: expect.stringMatching(
        /^emoji-llava in fp32 needs about \d+ MB of memory, and 20 MB can be had\.$/,
      ) as string,
      nextStep: expect.stringMatching(/^Close other programs, .* Even q4 needs about \d+ MB\.$/) as string,
    });
  });

  it("warns in the run when the answer is a tight fit, and answers", async () => {
    const { memory } = await inspectModel(BUNDLED_MODEL, {
      imageTokens: 144,
      textTokens: 20,
      answerTokens: 1,
    });
    const room = memory.dtypes[0]?.explain.privatePeak ?? NaN;
    const engine = createEngine(() => ({ available: room, own: 0 }));
    try {
      await engine.load({ modelDir: BUNDLED_MODEL, device: "cpu", dtype: null }, () => undefined);
      const request = explainRequest({
        imagePath: EXAMPLE_PICTURE,
        prompt: "Describe the image.",
        rawPrompt: false,
        maxNewTokens: 300,
      });
      const run = await engine.explain(request, () => undefined, neverAborted);
      expect(run.info.warnings.filter((text) => text.startsWith("This answer may take about"))).toHaveLength(
        1,
      );
      expect(run.info.tokens.length).toBeGreaterThan(0);
    } finally {
      await engine.dispose();
    }
  });
});
