import type { AttributeProto } from "onnx-buf";
import { describe, expect, it } from "vitest";
import { readDecoder, type Decoder } from "../../src/core/graph/decoder.js";
import { makeAttribute } from "../../src/core/graph/attributes.js";
import { buildGradientModel } from "../../src/core/instrument/gradientModel.js";
import {
  create,
  DataType,
  makeTensor,
  NodeProtoSchema,
  type ModelProto,
  type NodeProto,
} from "../../src/core/onnx/index.js";
import { memoryFolder } from "../helpers/memoryFolder.js";
import { thrownBy } from "../helpers/thrownBy.js";
import { TINY, tinyDecoder, type TinyDecoderOptions } from "../helpers/tinyDecoder.js";

/** The decoder after its nodes were changed one by one; a list replaces the node. */
function changed(
  options: TinyDecoderOptions,
  change: (node: NodeProto) => NodeProto | NodeProto[],
): ModelProto {
  const { model } = tinyDecoder(options);
  if (model.graph) model.graph.node = model.graph.node.flatMap(change);
  return model;
}

/** Changes only the node that writes `tensor`. */
function changedAt(
  options: TinyDecoderOptions,
  tensor: string,
  change: (node: NodeProto) => NodeProto | NodeProto[],
): ModelProto {
  return changed(options, (node) => (node.output.includes(tensor) ? change(node) : node));
}

function node(opType: string, input: string[], output: string[], domain = ""): NodeProto {
  return create(NodeProtoSchema, { name: `node:${output[0] ?? ""}`, opType, domain, input, output });
}

const fused: TinyDecoderOptions = { style: "fused" };
const decomposed: TinyDecoderOptions = { style: "decomposed" };

describe("attention blocks", () => {
  const attentions = (options: TinyDecoderOptions) =>
    readDecoder(tinyDecoder(options).model).layers.map((l) => l.attention);

  it("are read from the fused operator", () => {
    const [first, second] = attentions({ style: "fused", heads: 4, kvHeads: 2, headSize: 8 });
    expect(first).toEqual({
      style: "fused",
      node: "node:l0/z",
      output: "l0/z",
      value: "present.0.value",
      heads: 4,
      kvHeads: 2,
      headSize: 8,
      window: null,
      saysWindow: true,
    });
    expect(second?.value).toBe("present.1.value");
  });

  it("are read from plain operators, through the repetition of shared heads", () => {
    expect(attentions({ style: "decomposed", heads: 4, kvHeads: 2, headSize: 8 })[1]).toEqual({
      style: "decomposed",
      node: "node:l1/softmax",
      output: "l1/z",
      value: "present.1.value",
      heads: 4,
      kvHeads: 2,
      headSize: 8,
      window: null,
      saysWindow: false,
    });
  });

  it("are read through the zeros that an exporter puts in place of NaN", () => {
    const plain = attentions(decomposed).map(({ output, value }) => [output, value]);
    const guarded = attentions({ ...decomposed, guardsNaN: true });
    expect(guarded.map(({ output, value }) => [output, value])).toEqual(plain);
  });

  it("may have a sliding window", () => {
    expect(attentions({ style: "fused", window: 3 }).map((a) => a.window)).toEqual([3, 3]);
  });

  it("are not taken from a softmax over constants (a router of experts)", () => {
    const { model } = tinyDecoder(decomposed);
    model.graph?.node.push(
      node("Softmax", ["l0/h"], ["routes"]),
      node("MatMul", ["routes", "l0/q/w"], ["mixed"]),
    );
    expect(readDecoder(model).layers).toHaveLength(2);
  });

  it("are refused when shared heads are repeated in another order than next to each other", () => {
    const model = changed(decomposed, (n) => {
      if (n.opType === "Unsqueeze") n.input[1] = "ints_-1";
      return n;
    });
    const error = thrownBy(() => readDecoder(model));
    expect(error.code).toBe("decoder-structure");
    expect(error.message).toBe(
      "The attention around node node:l0/softmax (Softmax) could not be read: its values do not lead back to a cache among the outputs.",
    );
  });

  it("are refused without an output projection", () => {
    const model = changedAt(decomposed, "l1/o_proj", (n) => [
      node("Sigmoid", ["l1/z"], ["gated"]),
      Object.assign(n, { input: ["gated", "l1/o_proj/w"] }),
    ]);
    expect(thrownBy(() => readDecoder(model)).message).toContain(
      "node:l1/softmax (Softmax) could not be read: no output projection with a constant weight",
    );
  });

  it("are refused when the heads cannot share the value heads", () => {
    const model = changedAt(fused, "l0/z", (n) =>
      Object.assign(n, { attribute: [makeAttribute("num_heads", 3n)] }),
    );
    expect(thrownBy(() => readDecoder(model)).message).toBe(
      "The attention around node node:l0/z (GroupQueryAttention) could not be read: 3 heads cannot share 2 value heads.",
    );
  });

  it("are refused without a value cache among the outputs", () => {
    const { model } = tinyDecoder(fused);
    if (model.graph) model.graph.output = model.graph.output.filter((o) => o.name !== "present.1.value");
    const error = thrownBy(() => readDecoder(model));
    expect(error.code).toBe("decoder-structure");
    expect(error.message).toContain(
      'The value cache of attention node:l1/z ("present.1.value") is not a graph output',
    );
  });

  it("are refused with a quantised cache", () => {
    const { model } = tinyDecoder(fused);
    for (const { name, type } of model.graph?.output ?? [])
      if (name.startsWith("present.") && type?.value.case === "tensorType")
        type.value.value.elemType = DataType.INT8;
    const error = thrownBy(() => readDecoder(model));
    expect(error.code).toBe("unsupported-op");
    expect(error.message).toBe(
      'The value cache of attention node:l0/z ("present.0.value") holds INT8 in place of FLOAT or FLOAT16.',
    );
  });

  it.each([
    ["Attention", "com.microsoft"],
    ["PagedAttention", "com.microsoft"],
    ["SparseAttention", "com.microsoft"],
  ])("of the operator %s are refused by name", (opType, domain) => {
    const model = changedAt(fused, "l1/z", (n) => Object.assign(n, { opType, domain }));
    const error = thrownBy(() => readDecoder(model));
    expect(error.code).toBe("unsupported-op");
    expect(error.message).toContain(
      `attention operator ${domain || "ai.onnx"}:${opType} (opset ${domain ? 1 : 21}, node node:l1/z)`,
    );
  });
});

