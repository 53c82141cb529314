import { describe, expect, it } from "vitest";
import { DataType, type TensorProto } from "../../src/core/onnx/index.js";
import { tensorInfo } from "../../src/core/instrument/tensorInfo.js";
import { bnb4Layer } from "../helpers/bnb4Layer.js";
import { GraphBuilder } from "../helpers/graphBuilder.js";
import { operators, runGraph } from "../helpers/interpreter/interpreter.js";
import { distance, runOrt } from "../helpers/ortValues.js";

/** Builds a graph around one operator and returns the tensors to compare. */
type Case = (b: GraphBuilder) => string | string[];

const unary =
  (operator: string): Case =>
  (b) =>
    b.op(operator, [b.constant("x", [2, 3, 5])]);
const positive =
  (operator: string): Case =>
  (b) =>
    b.op(operator, [b.constant("x", [4], [0.1, 1, 2.5, 9])]);
const binary = (operator: string): Case[] =>
  [
    [
      [2, 3, 4],
      [2, 3, 4],
    ],
    [[2, 3, 4], [4]],
    [
      [2, 3, 1],
      [3, 4],
    ],
    [[], [2, 2]],
  ].map(
    ([a = [], c = []]) =>
      (b) =>
        b.op(operator, [b.constant("a", a), b.constant("b", c)]),
  );
const norm =
  (operator: string, beta: boolean): Case =>
  (b) =>
    b.op(
      operator,
      [b.constant("x", [1, 3, 8]), b.constant("w", [8]), ...(beta ? [b.constant("b", [8])] : [])],
      { axis: -1n, epsilon: 1e-3 },
    );
const skipNorm = (operator: string, inputs: number): Case[] =>
  [inputs, inputs - 1].map((count) => (b) => {
    const widths = [b.constant("x", [1, 3, 8]), b.constant("skip", [1, 3, 8])];
    const vectors = Array.from({ length: count - 2 }, (_, i) => b.constant(`v${i}`, [8]));
    b.node(operator, [...widths, ...vectors], ["y", "", "", "sum"], { epsilon: 1e-3 });
    return ["y", "sum"];
  });
const reduction = (operator: string): Case[] => [
  (b) => b.op(operator, [b.constant("x", [2, 3, 4]), b.ints(-1)], { keepdims: 1n }),
  (b) => b.op(operator, [b.constant("x", [2, 3, 4]), b.ints(0, 2)], { keepdims: 0n }),
  (b) => b.op(operator, [b.constant("x", [2, 3, 4])]),
];

interface NBits {
  readonly bits: number;
  readonly blocks: number;
  readonly zero?: boolean;
  readonly bias?: boolean;
}

const matMulNBits =
  ({ bits, blocks, zero, bias }: NBits): Case =>
  (b) => {
    const [block, rows] = [16, 3];
    const size = (block * bits) / 8;
    const inputs = [
      b.constant("x", [1, 2, blocks * block]),
      b.bytes("w", [rows, blocks, size]),
      b.constant("s", [rows * blocks]),
    ];
    inputs.push(zero ? b.bytes("z", [rows * Math.ceil((blocks * bits) / 8)]) : "");
    if (bias) inputs.push("", b.constant("bias", [rows]));
    const attributes = {
      K: BigInt(blocks * block),
      N: BigInt(rows),
      bits: BigInt(bits),
      block_size: BigInt(block),
    };
    return b.op("com.microsoft:MatMulNBits", inputs, attributes);
  };

const bnb4 =
  (kind: "fp4" | "nf4", block: number): Case =>
  (b) =>
    bnb4Layer(b, b.constant("x", [1, 2, 32]), "y", { rows: 3, columns: 32, block, kind });

