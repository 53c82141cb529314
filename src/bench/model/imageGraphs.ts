import { DataType } from "../../core/onnx/index.js";
import type { GraphWriter } from "./graphWriter.js";
import type { BenchShape } from "./shapes.js";

/** Side of an image patch in pixels: small, because the vision encoder is not what is measured. */
export const PATCH = 4;
const WIDTH = 64;

/** Writes a token embedding: ids [1, S] to rows [1, S, hidden]. */
export function writeEmbedding(b: GraphWriter, { hidden, vocabulary }: BenchShape): void {
  b.input("input_ids", ["batch_size", "sequence_length"], DataType.INT64);
  const table = b.weights.tensor("embed_tokens.weight", [vocabulary, hidden], 1);
  b.node("Gather", [table, "input_ids"], ["inputs_embeds"]);
  b.output("inputs_embeds", ["batch_size", "sequence_length", hidden]);
}

/** Writes a vision encoder of one convolution and a projector of two layers; the picture's size is free. */
export function writeVision(b: GraphWriter, { hidden }: BenchShape): void {
  const half = b.weights.float === DataType.FLOAT16;
  let pixels = b.input("pixel_values", ["batch_size", 3, "height", "width"], DataType.FLOAT);
  if (half) pixels = b.op("Cast", "/vision/Cast", [pixels], { to: BigInt(DataType.FLOAT16) });
  const kernel = b.weights.tensor("vision.patch.weight", [WIDTH, 3, PATCH, PATCH], 0.25);
  const patches = b.op("Conv", "/vision/patch/Conv", [pixels, kernel], {
    kernel_shape: [BigInt(PATCH), BigInt(PATCH)],
    strides: [BigInt(PATCH), BigInt(PATCH)],
  });
  const rows = b.op("Reshape", "/vision/Reshape", [patches, b.ints("vision.shape", [3], [0, WIDTH, -1])]);
  const tokens = b.op("Transpose", "/vision/Transpose", [rows], { perm: [0n, 2n, 1n] });
  const weight = (name: string, inputs: number) =>
    b.weights.tensor(name, [inputs, hidden], b.weights.layerValues(name, inputs));
  const first = b.op("MatMul", "/projector/1", [tokens, weight("projector.1", WIDTH)]);
  const active = b.op("Relu", "/projector/act", [first]);
  b.node("MatMul", [active, weight("projector.2", hidden)], ["image_features"]);
  b.output("image_features", ["batch_size", "image_tokens", hidden]);
}
