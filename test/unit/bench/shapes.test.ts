import { describe, expect, it } from "vitest";
import { unquantised } from "../../../src/bench/model/buildModel.js";
import { writeFusedDecoder } from "../../../src/bench/model/fusedDecoder.js";
import { GraphWriter } from "../../../src/bench/model/graphWriter.js";
import { writeEmbedding } from "../../../src/bench/model/imageGraphs.js";
import { filesBytes } from "../../../src/bench/model/shapeSize.js";
import {
  BENCH_DTYPES,
  BENCH_SHAPES,
  type BenchDtype,
  type BenchShape,
} from "../../../src/bench/model/shapes.js";
import { TensorFile } from "../../../src/bench/model/tensorFile.js";
import { WeightStore } from "../../../src/bench/model/weightStore.js";

function laidOut(
  shape: BenchShape,
  dtype: BenchDtype,
  write: (graph: GraphWriter, shape: BenchShape) => void,
): number {
  const file = new TensorFile("never-written");
  write(new GraphWriter(new WeightStore(file, 1, dtype)), shape);
  return file.bytes;
}

describe("the shapes of published models", () => {
  it.each(BENCH_SHAPES)("$name: heads and blocks of 32 fit", ({ hidden, heads, kvHeads, headSize, mlp }) => {
    expect(heads % kvHeads).toBe(0);
    expect([hidden, mlp, heads * headSize].map((rows) => rows % 32)).toEqual([0, 0, 0]);
  });

  it.each(BENCH_SHAPES)("$name: files are as large as foretold, to 2 %%", (shape) => {
    for (const dtype of BENCH_DTYPES) {
      const decoder = laidOut(shape, dtype, writeFusedDecoder);
      const whole = decoder + laidOut(shape, unquantised(dtype), writeEmbedding);
      expect(Math.abs(filesBytes(shape, dtype) / whole - 1), dtype).toBeLessThan(0.02);
    }
  });

  it("are as large as the decoders on the hub: 541 MB, 1.45 GB and 6.85 GB in float32", () => {
    const [small, middle, , large] = BENCH_SHAPES.map((shape) => laidOut(shape, "fp32", writeFusedDecoder));
    expect([small, middle, large].map((bytes) => ((bytes ?? NaN) / 1e9).toFixed(2))).toEqual([
      ...["0.54", "1.45", "6.85"],
    ]);
  });
});
