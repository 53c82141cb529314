import { DataType } from "../../src/core/onnx/index.js";
import type { GraphBuilder } from "./graphBuilder.js";

/** How the weight of a dynamically quantised layer is stored: as ONNX Runtime's `quantize_dynamic` does by option. */
export type DynamicWeight = "int8" | "uint8" | "columns";

/** Adds a linear layer with a random 8-bit weight [inputs, outputs] and activations that are quantised on the way. */
export function dynamicLayer(
  b: GraphBuilder,
  x: string,
  output: string,
  [inputs, outputs]: readonly [number, number],
  kind: DynamicWeight,
): string {
  const count = inputs * outputs;
  const type = kind === "uint8" ? DataType.UINT8 : DataType.INT8;
  const random = b.randomValues(count).map((value) => Math.round(127 * value));
  const codes = kind === "uint8" ? random.map((code) => code + 128) : random;
  const weight = b.constant(`${output}/w_quantized`, [inputs, outputs], codes, type);
  const dims = kind === "columns" ? [outputs] : [];
  const scales = dims.map((size) => Array.from({ length: size }, (_, i) => 0.004 + 0.001 * (i % 5))).flat();
  const scale = b.constant(`${output}/w_scale`, dims, kind === "columns" ? scales : [0.006]);
  const zeros = kind === "columns" ? scales.map((_, i) => (i % 3) - 1) : [kind === "uint8" ? 121 : 0];
  const zero = b.constant(`${output}/w_zero_point`, dims, zeros, type);

  // Layers of the same activation share its codes.
  const quantised = [`${x}_quantized`, `${x}_scale`, `${x}_zero_point`];
  if (!b.graph.node.some((node) => node.output[0] === quantised[0])) {
    b.node("DynamicQuantizeLinear", [x], quantised);
  }
  const [xCodes = "", xScale = "", xZero = ""] = quantised;
  const product = b.op("MatMulInteger", [xCodes, weight, xZero, zero], {}, `${output}_output_quantized`);
  const cast = b.op("Cast", [product], { to: BigInt(DataType.FLOAT) });
  const both = b.op("Mul", [xScale, scale], {}, `${output}_quant_scales_mul`);
  return b.op("Mul", [cast, both], {}, output);
}
