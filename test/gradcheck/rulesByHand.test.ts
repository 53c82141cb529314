import { describe, expect, it } from "vitest";
import { DataType } from "../../src/core/onnx/index.js";
import { GraphBuilder } from "../helpers/graphBuilder.js";
import { tensor } from "../helpers/interpreter/tensor.js";
import { nBitsLayer } from "../helpers/nBitsLayer.js";
import { backward, END, ruleGradient, START } from "../helpers/ruleCheck.js";

type Build = (b: GraphBuilder) => void;

/** Gradient of sum(seed * y) at one row `x`. */
function gradientAt(x: readonly number[], seed: readonly number[], build: Build): number[] {
  const b = new GraphBuilder();
  build(b);
  return [...ruleGradient(b, tensor([1, 1, x.length], x), tensor([1, 1, seed.length], seed)).data];
}

function expectClose(actual: readonly number[], expected: readonly number[]): void {
  expect(actual).toHaveLength(expected.length);
  actual.forEach((value, i) => expect(value).toBeCloseTo(expected[i] ?? NaN, 12));
}

const unary =
  (operator: string, attributes = {}): Build =>
  (b) =>
    b.op(operator, [START], attributes, END);

describe("rules by hand", () => {
  it.each<[string, number, number, Build]>([
    ["3 x", 2, 3, (b) => b.op("Mul", [START, b.scalar(3)], {}, END)],
    ["x x", 5, 10, (b) => b.op("Mul", [START, START], {}, END)],
    ["x + x", 5, 2, (b) => b.op("Add", [START, START], {}, END)],
    ["x - x", 5, 0, (b) => b.op("Sub", [START, START], {}, END)],
    ["1 - x", 5, -1, (b) => b.op("Sub", [b.scalar(1), START], {}, END)],
    ["x / 4", 3, 0.25, (b) => b.op("Div", [START, b.scalar(4)], {}, END)],
    ["6 / x", 2, -1.5, (b) => b.op("Div", [b.scalar(6), START], {}, END)],
    ["x^3", 2, 12, (b) => b.op("Pow", [START, b.scalar(3)], {}, END)],
    ["x^2 at 0", 0, 0, (b) => b.op("Pow", [START, b.scalar(2)], {}, END)],
    ["-x", 2, -1, unary("Neg")],
    ["1 / x", 2, -0.25, unary("Reciprocal")],
    ["sqrt x", 4, 0.25, unary("Sqrt")],
    ["e^x", 0, 1, unary("Exp")],
    ["sigmoid", 0, 0.25, unary("Sigmoid")],
    ["tanh", 0, 1, unary("Tanh")],
    ["erf", 0, 1.1283791670955126, unary("Erf")],
    ["relu above 0", 2, 1, unary("Relu")],
    ["relu at 0, as PyTorch", 0, 0, unary("Relu")],
    ["relu below 0", -2, 0, unary("Relu")],
    ["GELU at 0", 0, 0.5, unary("Gelu")],
    ["GELU at 1: Phi(1) + phi(1)", 1, 1.0833154705876864, unary("Gelu")],
    ["tanh-GELU at 0", 0, 0.5, unary("Gelu", { approximate: "tanh" })],
    ["SiLU at 0", 0, 0.5, unary("com.microsoft:QuickGelu", { alpha: 1 })],
  ])("%s", (_, x, expected, build) => {
    expectClose(gradientAt([x], [1], build), [expected]);
  });

  it("RMS norm of (3, 4): the gradient is across x", () => {
    const gradient = gradientAt([3, 4], [1, 0], (b) =>
      b.op("SimplifiedLayerNormalization", [START, b.constant("w", [2], [1, 1])], { epsilon: 0 }, END),
    );
    const r = 1 / Math.sqrt(12.5);
    expectClose(gradient, [0.64 * r, -0.48 * r]);
  });

  it("layer norm of (0, 0, 3): the gradient sums to 0", () => {
    const gradient = gradientAt([0, 0, 3], [1, 0, 0], (b) =>
      b.op("LayerNormalization", [START, b.constant("w", [3], [1, 1, 1])], { epsilon: 0 }, END),
    );
    expectClose(gradient, [Math.SQRT1_2 / 2, -Math.SQRT1_2 / 2, 0]);
  });

  it("a product passes the gradient through the transposed weight", () => {
    const gradient = gradientAt([0, 0], [1, 10], (b) =>
      b.op("MatMul", [START, b.constant("w", [2, 2], [1, 2, 3, 4])], {}, END),
    );
    expectClose(gradient, [21, 43]);
  });

  it("4-bit codes: the low half byte comes first, 8 is zero", () => {
    const gradient = gradientAt(new Array<number>(16).fill(0), [2], (b) => {
      const weight = b.bytes("w", [1, 1, 8], new Array<number>(8).fill(0x98));
      const attributes = { K: 16n, N: 1n, bits: 4n, block_size: 16n };
      b.op("com.microsoft:MatMulNBits", [START, weight, b.constant("s", [1], [0.5])], attributes, END);
    });
    expectClose(
      gradient,
      Array.from({ length: 16 }, (_, i) => i % 2),
    );
  });

  it("mean, sum and split", () => {
    const reduce = (operator: string) =>
      gradientAt([1, 2, 3, 4], [8], (b) => b.op(operator, [START, b.ints(-1)], {}, END));
    expectClose(reduce("ReduceMean"), [2, 2, 2, 2]);
    expectClose(reduce("ReduceSum"), [8, 8, 8, 8]);
    const split = gradientAt([1, 2, 3], [7, 9], (b) =>
      b.node("Split", [START, b.ints(1, 2)], ["rest", END], { axis: -1n }),
    );
    expectClose(split, [0, 7, 9]);
  });
});

