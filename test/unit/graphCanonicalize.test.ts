import { describe, expect, it } from "vitest";
import { canonicalize } from "../../src/core/graph/canonicalize.js";
import {
  AttributeType,
  create,
  DataType,
  NodeProtoSchema,
  tensorNumbers,
  type GraphProto,
} from "../../src/core/onnx/index.js";
import { dynamicLayer } from "../helpers/dynamicLayer.js";
import { GraphBuilder } from "../helpers/graphBuilder.js";
import { runGraph } from "../helpers/interpreter/interpreter.js";
import { memoryFolder } from "../helpers/memoryFolder.js";
import { distance, runOrt } from "../helpers/ortValues.js";
import { randomTensor } from "../helpers/ruleCheck.js";

/** Every node as `operator(inputs) -> outputs`. */
function written(graph: GraphProto): string[] {
  return graph.node.map((n) => `${n.opType}(${n.input.join(", ")}) -> ${n.output.join(", ")}`);
}

/** The canonical graph of what `build` writes; both forms must give the same values of `same`. */
function canonical(build: (b: GraphBuilder) => void, same: readonly string[]): GraphProto {
  const b = new GraphBuilder();
  build(b);
  const graph = canonicalize(b.model());
  const [before, after] = [runGraph(b.graph, {}), runGraph(graph, {})];
  for (const name of same) expect(distance(before(name), after(name))).toBeLessThan(1e-12);
  return graph;
}

const xAndSkip = (b: GraphBuilder) => [
  b.constant("x", [1, 2, 4]),
  b.constant("skip", [1, 2, 4]),
  b.constant("gamma", [4]),
];