describe("the lens head", () => {
  const head = (options: TinyDecoderOptions) => readDecoder(tinyDecoder(options).model).head;

  it("is the last linear layer", () => {
    expect(head(fused)).toMatchObject({
      input: "final/normed",
      bias: null,
      hidden: TINY.hidden,
      vocabulary: TINY.vocabulary,
    });
    expect(head({ style: "fused", bits: 4 }).node.opType).toBe("MatMulNBits");
  });

  it("is found behind casts, soft cap and row selection, with its bias", () => {
    expect(head({ style: "decomposed", headExtras: true, headBias: true })).toMatchObject({
      input: "final/normed",
      bias: "lm_head/bias",
    });
    expect(head({ style: "decomposed", headExtras: true }).bias).toBeNull();
  });

  it("has no bias where a constant is added after scaling", () => {
    const model = changedAt(fused, "logits", () => [
      node("Mul", ["lm_head", "scale"], ["scaled"]),
      node("Add", ["scaled", "offset"], ["logits"]),
    ]);
    model.graph?.initializer.push(...["scale", "offset"].map((name) => tinyConstant(name)));
    expect(readDecoder(model).head.bias).toBeNull();
  });

  it("may add its bias inside MatMulNBits", () => {
    const model = changedAt({ style: "fused", bits: 4 }, "lm_head", (n) =>
      Object.assign(n, { input: [...n.input.slice(0, 3), "", "", "bias"] }),
    );
    model.graph?.initializer.push(tinyConstant("bias"));
    expect(readDecoder(model).head.bias).toBe("bias");
  });

  it("has no bias where one number is added, which shifts all logits alike", () => {
    for (const dims of [[], [1], [1, 1]]) {
      const model = changedAt(fused, "logits", () => node("Add", ["lm_head", "shift"], ["logits"]));
      model.graph?.initializer.push(makeTensor("shift", DataType.FLOAT, dims, [2]));
      expect(readDecoder(model).head.bias).toBeNull();
    }
  });

  it("is refused where it is more than a product and a bias", () => {
    const gemm: TinyDecoderOptions = { style: "decomposed", linear: "gemm", mlp: "gelu" };
    const isHead = (n: NodeProto) => n.opType === "Gemm" && n.input.includes("lm_head/w");
    const headOf = (...attribute: AttributeProto[]) =>
      changed(gemm, (n) => (isHead(n) ? Object.assign(n, { attribute: [...n.attribute, ...attribute] }) : n));
    expect(readDecoder(headOf()).head).toMatchObject({ bias: "lm_head/bias", flat: true });
    const others = [makeAttribute("alpha", 0.5), makeAttribute("beta", 2), makeAttribute("transA", 1n)];
    for (const attribute of others) {
      const error = thrownBy(() => readDecoder(headOf(attribute)));
      expect(error.code).toBe("unsupported-op");
      expect(error.message).toMatch(/^Operator ai\.onnx:Gemm .* scales or transposes what it multiplies\.$/);
    }
    const unbiased = headOf(makeAttribute("beta", 0));
    for (const n of unbiased.graph?.node ?? []) if (isHead(n)) n.input = n.input.slice(0, 2);
    expect(readDecoder(unbiased).head.bias).toBeNull();
    const twice = changedAt(gemm, "logits", () => node("Add", ["lm_head", "other"], ["logits"]));
    twice.graph?.initializer.push(tinyConstant("other"));
    expect(thrownBy(() => readDecoder(twice)).message).toContain("has a bias of its own, and another one");
    const oneNumber = changed(gemm, (n) =>
      isHead(n) ? Object.assign(n, { input: [...n.input.slice(0, 2), "one"] }) : n,
    );
    oneNumber.graph?.initializer.push(makeTensor("one", DataType.FLOAT, [1], [1]));
    expect(thrownBy(() => readDecoder(oneNumber)).message).toContain("has a bias that is not one number per");
  });

  it("is refused behind an unknown operator", () => {
    const model = changedAt(fused, "logits", () => node("Softplus", ["lm_head"], ["logits"]));
    const error = thrownBy(() => readDecoder(model));
    expect(error.code).toBe("unsupported-op");
    expect(error.message).toBe(
      "Operator ai.onnx:Softplus (opset 21, node node:logits) stands between the language-model head and the logits.",
    );
  });

  it("is refused when the logits are made of two activations", () => {
    const model = changedAt(fused, "logits", () => node("Mul", ["lm_head", "l0/h"], ["logits"]));
    expect(thrownBy(() => readDecoder(model)).message).toContain(
      "Operator ai.onnx:Mul (opset 21, node node:logits) stands between",
    );
  });

  it("is missing when no linear layer leads to the logits", () => {
    const model = changedAt(fused, "logits", () => node("Cast", ["inputs_embeds"], ["logits"]));
    expect(thrownBy(() => readDecoder(model)).message).toBe('No linear layer leads to the output "logits".');
  });
});

