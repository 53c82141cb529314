import { describe, expect, it } from "vitest";
import { readDecoder } from "../../src/core/graph/decoder.js";
import { GRADIENT_IO } from "../../src/core/instrument/gradientIo.js";
import { buildGradientModel } from "../../src/core/instrument/gradientModel.js";
import { tapDecoder } from "../../src/core/instrument/tapDecoder.js";
import { ROWS_FROM_INPUT } from "../../src/core/instrument/lastRows.js";
import { TAP_OUTPUT } from "../../src/core/instrument/taps.js";
import { create, GraphProtoSchema, type GraphProto } from "../../src/core/onnx/index.js";
import { runGraph } from "../helpers/interpreter/interpreter.js";
import { fill, tensor, type Tensor } from "../helpers/interpreter/tensor.js";
import { LensByDifferences } from "../helpers/lensByDifferences.js";
import { memoryFolder } from "../helpers/memoryFolder.js";
import { distance, runOrt } from "../helpers/ortValues.js";
import { randomTensor } from "../helpers/ruleCheck.js";
import { TINY, tinyDecoder, type TinyDecoder, type TinyDecoderOptions } from "../helpers/tinyDecoder.js";

const SEQUENCE = 4;
const PAST = 2;
const POSITIONS = PAST + SEQUENCE;
/** Explained tokens: position in the sequence and token id. */
const EXPLAINED = [
  { position: 1, token: 7 },
  { position: 3, token: 0 },
];

const decoders: Readonly<Record<string, TinyDecoderOptions>> = {
  "fused, shared heads, 3 layers": { style: "fused", layers: 3 },
  "fused, 1 layer": { style: "fused", layers: 1 },
  "fused, one value head": { style: "fused", kvHeads: 1 },
  "fused, heads wider than the residual stream": { style: "fused", headSize: 8 },
  "fused, layer norm and GELU": { style: "fused", norm: "layer", mlp: "gelu", outputBias: "add" },
  "fused, gate and up in one weight": { style: "fused", mlp: "gateUp" },
  "fused, norm before the residual sum": { style: "fused", block: "sandwich" },
  "fused, parallel block": { style: "fused", block: "parallel", norm: "layer", mlp: "gelu", headBias: true },
  "fused, bias inside the skip norm": { style: "fused", outputBias: "skip" },
  "fused, bias inside the skip layer norm": { style: "fused", norm: "layer", outputBias: "skip" },
  "fused, head behind slice, cast and soft cap": { style: "fused", headBias: "batch", headExtras: true },
  "fused, 4 bits": { style: "fused", bits: 4 },
  "fused, 4 bits with zero points": { style: "fused", bits: 4, zeroPoints: true, headBias: true },
  "fused, 4 bits with zero points that are floats": { style: "fused", bits: 4, zeroPoints: "floats" },
  "fused, 8 bits with zero points": { style: "fused", bits: 8, zeroPoints: true, mlp: "gateUp" },
  MultiHeadAttention: { style: "fused", operator: "MultiHeadAttention", kvHeads: 4 },
  "Attention of ONNX, shared heads": { style: "fused", operator: "Attention", mlp: "gelu", norm: "layer" },
  "decomposed, layer norm in parts": { style: "decomposed", norm: "parts" },
  "decomposed, normed after each sum": {
    style: "decomposed",
    block: "post",
    norm: "layer",
    mlp: "gelu",
    headBias: "row",
  },
  "decomposed, normed after each sum, in parts, 1 layer": {
    style: "decomposed",
    block: "post",
    norm: "parts",
    layers: 1,
  },
  "fused, Gemm": { style: "fused", linear: "gemm" },
  "decomposed, Gemm, GELU": { style: "decomposed", linear: "gemm", mlp: "gelu", norm: "layer" },
  "fused, NF4": { style: "fused", bnb4: "nf4", headBias: true },
  "decomposed, FP4": { style: "decomposed", bnb4: "fp4", headExtras: true },
  "decomposed, shared heads, 3 layers": { style: "decomposed", layers: 3 },
  "decomposed, 1 layer, own value heads": { style: "decomposed", layers: 1, kvHeads: 4 },
  "decomposed, one value head, bias": { style: "decomposed", kvHeads: 1, outputBias: "add" },
  "decomposed, layer norm and GELU": { style: "decomposed", norm: "layer", mlp: "gelu" },
  "decomposed, norm before the residual sum": { style: "decomposed", block: "sandwich", headSize: 8 },
  "decomposed, parallel block": { style: "decomposed", block: "parallel", norm: "layer", mlp: "gelu" },
  "decomposed, head behind slice, cast and soft cap": {
    style: "decomposed",
    headExtras: true,
    headBias: true,
  },
  "decomposed, 4 bits": { style: "decomposed", bits: 4, headExtras: true },
  "fused, dynamically quantised": { style: "fused", dynamic: "int8", mlp: "gateUp" },
  "fused, dynamically quantised, zero point": { style: "fused", dynamic: "uint8", headBias: true },
  "decomposed, dynamically quantised": { style: "decomposed", dynamic: "int8", headExtras: true },
  "decomposed, dynamically quantised by columns": {
    style: "decomposed",
    dynamic: "columns",
    outputBias: "add",
  },
};

