import { DataType } from "../../core/onnx/index.js";
import {
  BIAS,
  cacheNames,
  declareDecoder,
  EPSILON,
  normWeight,
  qkvNames,
  rotaryTables,
  writeMlp,
  writeOutput,
} from "./decoderParts.js";
import type { GraphWriter } from "./graphWriter.js";
import type { RandomValues } from "./randomWeights.js";
import type { BenchShape } from "./shapes.js";

/** What all layers share. */
interface Shared {
  /** Rotary cosines and sines of the positions, [1, 1, S, headSize]. */
  readonly cos: string;
  readonly sin: string;
  /** 0 where a position may look, else very low, [S, positions]. */
  readonly mask: string;
}

/**
 * Writes the same function as the fused decoder in plain operators, as a traced export has it: norms, rotary embedding
 * and attention taken apart, weights of query, key and value separate.
 */
export function writePlainDecoder(b: GraphWriter, shape: BenchShape): void {
  const { layers, hidden, vocabulary } = shape;
  declareDecoder(b, shape);
  const shared = { ...rotaryOfPositions(b, shape), mask: causalMask(b) };
  let residual = "inputs_embeds";
  for (let l = 0; l < layers; l++) {
    const place = `/model/layers.${l}`;
    const normed = norm(b, `${place}/input_layernorm`, residual, hidden);
    const attention = writeAttention(b, shape, l, normed, shared);
    const middle = b.op("Add", `${place}/Add`, [residual, attention]);
    const mlp = writeMlp(b, shape, l, norm(b, `${place}/post_attention_layernorm`, middle, hidden));
    residual = b.op("Add", `${place}/Add_1`, [middle, mlp]);
  }
  b.linear("/lm_head", norm(b, "/model/norm", residual, hidden), [hidden, vocabulary]);
}

function rotaryOfPositions(b: GraphWriter, { headSize }: BenchShape): Pick<Shared, "cos" | "sin"> {
  const positions = b.input("position_ids", ["batch_size", "sequence_length"], DataType.INT64);
  const rows = rotaryTables(b, headSize, headSize).map((table) => {
    const gathered = b.op("Gather", `/model/rotary/${table}/Gather`, [table, positions], { axis: 0n });
    return b.op("Unsqueeze", `/model/rotary/${table}/Unsqueeze`, [gathered, ints(b, 1)]);
  });
  const [cos = "", sin = ""] = rows;
  return { cos, sin };
}

function causalMask(b: GraphWriter): string {
  const place = "/model/mask";
  const sizeOf = (tensor: string, name: string) => {
    const shape = b.op("Shape", `${place}/${name}/Shape`, [tensor]);
    return b.op("Gather", `${place}/${name}`, [shape, scalarInt(b, 1)], { axis: 0n });
  };
  const [rows, columns] = [sizeOf("inputs_embeds", "rows"), sizeOf("attention_mask", "columns")];
  const range = (from: string, to: string, name: string) =>
    b.op("Range", `${place}/${name}`, [from, to, scalarInt(b, 1)]);
  const past = b.op("Sub", `${place}/past`, [columns, rows]);
  const own = b.op("Unsqueeze", `${place}/own`, [range(past, columns, "Range"), ints(b, 1)]);
  const allowed = b.op("LessOrEqual", `${place}/LessOrEqual`, [
    range(scalarInt(b, 0), columns, "Range_1"),
    own,
  ]);
  const [yes, no] = [b.scalar("mask.allowed", 0), b.scalar("mask.hidden", -65504)];
  return b.op("Where", `${place}/Where`, [allowed, yes, no]);
}

function norm(b: GraphWriter, place: string, x: string, hidden: number): string {
  const wide = b.op("Cast", `${place}/Cast`, [x], { to: BigInt(DataType.FLOAT) });
  const square = b.op("Pow", `${place}/Pow`, [wide, b.float("norm.two", 2)]);
  const mean = b.op("ReduceMean", `${place}/ReduceMean`, [square, ints(b, -1)], { keepdims: 1n });
  const sum = b.op("Add", `${place}/Add`, [mean, b.float("norm.epsilon", EPSILON)]);
  const root = b.op("Sqrt", `${place}/Sqrt`, [sum]);
  const divided = b.op("Div", `${place}/Div`, [wide, root]);
  const cast = b.op("Cast", `${place}/Cast_1`, [divided], { to: BigInt(b.weights.float) });
  const weight = normWeight(b, place.slice(1).replaceAll("/", "."), hidden);
  return b.op("Mul", `${place}/Mul`, [weight, cast]);
}