describe("constants of the emitted graph", () => {
  it("keep their half-precision bytes and are cast to float32 in the graph", () => {
    const b = new GraphBuilder();
    b.op("MatMul", [START, b.constant("w", [2, 2], [1, 2, 3, 0.5], DataType.FLOAT16)], {}, END);
    const { emit } = backward(b, 2);
    expect(emit.initializers.get("w")?.dataType).toBe(DataType.FLOAT16);
    const cast = emit.nodes.find((node) => node.opType === "Cast" && node.input[0] === "w");
    expect(cast?.attribute.map((a) => [a.name, Number(a.i)])).toEqual([["to", DataType.FLOAT]]);
    expect(emit.nodes.find((node) => node.opType === "Gemm")?.input[1]).toBe(cast?.output[0]);
  });

  it("are computed in the graph when the decoder computes them, once for all uses", () => {
    const b = new GraphBuilder();
    const scale = b.op("Exp", [b.constant("log_scale", [2])]);
    b.op("Mul", [b.op("Mul", [START, scale]), scale], {}, END);
    const { emit } = backward(b, 2);
    expect(emit.nodes.filter((node) => node.opType === "Exp")).toHaveLength(1);
  });

  it.each([
    ["cpu", "blocks", [6n, 8n], DataType.UINT8],
    ["webgpu", "matrix", [3n, 32n], DataType.UINT4],
  ] as const)(
    "of a 4-bit layer are the original bytes under another shape: %s",
    (device, shape, dims, type) => {
      const b = new GraphBuilder();
      b.op(
        "Exp",
        [nBitsLayer(b, START, "linear", { bits: 4, rows: 3, blocks: 2, zeroPoints: true })],
        {},
        END,
      );
      const { emit } = backward(b, 32, device);
      const original = b.graph.initializer.find((t) => t.name === "linear/w");
      const weight = emit.initializers.get(`linear/w/as_${shape}`);
      expect(weight?.dims).toEqual(dims);
      expect(weight?.dataType).toBe(type);
      expect(weight?.rawData).toEqual(original?.rawData);
    },
  );

  it("of a 4-bit layer do not round the activations when it is computed again", () => {
    const b = new GraphBuilder();
    b.op("Exp", [nBitsLayer(b, START, "linear", { bits: 4, rows: 3, blocks: 2 })], {}, END);
    const forward = backward(b, 32).emit.nodes.find((node) => node.opType === "MatMulNBits");
    expect(forward?.attribute.map((a) => a.name).toSorted()).toEqual(["K", "N", "bits", "block_size"]);
  });
});