/** Inputs of the decoder, and outputs of fused attention, which the interpreter takes as given. */
function feedsOf(tiny: TinyDecoder, options: TinyDecoderOptions): Record<string, Tensor> {
  const { heads = 4, kvHeads = 2, headSize = 4, style } = options;
  const feeds: Record<string, Tensor> = {
    inputs_embeds: randomTensor([1, SEQUENCE, TINY.hidden], 2),
    mask: fill([1, 1, SEQUENCE, POSITIONS], ([, , i = 0, j = 0]) => (j <= PAST + i ? 0 : -1e9)),
    keep_from: tensor([1], [0]),
  };
  tiny.layers.forEach(({ z, value }, l) => {
    if (style === "fused") {
      feeds[z] = randomTensor([1, SEQUENCE, heads * headSize], 100 + l);
      feeds[value] = randomTensor([1, kvHeads, POSITIONS, headSize], 200 + l);
    }
    for (const kind of ["key", "value"])
      feeds[`past.${l}.${kind}`] = randomTensor([1, kvHeads, PAST, headSize], 300 + l);
  });
  return feeds;
}

/** Everything a test compares: the decoder, its forward pass, and inputs and results of the gradient model. */
function explain(options: TinyDecoderOptions) {
  const tiny = tinyDecoder(options);
  const feeds = feedsOf(tiny, options);
  const decoder = readDecoder(tiny.model);
  const { model, taps } = buildGradientModel(decoder, memoryFolder({}));
  // The gradient is that of the dequantised function: there the forward pass must not round activations either.
  const source = options.dynamic ? { ...tiny.model, graph: decoder.proto } : tiny.model;
  const tapped = graphOf(tapDecoder(source, taps, decoder.head));
  const tapRows = runGraph(tapped, { ...feeds, [ROWS_FROM_INPUT]: tensor([1], [-SEQUENCE]) })(TAP_OUTPUT);
  const forward = runGraph(decoder.proto, feeds);
  const inputs: Record<string, Tensor> = {
    [GRADIENT_IO.taps]: tensor(
      [1, EXPLAINED.length, taps.width],
      EXPLAINED.flatMap(({ position }) => [
        ...tapRows.data.subarray(position * taps.width, (position + 1) * taps.width),
      ]),
    ),
    [GRADIENT_IO.targets]: tensor(
      [EXPLAINED.length],
      EXPLAINED.map(({ token }) => token),
    ),
  };
  tiny.layers.forEach(({ value }, l) => (inputs[GRADIENT_IO.value(l)] = forward(value)));
  const expected = new LensByDifferences(decoder, tiny, forward);
  return { tiny, decoder, model, inputs, forward, expected, result: runGraph(graphOf(model), inputs) };
}

