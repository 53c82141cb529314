import { describe, expect, it } from "vitest";
import { bytesReadInPlace, graphWeights } from "../../../src/core/memory/graphWeights.js";
import { create, DataLocation, DataType, TensorProtoSchema } from "../../../src/core/onnx/index.js";
import { GraphBuilder } from "../../helpers/graphBuilder.js";

/** A constant whose bytes lie in a file. */
function external(
  b: GraphBuilder,
  name: string,
  dims: readonly number[],
  dataType = DataType.FLOAT,
  file = "w.bin",
): string {
  b.graph.initializer.push(
    create(TensorProtoSchema, {
      name,
      dataType,
      dims: dims.map(BigInt),
      dataLocation: DataLocation.EXTERNAL,
      externalData: [{ key: "location", value: file }],
    }),
  );
  return name;
}

const NOTHING = { byType: {}, private: 0, mapped: 0, whileLoading: 0 };

describe("weights of a graph in memory", () => {
  it("copies those of products, and reads the others where they lie", () => {
    const b = new GraphBuilder();
    b.op("MatMul", ["x", external(b, "w", [10, 20])]);
    b.op("Mul", ["x", external(b, "norm", [10])]);
    b.op("Gather", [external(b, "table", [50, 10]), "ids"]);
    expect(graphWeights(b.model(), "decoder.onnx")).toEqual({
      byType: { FLOAT: 800 + 40 + 2000 },
      private: 800,
      mapped: 40 + 2000,
      whileLoading: 0,
    });
  });

  it("copies the codes of a 4-bit layer, and its scales only for products of integers", () => {
    const build = (level: bigint) => {
      const b = new GraphBuilder();
      const codes = external(b, "codes", [64, 4, 16], DataType.UINT8);
      const scales = external(b, "scales", [256]);
      b.op("com.microsoft:MatMulNBits", ["x", codes, scales], { K: 128n, N: 64n, accuracy_level: level });
      return graphWeights(b.model(), "decoder_q4.onnx");
    };
    expect(build(0n)).toEqual({
      byType: { UINT8: 4096, FLOAT: 1024 },
      private: 4096,
      mapped: 1024,
      whileLoading: 0,
    });
    expect(build(4n)).toMatchObject({ private: 4096 + 1024, mapped: 0 });
  });

  it("copies the codes of a dynamically quantised layer", () => {
    const b = new GraphBuilder();
    const codes = external(b, "codes", [128, 64], DataType.INT8);
    b.node("DynamicQuantizeLinear", ["x"], ["xq", "xs", "xz"]);
    b.op("MatMulInteger", ["xq", codes, "xz", external(b, "zero", [], DataType.INT8)]);
    b.op("Mul", ["xs", external(b, "scale", [])]);
    expect(graphWeights(b.model(), "decoder_quantized.onnx")).toEqual({
      byType: { INT8: 8192 + 1, FLOAT: 4 },
      private: 8192,
      mapped: 1 + 4,
      whileLoading: 0,
    });
  });

  it("holds half precision as float32 where it is computed with, and as it is where rows are looked up", () => {
    const b = new GraphBuilder();
    b.op("MatMul", ["x", external(b, "w", [10, 20], DataType.FLOAT16)]);
    b.op("Gather", [external(b, "table", [50, 10], DataType.FLOAT16), "ids"]);
    expect(graphWeights(b.model(), "decoder_fp16.onnx", true)).toMatchObject({ private: 400, mapped: 1000 });
    expect(graphWeights(b.model(), "decoder_fp16.onnx")).toEqual({
      byType: { FLOAT16: 400 + 1000 },
      private: 800,
      mapped: 1000,
      whileLoading: 800,
    });
  });

  it("sees a product behind a transposition that is computed once", () => {
    const b = new GraphBuilder();
    b.op("MatMul", ["x", b.op("Transpose", [external(b, "w", [20, 10])])]);
    expect(graphWeights(b.model(), "d.onnx")).toMatchObject({ private: 800, mapped: 0 });
  });

  it("maps a table that is also the head's weight, and copies it for the head", () => {
    const b = new GraphBuilder();
    external(b, "tied", [10, 20]);
    b.op("Gather", ["tied", "ids"]);
    b.op("MatMul", ["x", "tied"]);
    expect(graphWeights(b.model(), "d.onnx")).toMatchObject({
      byType: { FLOAT: 800 },
      private: 800,
      mapped: 800,
    });
  });

  it("copies what lies inside the graph's own file, unless the graph was rewritten to refer to it", () => {
    const b = new GraphBuilder();
    b.op("MatMul", ["x", external(b, "w", [10, 20], DataType.FLOAT, "d.onnx")]);
    b.op("Mul", ["x", external(b, "norm", [10], DataType.FLOAT, "d.onnx")]);
    expect(graphWeights(b.model(), "d.onnx")).toMatchObject({ private: 840, mapped: 0, whileLoading: 800 });
    expect(graphWeights(b.model(), null)).toMatchObject({ private: 800, mapped: 40, whileLoading: 0 });
  });

  it("copies small constants", () => {
    const b = new GraphBuilder();
    b.op("Add", ["x", b.constant("bias", [5])]);
    expect(graphWeights(b.model(), "d.onnx")).toEqual({ ...NOTHING, byType: { FLOAT: 20 }, private: 20 });
  });

  it("is nothing for a graph without weights", () => {
    expect(graphWeights(new GraphBuilder().model(), "d.onnx")).toEqual(NOTHING);
  });
});

describe("weights read in place", () => {
  it("leaves out those of which rows are looked up, and what is not in a file", () => {
    const b = new GraphBuilder();
    b.op("Gemm", ["x", external(b, "w", [10, 20])]);
    b.op("Gather", [external(b, "head", [10, 500]), "ids"]);
    b.op("Add", ["x", b.constant("bias", [5])]);
    expect(bytesReadInPlace(b.model())).toBe(800);
  });
});
