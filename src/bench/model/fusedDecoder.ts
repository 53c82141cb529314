import { DataType } from "../../core/onnx/index.js";
import {
  BIAS,
  cacheNames,
  declareDecoder,
  EPSILON,
  normWeight,
  qkvNames,
  qkvWidth,
  rotaryTables,
  writeMlp,
  writeOutput,
} from "./decoderParts.js";
import type { GraphWriter } from "./graphWriter.js";
import type { BenchShape } from "./shapes.js";

const MASK = "/model/attn_mask_reformat/attn_mask_subgraph";

/** Writes a Llama decoder with its head in the fused style of onnxruntime-genai's builder. */
export function writeFusedDecoder(b: GraphWriter, shape: BenchShape): void {
  const { layers, hidden, headSize, vocabulary } = shape;
  declareDecoder(b, shape);
  const tail = [...sequenceLengths(b), ...rotaryTables(b, headSize, headSize / 2)];
  let residual = "inputs_embeds";
  let normed = b.op(
    "SimplifiedLayerNormalization",
    "/model/layers.0/input_layernorm",
    [residual, normWeight(b, "model.layers.0.input_layernorm", hidden)],
    { epsilon: EPSILON, axis: -1n, stash_type: 1n },
  );
  for (let l = 0; l < layers; l++) {
    const attention = writeAttention(b, shape, l, normed, tail);
    const middle = skipNorm(b, `model.layers.${l}.post_attention_layernorm`, residual, attention, hidden);
    const mlp = writeMlp(b, shape, l, middle.normed);
    const last = l === layers - 1;
    const next = `model.layers.${l + 1}.${last ? "final_norm_layernorm" : "input_layernorm"}`;
    ({ normed, sum: residual } = skipNorm(b, next, middle.sum, mlp, hidden, last));
  }
  b.linear("/lm_head", normed, [hidden, vocabulary]);
}

/** Cached positions and positions in all, as the fused attention wants them. */
function sequenceLengths(b: GraphWriter): [past: string, total: string] {
  const one = b.ints("/model/constants/INT64/[1]", [1], [1]);
  const index = b.ints("/model/constants/INT64/1", [], [1]);
  const toInt32 = { to: BigInt(DataType.INT32) };
  const sum = b.op("ReduceSum", `${MASK}/ReduceSum`, ["attention_mask", one], { keepdims: 1n });
  const past = b.op("Sub", `${MASK}/Sub`, [sum, one]);
  const length = b.op("Shape", `${MASK}/Shape`, ["attention_mask"]);
  const total = b.op("Gather", `${MASK}/Gather`, [length, index], { axis: 0n });
  return [
    b.op("Cast", `${MASK}/Sub/Cast`, [past], toInt32),
    b.op("Cast", `${MASK}/Gather/Cast`, [total], toInt32),
  ];
}

function writeAttention(
  b: GraphWriter,
  shape: BenchShape,
  l: number,
  x: string,
  tail: readonly string[],
): string {
  const { hidden, heads, kvHeads, headSize } = shape;
  const z = `/model/layers.${l}/attn/GroupQueryAttention/output_0`;
  const names = qkvNames(l);
  const width = qkvWidth(shape);
  let qkv = b.linear(names.place, x, [hidden, width]);
  if (shape.qkvBias) {
    const bias = b.weights.tensor(names.bias, [width], BIAS);
    qkv = b.op("Add", `${names.place}/Add`, [qkv, bias]);
  }
  const inputs = [qkv, "", "", ...cacheNames("past_key_values", l), ...tail];
  b.node("com.microsoft:GroupQueryAttention", inputs, [z, ...cacheNames("present", l)], {
    num_heads: BigInt(heads),
    kv_num_heads: BigInt(kvHeads),
    scale: headSize ** -0.5,
    local_window_size: -1n,
    softcap: 0,
    do_rotary: 1n,
    rotary_interleaved: 0n,
  });
  return writeOutput(b, shape, l, z);
}

/** Adds to the residual stream and norms the sum; the final norm does not write the sum out. */
function skipNorm(
  b: GraphWriter,
  name: string,
  residual: string,
  delta: string,
  hidden: number,
  last = false,
): { normed: string; sum: string } {
  const place = `/${name.replace(/\.([a-z_]+)$/, "/$1")}`;
  const [normed, sum] = [`${place}/output_0`, `${place}/output_3`];
  b.node(
    "com.microsoft:SkipSimplifiedLayerNormalization",
    [residual, delta, normWeight(b, name, hidden)],
    last ? [normed] : [normed, "", "", sum],
    { epsilon: EPSILON },
  );
  return { normed, sum };
}