const cases: Readonly<Record<string, readonly Case[]>> = {
  Add: binary("Add"),
  Sub: binary("Sub"),
  Mul: binary("Mul"),
  Div: binary("Div"),
  Pow: [
    (b) => b.op("Pow", [b.constant("x", [2, 3]), b.scalar(2)]),
    (b) => b.op("Pow", [b.constant("x", [2], [0.5, 3]), b.scalar(-0.5)]),
  ],
  Neg: [unary("Neg")],
  Reciprocal: [positive("Reciprocal")],
  Sqrt: [positive("Sqrt")],
  Exp: [unary("Exp")],
  Erf: [unary("Erf"), positive("Erf"), (b) => b.op("Erf", [b.constant("x", [5], [-7, -3, -1e-4, 0, 4])])],
  Sign: [unary("Sign"), (b) => b.op("Sign", [b.constant("x", [2], [0, -0])])],
  Floor: [unary("Floor")],
  Sigmoid: [unary("Sigmoid")],
  Tanh: [unary("Tanh")],
  Relu: [unary("Relu")],
  Identity: [unary("Identity")],
  Cast: [
    (b) => b.op("Cast", [b.ints(3, -1)], { to: BigInt(DataType.FLOAT) }),
    (b) =>
      b.op("Cast", [b.constant("x", [3], [0.5, -2, 1 / 3], DataType.FLOAT16)], {
        to: BigInt(DataType.FLOAT),
      }),
  ],
  Gelu: ["none", "tanh"].map(
    (approximate) => (b) => b.op("Gelu", [b.constant("x", [2, 5])], { approximate }),
  ),
  "com.microsoft:Gelu": [unary("com.microsoft:Gelu")],
  "com.microsoft:BiasGelu": [
    (b) => b.op("com.microsoft:BiasGelu", [b.constant("x", [2, 5]), b.constant("b", [5])]),
  ],
  "com.microsoft:FastGelu": [
    unary("com.microsoft:FastGelu"),
    (b) => b.op("com.microsoft:FastGelu", [b.constant("x", [2, 5]), b.constant("b", [5])]),
  ],
  "com.microsoft:QuickGelu": [
    unary("com.microsoft:QuickGelu"),
    (b) => b.op("com.microsoft:QuickGelu", [b.constant("x", [2, 5])], { alpha: 1 }),
  ],
  ReduceSum: reduction("ReduceSum"),
  ReduceMean: reduction("ReduceMean"),
  Softmax: [(b) => b.op("Softmax", [b.constant("x", [2, 3, 5])], { axis: -1n })],
  LayerNormalization: [norm("LayerNormalization", false), norm("LayerNormalization", true)],
  SimplifiedLayerNormalization: [norm("SimplifiedLayerNormalization", false)],
  RMSNormalization: [norm("RMSNormalization", false)],
  "com.microsoft:SkipLayerNormalization": skipNorm("com.microsoft:SkipLayerNormalization", 5),
  "com.microsoft:SkipSimplifiedLayerNormalization": skipNorm(
    "com.microsoft:SkipSimplifiedLayerNormalization",
    4,
  ),
  MatMul: [
    (b) => b.op("MatMul", [b.constant("a", [1, 3, 4]), b.constant("b", [4, 5])]),
    (b) => b.op("MatMul", [b.constant("a", [2, 1, 3, 4]), b.constant("b", [1, 2, 4, 5])]),
    (b) => b.op("MatMul", [b.constant("a", [2, 1]), b.constant("b", [1, 5])]),
  ],
  "com.microsoft:FusedMatMul": [
    (b) => {
      const [x, y] = [b.constant("a", [2, 3, 4]), b.constant("b", [2, 5, 4])];
      return b.op("com.microsoft:FusedMatMul", [x, y], { transB: 1n });
    },
  ],
  Gemm: [
    (b) => b.op("Gemm", [b.constant("a", [3, 4]), b.constant("b", [4, 5])]),
    (b) =>
      b.op("Gemm", [b.constant("a", [3, 4]), b.constant("b", [5, 4]), b.constant("c", [5])], {
        transB: 1n,
        alpha: 2,
        beta: 0.5,
      }),
    (b) => b.op("Gemm", [b.constant("a", [4, 3]), b.constant("b", [4, 5])], { transA: 1n }),
  ],
  DequantizeLinear: [
    (b) =>
      b.op(
        "DequantizeLinear",
        [
          b.constant("q", [3, 32], codes(96, 16), DataType.UINT4),
          b.constant("s", [3, 2]),
          b.constant("z", [3, 2], codes(6, 16), DataType.UINT4),
        ],
        { axis: 1n, block_size: 16n },
      ),
    (b) =>
      b.op("DequantizeLinear", [b.bytes("q", [3, 32]), b.constant("s", [3, 2]), b.bytes("z", [3, 2])], {
        axis: 1n,
        block_size: 16n,
      }),
    (b) =>
      b.op("DequantizeLinear", [b.bytes("q", [3, 4]), b.constant("s", [3]), b.bytes("z", [3])], { axis: 0n }),
    (b) => b.op("DequantizeLinear", [b.bytes("q", [3, 4]), b.constant("s", [])]),
  ],
  DynamicQuantizeLinear: [
    [-1, 0.3, 2, 0.77, -0.4],
    [0.5, 1.1, 2],
    [-3, -1],
  ].map((values) => (b) => {
    b.node("DynamicQuantizeLinear", [b.constant("x", [values.length], values)], ["codes", "scale", "zero"]);
    const float = (name: string) => b.op("Cast", [name], { to: BigInt(DataType.FLOAT) });
    return [float("codes"), "scale", float("zero")];
  }),
  MatMulInteger: [[], [0], [1, 2, 3]].map((zeros) => (b) => {
    const inputs = [b.bytes("x", [2, 4]), b.constant("w", [4, 3], codes(12, 100), DataType.INT8)];
    const dims = zeros.length > 1 ? [zeros.length] : [];
    if (zeros.length > 0) {
      inputs.push(b.bytes("zero", [], [77]), b.constant("zeros", dims, zeros, DataType.INT8));
    }
    return b.op("Cast", [b.op("MatMulInteger", inputs)], { to: BigInt(DataType.FLOAT) });
  }),
  "com.microsoft:QLinearAdd": [
    (b) => quantisedSum(b, b.bytes("a", [16, 16], codes(256, 256)), b.bytes("b", [], [0]), [1, 8, 1, 15.95]),
    (b) => quantisedSum(b, b.bytes("a", [3, 4]), b.bytes("b", [3, 4]), [1, 0, -16, 1]),
    (b) => quantisedSum(b, b.bytes("a", [3, 4]), b.bytes("b", [4]), [0.5, 100, 0.25, 1.5]),
  ],
  "com.microsoft:MatMulBnb4": [bnb4("fp4", 16), bnb4("nf4", 32)],
  "com.microsoft:MatMulNBits": [
    matMulNBits({ bits: 4, blocks: 2 }),
    matMulNBits({ bits: 4, blocks: 3, zero: true }),
    matMulNBits({ bits: 4, blocks: 2, zero: true, bias: true }),
    matMulNBits({ bits: 8, blocks: 2 }),
    matMulNBits({ bits: 8, blocks: 3, zero: true }),
  ],
  Reshape: [
    (b) => b.op("Reshape", [b.constant("x", [2, 3, 4]), b.ints(0, -1)]),
    (b) => b.op("Reshape", [b.constant("x", [2, 3, 4]), b.ints(4, 0, 2)]),
  ],
  Transpose: [
    (b) => b.op("Transpose", [b.constant("x", [2, 3, 4])], { perm: [2n, 0n, 1n] }),
    (b) => b.op("Transpose", [b.constant("x", [2, 3])]),
  ],
  Concat: [(b) => b.op("Concat", [b.constant("a", [2, 1, 3]), b.constant("b", [2, 2, 3])], { axis: -2n })],
  Split: [
    (b) => {
      b.node("Split", [b.constant("x", [2, 5]), b.ints(2, 3)], ["p", "q"], { axis: -1n });
      return ["p", "q"];
    },
    (b) => {
      b.node("Split", [b.constant("x", [4, 3])], ["p", "q"], { axis: 0n, num_outputs: 2n });
      return ["p", "q"];
    },
  ],
  Slice: [
    (b) => b.op("Slice", [b.constant("x", [4, 5]), b.ints(-2), b.ints(2 ** 40), b.ints(1)]),
    (b) => b.op("Slice", [b.constant("x", [4, 5]), b.ints(1, 0), b.ints(-1, 5), b.ints(0, 1), b.ints(1, 2)]),
  ],
  Gather: [
    (b) => b.op("Gather", [b.constant("x", [4, 5]), b.ints(3, 0, 3)], { axis: 0n }),
    (b) => b.op("Gather", [b.constant("x", [2, 5]), b.ints(-1, 2)], { axis: 1n }),
  ],
  Unsqueeze: [(b) => b.op("Unsqueeze", [b.constant("x", [2, 3]), b.ints(0, -1)])],
  Squeeze: [
    (b) => b.op("Squeeze", [b.constant("x", [1, 3, 1]), b.ints(-1)]),
    (b) => b.op("Squeeze", [b.constant("x", [1, 3, 1])]),
  ],
  Tile: [(b) => b.op("Tile", [b.constant("x", [2, 3]), b.ints(2, 3)])],
  Expand: [(b) => b.op("Expand", [b.constant("x", [3, 1]), b.ints(2, 1, 4)])],
  Shape: [{}, { start: 1n, end: 2n }].map((part) => (b) => {
    return b.op("Cast", [b.op("Shape", [b.constant("x", [3, 1])], part)], { to: BigInt(DataType.FLOAT) });
  }),
};

