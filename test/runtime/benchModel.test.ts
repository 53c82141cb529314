import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { requestFor, TEXT_TOKENS, writePicture } from "../../src/bench/measure/subject.js";
import { timeExplained, timePlain } from "../../src/bench/measure/timeAnswer.js";
import { cacheFolder } from "../../src/runtime/files/cacheFolder.js";
import { gridOf } from "../../src/bench/model/modelJson.js";
import { BENCH_DTYPES, type BenchDtype, type BenchStyle } from "../../src/bench/model/shapes.js";
import { DataType, readModel, tensorNumbers } from "../../src/core/onnx/index.js";
import type { Run } from "../../src/core/run/types.js";
import { loadModel } from "../../src/runtime/model/loadModel.js";
import { inspectModel } from "../../src/runtime/inspect.js";
import { openModelFolder } from "../../src/runtime/modelFolder.js";
import { neverAborted } from "../helpers/explainRequest.js";
import { buildTiny, TINY } from "../helpers/tinyShape.js";

const IMAGE_TOKENS = 24;

let cache: string;
beforeAll(() => {
  cache = mkdtempSync(path.join(tmpdir(), "dexar-bench-"));
});
afterAll(() => {
  rmSync(cache, { recursive: true });
});

function build(dtype: BenchDtype, seed = 1, folder = cache, style: BenchStyle = "fused"): Promise<string> {
  return buildTiny({ cache: folder, style, dtype, imageTokens: IMAGE_TOKENS, seed });
}

function weightsHash(modelDir: string, suffix = ""): string {
  const file = path.join(modelDir, "onnx", `decoder_model_merged${suffix}.onnx_data`);
  return createHash("sha256").update(readFileSync(file)).digest("hex");
}

/** A weight of the built decoder as numbers. */
function numbersOf(modelDir: string, file: string, name: string): Float64Array {
  const folder = openModelFolder(path.join(modelDir, "onnx"));
  const tensor = readModel(folder, file).graph?.initializer.find((t) => t.name === name);
  if (tensor === undefined) throw new Error(`no tensor ${name}`);
  return tensorNumbers(folder, tensor).values;
}

describe.each(BENCH_DTYPES)("a built model in %s", (dtype) => {
  it("loads, and explaining does not change what it says", async () => {
    const subject = {
      shape: TINY,
      dtype,
      imageTokens: IMAGE_TOKENS,
      tokens: 9,
      modelDir: await build(dtype),
      scratch: cache,
    };
    const vlm = await loadModel(subject.modelDir, dtype);
    try {
      expect(vlm.parts.decoder.dtype).toBe(dtype);
      const request = requestFor(subject, await writePicture(subject));
      const plain = await timePlain(vlm, request, neverAborted);
      const explained = await timeExplained(vlm, { ...request, captureEvery: 4 }, neverAborted);
      const { info, arrays } = explained.run;
      expect(plain.ids).toHaveLength(9);
      expect(explained.ids).toEqual(plain.ids);
      expect(info.prompt.tokens).toHaveLength(IMAGE_TOKENS + TEXT_TOKENS);
      expect(info.prompt.tokens.filter((token) => token.kind === "image")).toHaveLength(IMAGE_TOKENS);
      expect(info.model).toMatchObject({ layers: TINY.layers, heads: TINY.heads });
      expect(arrays.gradient?.every(Number.isFinite)).toBe(true);
      expect(arrays.gradient?.some((value) => value > 0)).toBe(true);
    } finally {
      await vlm.dispose();
    }
  });
});

describe("a built model in plain operators", () => {
  it.each(["fp32", "q4"] as const)("is the same function as the fused one, in %s", async (dtype) => {
    const explain = async (style: BenchStyle): Promise<Run> => {
      const modelDir = await build(dtype, 1, cache, style);
      const subject = { shape: TINY, dtype, imageTokens: IMAGE_TOKENS, tokens: 9, modelDir, scratch: cache };
      const vlm = await loadModel(modelDir, dtype);
      try {
        const request = requestFor(subject, await writePicture(subject));
        return (await timeExplained(vlm, request, neverAborted)).run;
      } finally {
        await vlm.dispose();
      }
    };
    const [fused, plain] = [await explain("fused"), await explain("decomposed")];
    expect(plain.arrays.inputIds).toEqual(fused.arrays.inputIds);
    const gradient = (run: Run) => run.arrays.gradient ?? new Float32Array();
    const largest = Math.max(...gradient(fused).map(Math.abs));
    const difference = Math.max(
      ...gradient(plain).map((value, i) => Math.abs(value - (gradient(fused)[i] ?? NaN))),
    );
    expect(difference).toBeLessThan(1e-4 * largest);
  });

  it("is found to be decomposed", async () => {
    const found = await inspectModel(await build("fp32", 1, cache, "decomposed"));
    expect(found).toMatchObject({ problems: [], graphStyle: "decomposed", layers: 2, heads: 4, kvHeads: 2 });
  });
});