function tinyConstant(name: string) {
  const { model } = tinyDecoder({ style: "fused", headBias: true });
  const bias = model.graph?.initializer.find((t) => t.name === "lm_head/bias");
  if (!bias) throw new RangeError("no bias");
  return Object.assign(bias, { name });
}

describe("a decoder is refused", () => {
  it("without logits", () => {
    const { model } = tinyDecoder(fused);
    for (const output of model.graph?.output ?? [])
      if (output.name === "logits") output.name = "last_hidden_state";
    const error = thrownBy(() => readDecoder(model));
    expect(error.code).toBe("decoder-structure");
    expect(error.message).toBe('The decoder has no output named "logits".');
    expect(error.nextStep).toContain("dexar models inspect");
  });

  it("without attention", () => {
    const model = changed(fused, (n) => (n.opType === "GroupQueryAttention" ? [] : n));
    expect(thrownBy(() => readDecoder(model)).message).toBe(
      "No attention block with a value cache was found in the decoder.",
    );
  });

  it("that explains through an If", () => {
    const model = changedAt(decomposed, "l0/down", (n) => [
      Object.assign(n, { output: ["inner"] }),
      node("If", ["inner"], ["l0/down"]),
    ]);
    const error = thrownBy(() => buildGradientModel(readDecoder(model), memoryFolder({})));
    expect(error.code).toBe("unsupported-op");
    expect(error.message).toContain(
      "No derivative is known for operator ai.onnx:If (opset 21, node node:l0/down)",
    );
  });

  it("whose attention leads to no residual sum", () => {
    const model = changedAt({ style: "fused", layers: 1, block: "parallel" }, "final/normed", (n) =>
      node("Mul", n.input.slice(0, 2), ["final/normed"]),
    );
    const sums = model.graph?.node.filter((n) => n.opType === "Add") ?? [];
    for (const sum of sums) sum.opType = "Mul";
    expect(thrownBy(() => readDecoder(model)).message).toBe(
      "The residual stream after attention node:l0/z was not found.",
    );
  });
});

