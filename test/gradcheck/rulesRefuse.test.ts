import { describe, expect, it } from "vitest";
import { DataType } from "../../src/core/onnx/index.js";
import { GraphBuilder } from "../helpers/graphBuilder.js";
import { backward, END, START } from "../helpers/ruleCheck.js";
import { thrownBy } from "../helpers/thrownBy.js";

/** The message of the `unsupported-op` that differentiating a graph of 32 values a row throws. */
function refusal(build: (b: GraphBuilder) => void): string {
  const b = new GraphBuilder();
  build(b);
  const error = thrownBy(() => backward(b, 32));
  expect(error.code).toBe("unsupported-op");
  expect(error.nextStep).not.toBe("");
  return error.message;
}

describe("an operator that cannot be differentiated is refused by name, node and layer", () => {
  it("without a rule", () => {
    const message = refusal((b) => b.op("com.example:Swish", [START], {}, END));
    expect(message).toBe("No derivative is known for operator com.example:Swish (node node:y) in layer 7.");
  });

  it.each<[string, string, (b: GraphBuilder) => void]>([
    [
      "a product of two activations",
      "its second operand is no constant matrix",
      (b) => b.op("MatMul", [START, START], {}, END),
    ],
    [
      "a product with a stack of matrices",
      "its second operand is no constant matrix",
      (b) => b.op("MatMul", [START, b.constant("w", [1, 32, 2])], {}, END),
    ],
    [
      "a cast to whole numbers",
      "a cast to whole numbers",
      (b) => b.op("Cast", [START], { to: BigInt(DataType.INT64) }, END),
    ],
    [
      "a mean over positions",
      "a reduction over other axes than the last",
      (b) => b.op("ReduceMean", [START, b.ints(1)], {}, END),
    ],
    [
      "a mean over everything",
      "a reduction over other axes than the last",
      (b) => b.op("ReduceMean", [START], {}, END),
    ],
    [
      "a mean that drops its axis",
      "one that drops the axis",
      (b) => b.op("ReduceMean", [START, b.ints(-1)], { keepdims: 0n }, END),
    ],
    [
      "a split of positions",
      "a split over another axis than the last",
      (b) => b.node("Split", [START], [END, "other"], { axis: 1n }),
    ],
    [
      "a norm over two axes",
      "a norm over more axes than the last",
      (b) => b.op("LayerNormalization", [START, b.constant("w", [32])], { axis: 1n }, END),
    ],
    [
      "a reshape into heads",
      "a reshape that does not keep the last axis",
      (b) => b.op("Reshape", [START, b.ints(1, -1, 4, 8)], {}, END),
    ],
    [
      "a reshape to sizes that are not known",
      "or does not say its size",
      (b) => b.op("Reshape", [START, b.op("Shape", ["other"])], {}, END),
    ],
    [
      "a Gemm of two activations",
      "its second operand is no constant matrix",
      (b) => b.op("Gemm", [START, START], {}, END),
    ],
    [
      "a Gemm of columns",
      "its first operand is transposed",
      (b) => b.op("Gemm", [START, b.constant("w", [32, 2])], { transA: 1n }, END),
    ],
    [
      "a power with many exponents",
      "exponent is not one number",
      (b) => b.op("Pow", [START, b.constant("n", [32])], {}, END),
    ],
    ["a power of a constant", "is not a plain constant", (b) => b.op("Pow", [b.scalar(2), START], {}, END)],
    [
      "a norm whose weight depends on the start",
      "its input 1 depends on the attention output",
      (b) => b.op("SimplifiedLayerNormalization", [START, b.op("Exp", [START])], {}, END),
    ],
    [
      "shapes that do not fit",
      "do not broadcast",
      (b) => b.op("Add", [START, b.constant("c", [31])], {}, END),
    ],
    [
      "a constant with more axes",
      "gets more axes by broadcasting",
      (b) => b.op("Mul", [START, b.constant("c", [2, 1, 1, 32])], {}, END),
    ],
  ])("%s", (_, why, build) => {
    const message = refusal(build);
    expect(message).toContain("(node node:y) in layer 7 is used in an unsupported way: ");
    expect(message).toContain(why);
  });

  it("a GELU of unknown kind", () => {
    const message = refusal((b) => b.op("Gelu", [START], { approximate: "sigmoid" }, END));
    expect(message).toContain('Gelu with approximate="sigmoid" (node node:y) in layer 7');
  });
});

describe("a MatMulBnb4 layout that is not ONNX Runtime's own is refused", () => {
  it.each<[Record<string, bigint>, string]>([
    [{ quant_type: 2n }, "quant_type 2"],
    [{ transB: 0n }, "a weight that is not transposed (transB = 0)"],
    [{ block_size: 24n }, "a weight of 2 x 32 values, which blocks of 24 do not fill,"],
  ])("%o", (attributes, why) => {
    const message = refusal((b) => {
      const all = { K: 32n, N: 2n, block_size: 16n, quant_type: 1n, ...attributes };
      b.op("com.microsoft:MatMulBnb4", [START, b.bytes("w", [32]), b.constant("s", [4])], all, END);
    });
    expect(message).toBe(`com.microsoft:MatMulBnb4 with ${why} (node node:y) in layer 7 is not supported.`);
  });

  it("a weight that is computed", () => {
    const message = refusal((b) => {
      const weight = b.op("Identity", [b.bytes("w", [32])]);
      const attributes = { K: 32n, N: 2n, block_size: 16n, quant_type: 1n };
      b.op("com.microsoft:MatMulBnb4", [START, weight, b.constant("s", [4])], attributes, END);
    });
    expect(message).toContain(
      "com.microsoft:MatMulBnb4 with no constant for input 1 (node node:y) in layer 7",
    );
  });
});

describe("a MatMulNBits layout whose bytes are no plain rows is refused", () => {
  const layer = (attributes: Record<string, bigint>, inputs: (b: GraphBuilder) => string[] = () => []) =>
    refusal((b) => {
      const weight = [START, b.bytes("w", [1, 2, 8]), b.constant("s", [2])];
      const all = { K: 32n, N: 1n, bits: 4n, block_size: 16n, ...attributes };
      b.op("com.microsoft:MatMulNBits", [...weight, ...inputs(b)], all, END);
    });
  const start = "com.microsoft:MatMulNBits with ";
  const end = " (node node:y) in layer 7 is not supported.";

  it("blocks without a size", () => {
    expect(layer({ block_size: 0n })).toBe(`${start}block_size 0${end}`);
  });

  it("another number of bits", () => {
    expect(layer({ bits: 2n })).toBe(`${start}2 bits${end}`);
  });

  it("a group index", () => {
    const groups = (b: GraphBuilder) => [
      "",
      b.constant("g", [32], new Array<number>(32).fill(0), DataType.INT32),
    ];
    expect(layer({}, groups)).toBe(`${start}a group index (g_idx)${end}`);
  });

  it("zero points of another type", () => {
    expect(layer({}, (b) => [b.constant("z", [2], [8, 8], DataType.INT32)])).toBe(
      `${start}zero points of type INT32${end}`,
    );
  });

  it("a weight or zero points that are computed", () => {
    const computed = (b: GraphBuilder) => [b.op("Identity", [b.bytes("z", [1])])];
    expect(layer({}, computed)).toBe(`${start}no constant for input 3${end}`);
  });
});