describe("the model builder", () => {
  it("writes what the inspection finds nothing wrong with", async () => {
    const found = await inspectModel(await build("fp32"));
    expect(found.problems).toEqual([]);
    expect(found).toMatchObject({ graphStyle: "fused", layers: 2, heads: 4, kvHeads: 2, vocabulary: 200 });
  });

  it("makes the same weights from the same seed, and others from another", async () => {
    const elsewhere = path.join(cache, "elsewhere");
    for (const [dtype, suffix] of [
      ["fp32", ""],
      ["q4", "_q4"],
    ] as const) {
      const hash = weightsHash(await build(dtype), suffix);
      expect(weightsHash(await build(dtype, 1, elsewhere), suffix)).toBe(hash);
      expect(weightsHash(await build(dtype, 2), suffix)).not.toBe(hash);
    }
  });

  it("uses a built model again, and builds one anew that was damaged", async () => {
    const folder = await build("fp32");
    const data = path.join(folder, "onnx", "decoder_model_merged.onnx_data");
    const [hash, time] = [weightsHash(folder), statSync(data).mtimeMs];
    await build("fp32");
    expect(statSync(data).mtimeMs).toBe(time);
    writeFileSync(data, "cut off");
    await build("fp32");
    expect(weightsHash(folder)).toBe(hash);
  });

  it("stores weights of unit gain, and the same ones in 4 bits to within half a step", async () => {
    const weight = "model.layers.1.mlp.up_proj.weight";
    const plain = numbersOf(await build("fp32"), "decoder_model_merged.onnx", weight);
    const [rows, columns] = [TINY.hidden, TINY.mlp];
    const bound = Math.sqrt(3 / rows);
    expect(Math.max(...plain)).toBeGreaterThan(0.95 * bound);
    expect(Math.max(...plain.map(Math.abs))).toBeLessThanOrEqual(bound);
    expect(Math.abs(plain.reduce((a, b) => a + b, 0) / plain.length)).toBeLessThan(0.05 * bound);

    const folder = await build("q4");
    const codes = numbersOf(folder, "decoder_model_merged_q4.onnx", `${weight}_Q4`);
    const scales = numbersOf(folder, "decoder_model_merged_q4.onnx", `${weight}_scales`);
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < columns; column++) {
        const byte = codes[(column * rows + row) >> 1] ?? 0;
        const code = row % 2 === 0 ? byte & 15 : byte >> 4;
        const scale = scales[column * (rows / 32) + Math.floor(row / 32)] ?? 0;
        const value = plain[row * columns + column] ?? NaN;
        expect(Math.abs((code - 8) * scale - value)).toBeLessThanOrEqual(0.5001 * scale);
      }
    }
  });

  it("stores the same weights in 8 bits to within half a step of one scale", async () => {
    const weight = "model.layers.1.mlp.up_proj.weight";
    const plain = numbersOf(await build("fp32"), "decoder_model_merged.onnx", weight);
    const folder = await build("q8");
    const stored = (name: string) =>
      numbersOf(folder, "decoder_model_merged_quantized.onnx", `${weight}_${name}`);
    const [scale = NaN] = stored("scale");
    expect([...stored("zero_point")]).toEqual([0]);
    const codes = stored("quantized");
    expect(Math.max(...codes.map(Math.abs))).toBe(127);
    plain.forEach((value, i) => {
      expect(Math.abs((codes[i] ?? NaN) * scale - value)).toBeLessThanOrEqual(0.5001 * scale);
    });
  });

  it("stores half-precision models in half precision throughout", async () => {
    const folder = openModelFolder(path.join(await build("fp16"), "onnx"));
    for (const part of ["decoder_model_merged", "embed_tokens", "vision_encoder"]) {
      const types = readModel(folder, `${part}_fp16.onnx`).graph?.initializer.map((t) => t.dataType);
      expect(types?.filter((type) => type !== DataType.INT64).every((t) => t === DataType.FLOAT16)).toBe(
        true,
      );
    }
  });

  it("takes the cache folder of the environment", () => {
    expect(cacheFolder({ DEXAR_CACHE: "/a/b" })).toBe(path.resolve("/a/b"));
    expect(cacheFolder({ XDG_CACHE_HOME: "/c" })).toBe(path.join("/c", "dexar"));
    expect(path.basename(cacheFolder({}))).toBe("dexar");
  });

  it("lays image tokens out as squarely as their number allows", () => {
    expect(gridOf(768)).toEqual({ rows: 24, cols: 32 });
    expect(gridOf(4096)).toEqual({ rows: 64, cols: 64 });
    expect(gridOf(7)).toEqual({ rows: 1, cols: 7 });
  });
});
