import { DataType } from "../../src/core/onnx/index.js";
import type { GraphBuilder } from "../helpers/graphBuilder.js";
import { bnb4Layer } from "../helpers/bnb4Layer.js";
import { nBitsLayer } from "../helpers/nBitsLayer.js";
import { END, START } from "../helpers/ruleCheck.js";

/** A graph from START to END around one operator, and where its input is drawn from. */
export interface RuleCase {
  readonly title: string;
  readonly build: (b: GraphBuilder) => void;
  /** Values per row of the start; 6 when absent. */
  readonly width?: number;
  readonly low?: number;
  readonly high?: number;
}

/** The operator applied to the start alone. */
function unary(operator: string, range: Partial<RuleCase> = {}): RuleCase {
  return { title: "of the start", build: (b) => b.op(operator, [START], {}, END), ...range };
}

/** Every way two operands can depend on the start; `second` is what the right operand is drawn from. */
function binary(operator: string): RuleCase[] {
  // Far from 0, where a quotient has no derivative.
  const shifted = (b: GraphBuilder, t: string) =>
    b.op("Add", [b.op("Mul", [t, b.scalar(0.25)]), b.scalar(2)]);
  const sum = (b: GraphBuilder, t: string) => b.op("ReduceSum", [t, b.ints(-1)], { keepdims: 1n });
  const vector = (b: GraphBuilder) => b.constant("c", [6], [1, -2, 0.5, 3, 1.5, -1]);
  const forms: Record<string, (b: GraphBuilder) => readonly [string, string]> = {
    "with a vector": (b) => [START, vector(b)],
    "with a scalar": (b) => [START, b.scalar(1.75)],
    "of a vector": (b) => [vector(b), shifted(b, START)],
    "of a scalar": (b) => [b.scalar(-0.75), shifted(b, START)],
    "of two that both depend on the start": (b) => [b.op("Exp", [START]), shifted(b, START)],
    "of the start twice": (b) => [shifted(b, START), shifted(b, START)],
    "with a last axis of 1 on the right": (b) => [START, shifted(b, sum(b, START))],
    "with a last axis of 1 on the left": (b) => [sum(b, START), shifted(b, START)],
  };
  return Object.entries(forms).map(([title, operands]) => ({
    title,
    build: (b) => b.op(operator, operands(b), {}, END),
  }));
}

function norm(operator: string, beta: boolean): RuleCase[] {
  const inputs = (b: GraphBuilder) => [b.constant("w", [6]), ...(beta ? [b.constant("b", [6])] : [])];
  return [
    {
      title: "axis -1",
      build: (b) => b.op(operator, [START, ...inputs(b)], { axis: -1n, epsilon: 1e-3 }, END),
    },
    {
      title: "axis 2, default epsilon",
      build: (b) => b.op(operator, [START, ...inputs(b)], { axis: 2n }, END),
    },
    {
      title: "small input, large epsilon",
      low: -0.01,
      high: 0.01,
      build: (b) => b.op(operator, [START, ...inputs(b)], { axis: -1n, epsilon: 0.1 }, END),
    },
  ];
}

function reduction(operator: string): RuleCase[] {
  return [
    {
      title: "last axis from the end",
      build: (b) => b.op(operator, [START, b.ints(-1)], { keepdims: 1n }, END),
    },
    { title: "last axis from the front", build: (b) => b.op(operator, [START, b.ints(2)], {}, END) },
    {
      title: "axes as an attribute (opset 13)",
      build: (b) => b.op(operator, [START], { axes: [-1n], keepdims: 1n }, END),
    },
    { title: "of one value", width: 1, build: (b) => b.op(operator, [START, b.ints(-1)], {}, END) },
    {
      title: "spread again",
      build: (b) => b.op("Mul", [START, b.op(operator, [START, b.ints(-1)])], {}, END),
    },
  ];
}

/** Parts of unequal weight, so that mixing them up shows. */
function joinParts(b: GraphBuilder, parts: readonly string[]): void {
  const weighted = parts.map((part, i) => b.op("Mul", [part, b.scalar(i + 0.5)]));
  const last = weighted.pop() ?? "";
  b.op("Exp", [weighted.reduce((sum, part) => b.op("Add", [sum, part]), last)], {}, END);
}