describe("canonicalize", () => {
  it("splits a skip norm into a sum and a norm, and keeps the sum's name", () => {
    const graph = canonical(
      (b) => {
        b.node("com.microsoft:SkipSimplifiedLayerNormalization", xAndSkip(b), ["y", "", "", "sum"], {
          epsilon: 0.01,
        });
      },
      ["y", "sum"],
    );
    expect(written(graph)).toEqual(["Add(x, skip) -> sum", "SimplifiedLayerNormalization(sum, gamma) -> y"]);
    expect(graph.node[1]?.domain).toBe("");
  });

  it("names a sum that is not written out", () => {
    const graph = canonical(
      (b) => {
        b.node("com.microsoft:SkipSimplifiedLayerNormalization", xAndSkip(b), ["y"]);
      },
      ["y"],
    );
    expect(written(graph)[0]).toBe("Add(x, skip) -> y/residual_sum");
  });

  it("adds the bias of a skip norm to the skip", () => {
    const graph = canonical(
      (b) => {
        const inputs = [...xAndSkip(b), b.constant("bias", [4])];
        b.node("com.microsoft:SkipSimplifiedLayerNormalization", inputs, ["y", "", "", "sum"]);
      },
      ["y", "sum"],
    );
    expect(written(graph).slice(0, 2)).toEqual([
      "Add(skip, bias) -> sum/with_bias",
      "Add(x, sum/with_bias) -> sum",
    ]);
  });

  it("splits a skip layer norm with beta and bias, and with a bias alone", () => {
    const full = canonical(
      (b) => {
        const inputs = [...xAndSkip(b), b.constant("beta", [4]), b.constant("bias", [4])];
        b.node("com.microsoft:SkipLayerNormalization", inputs, ["y", "", "", "sum"]);
      },
      ["y", "sum"],
    );
    expect(written(full)[2]).toBe("LayerNormalization(sum, gamma, beta) -> y");
    const noBeta = canonical(
      (b) => {
        b.node("com.microsoft:SkipLayerNormalization", [...xAndSkip(b), "", b.constant("bias", [4])], ["y"]);
      },
      ["y"],
    );
    expect(written(noBeta)[2]).toBe("LayerNormalization(y/residual_sum, gamma) -> y");
  });

  it("keeps what a skip norm adds to the variance where it does not say", async () => {
    for (const name of ["SkipLayerNormalization", "SkipSimplifiedLayerNormalization"]) {
      const b = new GraphBuilder();
      for (const input of ["x", "skip"]) b.input(input, [1, 2, 4]);
      b.node(`com.microsoft:${name}`, ["x", "skip", b.constant("gamma", [4])], ["y"]);
      b.output("y", [1, 2, 4]);
      const inputs = {
        x: randomTensor([1, 2, 4], 1, -1e-3, 1e-3),
        skip: randomTensor([1, 2, 4], 2, -1e-3, 1e-3),
      };
      const real = (await runOrt(b.model(), inputs))["y"];
      const canonicalForm = runGraph(canonicalize(b.model()), inputs)("y");
      expect(distance(canonicalForm, real ?? randomTensor([1], 0))).toBeLessThan(1e-4);
    }
  });

  it("gives the RMS norm of opset 23 the name that every opset of ONNX Runtime knows", () => {
    const graph = canonical(
      (b) => {
        b.op(
          "RMSNormalization",
          [b.constant("x", [1, 2, 4]), b.constant("w", [4])],
          { axis: -1n, epsilon: 0.1 },
          "y",
        );
      },
      ["y"],
    );
    expect(written(graph)).toEqual(["SimplifiedLayerNormalization(x, w) -> y"]);
  });

  it("turns attributes of old opsets into inputs", () => {
    const graph = canonical(
      (b) => {
        b.constant("x", [1, 2, 6]);
        b.op("ReduceMean", ["x"], { axes: [-1n], keepdims: 0n }, "mean");
        b.op("Unsqueeze", ["mean"], { axes: [2n] }, "column");
        b.op("Squeeze", ["column"], { axes: [0n] }, "row");
        b.node("Split", ["x"], ["p", "q"], { axis: -1n, split: [2n, 4n] });
      },
      ["mean", "column", "row", "p", "q"],
    );
    expect(written(graph)).toEqual([
      "ReduceMean(x, mean/axes) -> mean",
      "Unsqueeze(mean, column/axes) -> column",
      "Squeeze(column, row/axes) -> row",
      "Split(x, p/split) -> p, q",
    ]);
    expect(graph.node.flatMap((n) => n.attribute.map((a) => a.name))).toEqual(["keepdims", "axis"]);
  });

  it.each(["int8", "uint8", "columns"] as const)(
    "makes a dynamically quantised layer a product with the dequantised weight: %s",
    (kind) => {
      const b = new GraphBuilder();
      const x = b.constant("x", [1, 3, 16]);
      dynamicLayer(b, x, "y", [16, 4], kind);
      dynamicLayer(b, x, "other", [16, 2], kind);
      const graph = canonicalize(b.model());
      expect(written(graph)).toEqual([
        "DynamicQuantizeLinear(x) -> x_quantized, x_scale, x_zero_point",
        ...["y", "other"].flatMap((name) => [
          `DequantizeLinear(${name}/w_quantized, ${name}/w_scale, ${name}/w_zero_point) -> ${name}/dequantised_weight`,
          `MatMul(x, ${name}/dequantised_weight) -> ${name}`,
        ]),
      ]);
      // The rounded activation is at most half a step off in each of 16 products with weights of up to 0.9.
      const [rounded, exact] = [runGraph(b.graph, {}), runGraph(graph, {})];
      const step = rounded("x_scale").data[0] ?? NaN;
      expect(distance(rounded("y"), exact("y"))).toBeGreaterThan(0);
      expect(distance(rounded("y"), exact("y"))).toBeLessThan(16 * 0.9 * 0.5 * step);
    },
  );

  it.each<[string, (b: GraphBuilder) => void]>([
    [
      "whose zero point is not that of its activation",
      (b) => {
        for (const node of b.graph.node)
          if (node.opType === "MatMulInteger") node.input[2] = "y/w_zero_point";
      },
    ],
    [
      "whose integers something else reads",
      (b) => {
        b.op("Cast", ["y_output_quantized"], { to: BigInt(DataType.FLOAT) });
      },
    ],
    [
      "whose scales are added",
      (b) => {
        for (const node of b.graph.node) if (node.output[0] === "y_quant_scales_mul") node.opType = "Add";
      },
    ],
  ])("leaves an integer product alone %s", (_, change) => {
    const b = new GraphBuilder();
    dynamicLayer(b, b.constant("x", [1, 3, 16]), "y", [16, 4], "uint8");
    change(b);
    expect(canonicalize(b.model()).node).toEqual(b.graph.node);
  });

  it("counts the parts of an equal split", () => {
    const graph = canonical(
      (b) => {
        b.node("Split", [b.constant("x", [2, 6])], ["p", "q", "r"], { axis: 1n });
      },
      ["p", "r"],
    );
    expect(graph.node[0]?.attribute.map((a) => [a.name, Number(a.i)])).toEqual([
      ["axis", 1],
      ["num_outputs", 3],
    ]);
  });

  it("leaves new forms as they are", () => {
    const b = new GraphBuilder();
    b.op("ReduceSum", [b.constant("x", [2, 6]), b.ints(1)], {}, "sum");
    b.node("Split", ["x"], ["p", "q"], { axis: 1n, num_outputs: 2n });
    expect(canonicalize(b.model()).node).toEqual(b.graph.node);
  });

  it("makes every constant of numbers an initializer", () => {
    const b = new GraphBuilder();
    const attribute = (name: string, value: object) =>
      b.graph.node.push(create(NodeProtoSchema, { opType: "Constant", output: [name], attribute: [value] }));
    const [type] = [AttributeType.INTS];
    attribute("ints", { name: "value_ints", type, ints: [2n, 3n] });
    attribute("int", { name: "value_int", type: AttributeType.INT, i: -1n });
    attribute("float", { name: "value_float", type: AttributeType.FLOAT, f: 0.5 });
    attribute("floats", { name: "value_floats", type: AttributeType.FLOATS, floats: [1, 2] });
    attribute("text", { name: "value_string", type: AttributeType.STRING, s: new Uint8Array([65]) });
    const graph = canonicalize(b.model());
    const numbers = graph.initializer.map((t) => [
      t.name,
      t.dataType,
      t.dims.map(Number),
      [...tensorNumbers(memoryFolder({}), t).values],
    ]);
    expect(numbers).toEqual([
      ["ints", DataType.INT64, [2], [2, 3]],
      ["int", DataType.INT64, [], [-1]],
      ["float", DataType.FLOAT, [], [0.5]],
      ["floats", DataType.FLOAT, [2], [1, 2]],
    ]);
    expect(graph.node.map((n) => n.output[0])).toEqual(["text"]);
  });

  it("does not change the model it is given", () => {
    const b = new GraphBuilder();
    b.node("com.microsoft:SkipSimplifiedLayerNormalization", xAndSkip(b), ["y"]);
    b.op("ReduceMean", ["y"], { axes: [-1n] }, "mean");
    const before = written(b.graph);
    canonicalize(b.model());
    expect(written(b.graph)).toEqual(before);
    expect(b.graph.initializer.map((t) => t.name)).toEqual(["x", "skip", "gamma"]);
  });
});