describe("when the gradient model is built (at load time)", () => {
  const build = (model: ModelProto) => {
    const decoder: Decoder = readDecoder(model);
    return buildGradientModel(decoder, memoryFolder({}));
  };

  it("an operator without a rule is named with its node and layer", () => {
    const model = changedAt(fused, "l1/down", (n) => [
      node("Softplus", [n.input[0] ?? ""], ["odd"]),
      Object.assign(n, { input: ["odd", "l1/down/w"] }),
    ]);
    const error = thrownBy(() => build(model));
    expect(error.code).toBe("unsupported-op");
    expect(error.message).toBe(
      "No derivative is known for operator ai.onnx:Softplus (opset 21, node node:odd) in layer 1.",
    );
  });

  it("so is one in the final norm", () => {
    const model = changedAt(decomposed, "final/normed", (n) => [
      Object.assign(n, { output: ["scaled"] }),
      node("Softsign", ["scaled"], ["final/normed"]),
    ]);
    expect(thrownBy(() => build(model)).message).toContain(
      "ai.onnx:Softsign (opset 21, node node:final/normed) in final norm",
    );
  });

  it("a product of two activations in a block is refused", () => {
    const model = changedAt(fused, "l0/down", (n) =>
      Object.assign(n, { input: [n.input[0] ?? "", "l0/gate"] }),
    );
    expect(thrownBy(() => build(model)).message).toContain(
      "Operator ai.onnx:MatMul (opset 21, node node:l0/down) in layer 0 is used in an unsupported way: its second operand is no constant matrix.",
    );
  });

  it("a block that mixes in a value of all positions is refused, not guessed", () => {
    const model = changedAt(fused, "l0/down", (n) => [
      node("Mul", [n.input[0] ?? "", "inputs_embeds"], ["mixed"]),
      Object.assign(n, { input: ["mixed", "l0/down/w"] }),
    ]);
    const error = thrownBy(() => build(model));
    expect(error.code).toBe("decoder-structure");
    expect(error.message).toBe(
      'The gradient of layer 0 needs the value of "inputs_embeds", which depends on more than one position.',
    );
  });
});

describe("taps", () => {
  const taps = (options: TinyDecoderOptions) =>
    buildGradientModel(readDecoder(tinyDecoder(options).model), memoryFolder({})).taps.all.map(
      (tap) => `${tap.tensor} ${tap.width}`,
    );

  it("are the residual stream after every block, the norm's input inside it, and what linear layers give", () => {
    const blocks = ["l0/y 16", "final/normed/residual_sum 16"];
    const inside = ["up 32", "gate 32", "h 16"];
    expect(taps(fused)).toEqual([...blocks, ...[0, 1].flatMap((l) => inside.map((tap) => `l${l}/${tap}`))]);
  });

  it("hold a linear layer's sum with its bias, which ONNX Runtime computes as one", () => {
    const gelu = taps({ style: "fused", mlp: "gelu" });
    expect(gelu.filter((tap) => tap.endsWith(" 32"))).toHaveLength(2);
    expect(gelu.filter((tap) => tap.includes("fc1"))).toEqual([]);
  });

  it("hold what a norm before the residual sum reads too", () => {
    expect(taps({ style: "fused", block: "sandwich" })).toEqual(
      expect.arrayContaining(["l0/o_proj 16", "l1/o_proj 16", "l0/h 16"]),
    );
  });

  it("are the block outputs alone where the attention goes straight to the sum", () => {
    expect(taps({ style: "decomposed", block: "parallel", norm: "layer" })).toEqual(["l0/y 16", "l1/y 16"]);
  });
});