/** Sum of bytes, with scale and zero point of the first, scale of the second, and scale of the sum; as floats. */
function quantisedSum(
  b: GraphBuilder,
  x: string,
  y: string,
  [scaleX = 1, zero = 0, scaleY = 1, scale = 1]: number[],
): string {
  const none = b.bytes("none", [], [0]);
  const sum = [
    x,
    b.scalar(scaleX),
    b.bytes("zero", [], [zero]),
    y,
    b.constant("scale_y", [], [scaleY]),
    none,
  ];
  const bytes = b.op("com.microsoft:QLinearAdd", [...sum, b.constant("scale_sum", [], [scale]), none]);
  return b.op("Cast", [bytes], { to: BigInt(DataType.FLOAT) });
}

function codes(count: number, top: number): number[] {
  return Array.from({ length: count }, (_, i) => (i * 7 + 3) % top);
}

describe("the float64 interpreter agrees with ONNX Runtime", () => {
  it("in every operator it has", () => {
    expect(Object.keys(cases).toSorted()).toEqual(Object.keys(operators).toSorted());
  });

  for (const [operator, list] of Object.entries(cases)) {
    it.each(list.map((build, i) => [i, build] as const))(`${operator}, case %i`, async (_, build) => {
      const b = new GraphBuilder(operator.length);
      const names = [build(b)].flat();
      const value = runGraph(b.graph, {});
      for (const name of names) {
        b.graph.output.push(tensorInfo(name, DataType.FLOAT, value(name).dims));
      }
      const real = await runOrt(b.model(operator === "RMSNormalization" ? 23 : 21));
      for (const name of names) {
        const mine = value(name);
        const scale = Math.max(1, ...mine.data.map(Math.abs));
        expect(distance(mine, real[name] ?? mine) / scale).toBeLessThan(1e-5);
        expect(real[name]?.data.length).toBe(mine.data.length);
      }
    });
  }
});

it("reads small constants of every kind it meets", () => {
  const b = new GraphBuilder();
  b.op("Constant", [], { value: b.graph.initializer[0] ?? constantTensor() }, "c");
  expect([...runGraph(b.graph, {})("c").data]).toEqual([1, 2]);
});

function constantTensor(): TensorProto {
  const b = new GraphBuilder();
  b.constant("t", [2], [1, 2]);
  const [first] = b.graph.initializer;
  if (!first) throw new RangeError("no tensor");
  return first;
}
