import { DataType } from "../../core/onnx/index.js";
import type { GraphWriter } from "./graphWriter.js";
import { MAX_POSITIONS, type BenchShape } from "./shapes.js";

/** Of all norms. */
export const EPSILON = 1e-5;
const ROPE_THETA = 10_000;

/** Names of a layer's cache inputs and outputs, key first. */
export function cacheNames(direction: "past_key_values" | "present", layer: number): [string, string] {
  return [`${direction}.${layer}.key`, `${direction}.${layer}.value`];
}

/** Declares what every decoder has in and out. */
export function declareDecoder(b: GraphWriter, shape: BenchShape): void {
  const { layers, hidden, kvHeads, headSize, vocabulary } = shape;
  b.input("inputs_embeds", ["batch_size", "sequence_length", hidden]);
  b.input("attention_mask", ["batch_size", "total_sequence_length"], DataType.INT64);
  b.output("logits", ["batch_size", "sequence_length", vocabulary]);
  for (let l = 0; l < layers; l++) {
    const cache = (positions: string) => ["batch_size", kvHeads, positions, headSize];
    for (const name of cacheNames("past_key_values", l)) b.input(name, cache("past_sequence_length"));
    for (const name of cacheNames("present", l)) b.output(name, cache("total_sequence_length"));
  }
}

/** Cosines and sines of the rotary embedding, [positions, width]; angles repeat after half a head. */
export function rotaryTables(b: GraphWriter, headSize: number, width: number): [cos: string, sin: string] {
  const half = headSize / 2;
  const angle = (index: number) =>
    Math.floor(index / width) * ROPE_THETA ** (-((index % width) % half) / half);
  const table = (name: string, wave: (angle: number) => number) =>
    b.weights.tensor(name, [MAX_POSITIONS, width], { at: (index) => wave(angle(index)) });
  return [table("cos_cache", Math.cos), table("sin_cache", Math.sin)];
}

/** Width of query, key and value side by side. */
export function qkvWidth({ heads, kvHeads, headSize }: BenchShape): number {
  return (heads + 2 * kvHeads) * headSize;
}

/** Names under which a layer's packed projection is known; unpacked ones take their values from it. */
export function qkvNames(layer: number): { place: string; weight: string; bias: string } {
  const place = `/model/layers.${layer}/attn/qkv_proj`;
  const name = `model.layers.${layer}.attn.qkv_proj`;
  return { place, weight: `${name}.weight`, bias: `${name}.Add.bias` };
}

/** Bound of the projections' biases. */
export const BIAS = 0.1;

/** The attention's output projection. */
export function writeOutput(b: GraphWriter, shape: BenchShape, layer: number, z: string): string {
  const { layers, hidden, heads, headSize } = shape;
  const place = `/model/layers.${layer}/attn/o_proj`;
  return b.scaledLinear(place, z, [heads * headSize, hidden], residualGain(layers));
}

/** The gated feed-forward layer. */
export function writeMlp(b: GraphWriter, shape: BenchShape, layer: number, x: string): string {
  const { layers, hidden, mlp } = shape;
  const place = `/model/layers.${layer}/mlp`;
  const gate = b.linear(`${place}/gate_proj`, x, [hidden, mlp]);
  const up = b.linear(`${place}/up_proj`, x, [hidden, mlp]);
  const sigmoid = b.op("Sigmoid", `${place}/act_fn/Sigmoid`, [gate]);
  const activated = b.op("Mul", `${place}/act_fn/Mul`, [gate, sigmoid]);
  const product = b.op("Mul", `${place}/Mul`, [activated, up]);
  return b.scaledLinear(`${place}/down_proj`, product, [mlp, hidden], residualGain(layers));
}

/** The weight of a norm: ones, as before training. */
export function normWeight(b: GraphWriter, name: string, hidden: number): string {
  return b.weights.tensor(`${name}.weight`, [hidden], { at: () => 1 });
}

/** Keeps the residual stream from growing with depth, as trained models do from the start. */
function residualGain(layers: number): number {
  return (2 * layers) ** -0.5;
}