const biasedGelu = (operator: string): RuleCase => ({
  title: "with a bias",
  build: (b) => b.op(operator, [START, b.constant("bias", [6])], {}, END),
});

const ZERO_POINTS: Readonly<Record<string, string>> = { false: "no", true: "packed", floats: "float" };

/** A Gemm between the reshapes that exporters write around it. */
function aroundGemm(
  b: GraphBuilder,
  weight: readonly [number, number],
  attributes: Record<string, bigint | number>,
  output = END,
): void {
  const width = attributes["transB"] === 1n ? weight[0] : weight[1];
  const flat = b.op("Reshape", [START, b.ints(-1, 6)]);
  const inputs = [flat, b.constant("w", weight), b.constant("bias", [width])];
  b.op("Reshape", [b.op("Gemm", inputs, attributes), b.ints(1, -1, width)], {}, output);
}

/** For every operator with a rule, the graphs its rule is checked on. */
export const ruleCases: Readonly<Record<string, readonly RuleCase[]>> = {
  Add: binary("Add"),
  Sub: binary("Sub"),
  Mul: binary("Mul"),
  Div: binary("Div"),
  Pow: [2, 3, 0.5, -0.5, 1].map((n) => ({
    title: `to the ${n}`,
    low: 0.5,
    high: 2,
    build: (b) => b.op("Pow", [START, n === 3 ? b.ints(3) : b.scalar(n)], {}, END),
  })),
  Neg: [unary("Neg")],
  Reciprocal: [unary("Reciprocal", { low: 0.5, high: 2 }), unary("Reciprocal", { low: -2, high: -0.5 })],
  Sqrt: [unary("Sqrt", { low: 0.5, high: 2 })],
  Exp: [unary("Exp")],
  Identity: [unary("Identity")],
  Cast: [DataType.FLOAT, DataType.FLOAT16, DataType.BFLOAT16, DataType.DOUBLE].map((to) => ({
    title: `to ${DataType[to]}`,
    build: (b) => b.op("Exp", [b.op("Cast", [START], { to: BigInt(to) })], {}, END),
  })),
  Sigmoid: [unary("Sigmoid"), unary("Sigmoid", { low: -8, high: 8 })],
  Tanh: [unary("Tanh"), unary("Tanh", { low: -4, high: 4 })],
  Relu: [unary("Relu")],
  Erf: [unary("Erf")],
  Gelu: ["none", "tanh"].flatMap((approximate) =>
    [2, 5].map((range) => ({
      title: `${approximate}, up to ${range}`,
      low: -range,
      high: range,
      build: (b: GraphBuilder) => b.op("Gelu", [START], { approximate }, END),
    })),
  ),
  "com.microsoft:Gelu": [unary("com.microsoft:Gelu")],
  "com.microsoft:BiasGelu": [biasedGelu("com.microsoft:BiasGelu")],
  "com.microsoft:FastGelu": [unary("com.microsoft:FastGelu"), biasedGelu("com.microsoft:FastGelu")],
  "com.microsoft:QuickGelu": [
    unary("com.microsoft:QuickGelu"),
    { title: "SiLU", build: (b) => b.op("com.microsoft:QuickGelu", [START], { alpha: 1 }, END) },
  ],
  SimplifiedLayerNormalization: norm("SimplifiedLayerNormalization", false),
  LayerNormalization: [...norm("LayerNormalization", false), ...norm("LayerNormalization", true)],
  ReduceMean: reduction("ReduceMean"),
  ReduceSum: reduction("ReduceSum"),
  MatMul: [
    { title: "wider", build: (b) => b.op("MatMul", [START, b.constant("w", [6, 9])], {}, END) },
    { title: "to one value", build: (b) => b.op("MatMul", [START, b.constant("w", [6, 1])], {}, END) },
    {
      title: "from one value",
      width: 1,
      build: (b) => b.op("MatMul", [START, b.constant("w", [1, 4])], {}, END),
    },
    {
      title: "fp16 weight, cast in the graph",
      build: (b) => b.op("MatMul", [START, b.constant("w", [6, 3], undefined, DataType.FLOAT16)], {}, END),
    },
    {
      title: "transposed constant",
      build: (b) =>
        b.op("MatMul", [START, b.op("Transpose", [b.constant("w", [4, 6])], { perm: [1n, 0n] })], {}, END),
    },
    {
      title: "weight in QDQ form",
      build: (b) =>
        b.op("MatMul", [START, b.op("DequantizeLinear", [b.bytes("q", [6, 4]), b.scalar(0.02)])], {}, END),
    },
  ],
  Gemm: [
    { title: "with a bias, as torch.addmm", build: (b) => aroundGemm(b, [6, 5], { transB: 0n }) },
    {
      title: "transposed, as nn.Linear",
      build: (b) => aroundGemm(b, [5, 6], { transB: 1n, alpha: 0.5, beta: 2 }),
    },
    {
      title: "its value is needed again",
      build: (b) => {
        aroundGemm(b, [6, 6], {}, "sum");
        b.op("Mul", [START, b.op("Sigmoid", ["sum"])], {}, END);
      },
    },
  ],
  Reshape: [
    {
      title: "to rows and back, sizes put together at run time",
      build: (b) => {
        const sizes = b.op("Concat", [b.op("Shape", [START], { end: 2n }), b.ints(6)], { axis: 0n });
        const flat = b.op("Reshape", [START, b.ints(-1, 6)]);
        b.op("Reshape", [b.op("Exp", [flat]), sizes], {}, END);
      },
    },
  ],
  "com.microsoft:MatMulNBits": [4, 8].flatMap((bits) => [
    ...([false, true, "floats"] as const).map((zeroPoints) => ({
      title: `${bits} bits, a last block that is not full, ${ZERO_POINTS[String(zeroPoints)]} zero points`,
      width: 42,
      build: (b: GraphBuilder) =>
        nBitsLayer(b, START, END, { bits, blocks: 3, unfilled: 6, zeroPoints, rows: 5 }),
    })),
    ...[1, 2, 3].flatMap((blocks) =>
      ([false, true, "floats"] as const).flatMap((zeroPoints) =>
        [DataType.FLOAT, DataType.FLOAT16].map((scaleType, i) => ({
          title: `${bits} bits, ${blocks} blocks, ${ZERO_POINTS[String(zeroPoints)]} zero points, ${DataType[scaleType]} scales`,
          width: 16 * blocks,
          // 1-D and 2-D scales alternate.
          build: (b: GraphBuilder) =>
            nBitsLayer(b, START, END, { bits, blocks, zeroPoints, scaleType, flat: i === 0, rows: 5 }),
        })),
      ),
    ),
  ]),
  "com.microsoft:MatMulBnb4": (["fp4", "nf4"] as const).flatMap((kind) =>
    [
      { block: 16, columns: 32, scaleType: DataType.FLOAT },
      { block: 16, columns: 24, scaleType: DataType.FLOAT16 },
      { block: 32, columns: 8, scaleType: DataType.FLOAT },
    ].map((options) => ({
      title: `${kind}, ${options.columns} columns in blocks of ${options.block}`,
      width: options.columns,
      build: (b: GraphBuilder) => bnb4Layer(b, START, END, { ...options, kind, rows: 4 }),
    })),
  ),
  Split: [
    {
      title: "sizes as input",
      build: (b) => {
        b.node("Split", [START, b.ints(2, 2, 2)], ["p", "q", "r"], { axis: -1n });
        joinParts(b, ["p", "q", "r"]);
      },
    },
    {
      title: "sizes as an attribute (opset 11)",
      build: (b) => {
        b.node("Split", [START], ["p", "q"], { axis: 2n, split: [1n, 5n] });
        joinParts(b, ["p", "q"]);
      },
    },
    {
      title: "equal parts, not counted (opset 13)",
      build: (b) => {
        b.node("Split", [START], ["p", "q"], { axis: -1n });
        joinParts(b, ["p", "q"]);
      },
    },
    {
      title: "an unused part",
      build: (b) => {
        b.node("Split", [START, b.ints(2, 3, 1)], ["p", "q", "r"], { axis: -1n });
        joinParts(b, ["q"]);
      },
    },
    {
      title: "fused gate and up projection",
      build: (b) => {
        b.node("Split", [b.op("MatMul", [START, b.constant("gate_up", [6, 8])])], ["gate", "up"], {
          axis: -1n,
          num_outputs: 2n,
        });
        const silu = b.op("Mul", ["gate", b.op("Sigmoid", ["gate"])]);
        b.op("MatMul", [b.op("Mul", [silu, "up"]), b.constant("down", [4, 6])], {}, END);
      },
    },
  ],
};