function graphOf(model: { graph?: GraphProto | undefined }): GraphProto {
  return model.graph ?? create(GraphProtoSchema);
}

/** Largest difference relative to the largest expected value. */
function relativeError(actual: Tensor, expected: readonly number[]): number {
  expect(actual.data).toHaveLength(expected.length);
  const scale = Math.max(...expected.map(Math.abs));
  return Math.max(...expected.map((value, i) => Math.abs(value - (actual.data[i] ?? NaN)))) / scale;
}

describe("the gradient model against central differences of the whole decoder", () => {
  describe.each(Object.entries(decoders))("%s", (_, options) => {
    const { tiny, decoder, model, inputs, forward, expected, result } = explain(options);
    const { heads = 4, kvHeads = 2 } = options;
    const layers = tiny.layers.map((__, l) => l);

    it("finds the structure", () => {
      expect(decoder.style).toBe(options.style);
      const found = decoder.layers.map(({ attention, blockOutput }) => [
        // Around a Gemm, the rows of z are put on one axis first.
        options.linear && options.style === "decomposed"
          ? decoder.graph.producer(attention.output)?.input[0]
          : attention.output,
        attention.value,
        blockOutput,
      ]);
      expect(found).toEqual(tiny.layers.map(({ z, value, y }) => [z, value, y]));
      expect(decoder.layers[0]?.attention).toMatchObject({
        heads,
        kvHeads,
        headSize: options.headSize ?? 4,
      });
      expect(decoder.head.input).toBe(tiny.normed);
    });

    it("lens logits: the final norm exactly once, in the last layer too", () => {
      const lens = result(GRADIENT_IO.lens);
      expect(lens.dims).toEqual([EXPLAINED.length, layers.length]);
      const wanted = EXPLAINED.flatMap(({ position, token }) =>
        layers.map((l) => expected.lens(l, position, token)),
      );
      expect(relativeError(lens, wanted)).toBeLessThan(1e-6);
      EXPLAINED.forEach(({ position, token }, k) => {
        const model = forward(tiny.rawLogits).data[position * TINY.vocabulary + token];
        expect(lens.data[k * layers.length + layers.length - 1]).toBeCloseTo(model ?? NaN, 5);
      });
    });

    it("attention gradients", () => {
      for (const layer of layers) {
        const gradient = result(GRADIENT_IO.gradient(layer));
        expect(gradient.dims).toEqual([EXPLAINED.length, kvHeads, heads / kvHeads, POSITIONS]);
        const wanted = EXPLAINED.flatMap(({ position, token }) =>
          expected.gradient(layer, position, token).flat(),
        );
        expect(relativeError(gradient, wanted)).toBeLessThan(1e-6);
      }
    });

    it("attention gradients of the last layer, normed twice", () => {
      const twice = result(GRADIENT_IO.referenceLast);
      expect(twice.dims).toEqual([EXPLAINED.length, kvHeads, heads / kvHeads, POSITIONS]);
      const wanted = EXPLAINED.flatMap(({ position, token }) =>
        expected.referenceLast(position, token).flat(),
      );
      expect(relativeError(twice, wanted)).toBeLessThan(1e-6);
    });

    it("ONNX Runtime computes the same from the same graph", async () => {
      const real = await runOrt(model, inputs, [GRADIENT_IO.targets]);
      const gradients = layers.map(GRADIENT_IO.gradient);
      for (const name of [...gradients, GRADIENT_IO.lens, GRADIENT_IO.referenceLast]) {
        const mine = result(name);
        const scale = Math.max(...mine.data.map(Math.abs));
        expect(distance(mine, real[name] ?? tensor([0], [])) / scale).toBeLessThan(1e-4);
      }
    });
  });
});