function writeAttention(b: GraphWriter, shape: BenchShape, l: number, x: string, shared: Shared): string {
  const { heads, headSize } = shape;
  const place = `/model/layers.${l}/attn`;
  const [q, k, v] = projections(b, shape, l, x);
  const cached = cachedPair(b, l, rotate(b, `${place}/k_rotary`, k, headSize, shared), v);
  const [keys, values] = cached.map((tensor, i) => repeated(b, shape, `${place}/repeat_${i}`, tensor)) as [
    string,
    string,
  ];
  const turned = b.op("Transpose", `${place}/Transpose`, [keys], { perm: [0n, 1n, 3n, 2n] });
  const query = rotate(b, `${place}/q_rotary`, q, headSize, shared);
  const scores = b.op("MatMul", `${place}/MatMul`, [query, turned]);
  const scaled = b.op("Mul", `${place}/Mul`, [scores, b.scalar("attn.scale", headSize ** -0.5)]);
  const masked = b.op("Add", `${place}/Add`, [scaled, shared.mask]);
  const weights = b.op("Softmax", `${place}/Softmax`, [masked], { axis: -1n });
  const mixed = b.op("MatMul", `${place}/MatMul_1`, [weights, values]);
  const rows = b.op("Transpose", `${place}/Transpose_1`, [mixed], { perm: [0n, 2n, 1n, 3n] });
  const z = b.op("Reshape", `${place}/Reshape`, [rows, ints(b, 0, 0, heads * headSize)]);
  return writeOutput(b, shape, l, z);
}

/** Query, key and value by head, [1, heads, S, headSize], with the columns of the packed weight. */
function projections(b: GraphWriter, shape: BenchShape, l: number, x: string): [string, string, string] {
  const { hidden, heads, kvHeads, headSize } = shape;
  const names = qkvNames(l);
  const packed = (heads + 2 * kvHeads) * headSize;
  const values = b.weights.layerValues(names.weight, hidden);
  const project = (kind: string, count: number, skipped: number) => {
    const place = `/model/layers.${l}/attn/${kind}_proj`;
    const [width, offset] = [count * headSize, skipped * headSize];
    let y = b.linear(place, x, [hidden, width], columnsOf(values, packed, offset, width));
    if (shape.qkvBias) {
      const all = b.weights.namedValues(names.bias, BIAS);
      const bias = b.weights.tensor(`${names.bias}.${kind}`, [width], columnsOf(all, packed, offset, width));
      y = b.op("Add", `${place}/Add`, [y, bias]);
    }
    const byHead = b.op("Reshape", `${place}/Reshape`, [y, ints(b, 0, 0, count, headSize)]);
    return b.op("Transpose", `${place}/Transpose`, [byHead], { perm: [0n, 2n, 1n, 3n] });
  };
  return [project("q", heads, 0), project("k", kvHeads, heads), project("v", kvHeads, heads + kvHeads)];
}

/** `width` columns from `offset` on of a matrix that is `packed` wide. */
function columnsOf(values: RandomValues, packed: number, offset: number, width: number): RandomValues {
  return { at: (index) => values.at(Math.floor(index / width) * packed + offset + (index % width)) };
}

/** x cos + rotate_half(x) sin */
function rotate(b: GraphWriter, place: string, x: string, headSize: number, { cos, sin }: Shared): string {
  const half = headSize / 2;
  const slice = (name: string, from: number, to: number) =>
    b.op("Slice", `${place}/${name}`, [x, ints(b, from), ints(b, to), ints(b, -1)]);
  const negative = b.op("Neg", `${place}/Neg`, [slice("Slice_1", half, headSize)]);
  const turned = b.op("Concat", `${place}/Concat`, [negative, slice("Slice", 0, half)], { axis: -1n });
  const parts = [b.op("Mul", `${place}/Mul`, [x, cos]), b.op("Mul", `${place}/Mul_1`, [turned, sin])];
  return b.op("Add", `${place}/Add`, parts);
}

/** Keys and values with those of the past before them: the cache. */
function cachedPair(b: GraphWriter, l: number, key: string, value: string): string[] {
  const present = cacheNames("present", l);
  const past = cacheNames("past_key_values", l);
  [key, value].forEach((now, i) => {
    b.node("Concat", [past[i] ?? "", now], [present[i] ?? ""], { axis: 2n });
  });
  return present;
}

/** Every shared head as often as query heads share it. */
function repeated(b: GraphWriter, shape: BenchShape, place: string, tensor: string): string {
  const { heads, kvHeads, headSize } = shape;
  const grouped = b.op("Unsqueeze", `${place}/Unsqueeze`, [tensor, ints(b, 2)]);
  const expanded = b.op("Expand", `${place}/Expand`, [grouped, ints(b, 1, 1, heads / kvHeads, 1, 1)]);
  return b.op("Reshape", `${place}/Reshape`, [expanded, ints(b, 0, heads, -1, headSize)]);
}

function ints(b: GraphWriter, ...values: readonly number[]): string {
  return b.ints(`ints/${values.join(",")}`, [values.length], values);
}

function scalarInt(b: GraphWriter, value: number): string {
  return b.ints(`int/${value}`, [], [value]);
}
