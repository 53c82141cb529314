import { TensorProto_DataType as DataType } from "onnx-buf";
import { intAttribute } from "../graph/attributes.js";
import { makeTensor } from "../onnx/index.js";
import type { Emitter } from "./emitter.js";
import { alias, required, scalesAs, unsupported, type QuantisedSource } from "./quantisedWeight.js";

/** What the sixteen codes of bitsandbytes' two kinds of 4 bits stand for, as ONNX Runtime has them (`quant_type`). */
const CODES: readonly (readonly number[])[] = [
  fp4(),
  [
    -1, -0.6961928009986877, -0.5250730514526367, -0.39491748809814453, -0.28444138169288635,
    -0.18477343022823334, -0.09105003625154495, 0, 0.07958029955625534, 0.16093020141124725,
    0.24611230194568634, 0.33791524171829224, 0.44070982933044434, 0.5626170039176941, 0.7229568362236023, 1,
  ],
];

/** A sign and three bits. */
function fp4(): number[] {
  const positive = [0, 5.208333333e-3, 2 / 3, 1, 1 / 3, 1 / 2, 1 / 6, 1 / 4];
  return [...positive, ...positive.map((value) => -value)];
}

interface Layout {
  readonly rows: number;
  readonly columns: number;
  readonly block: number;
  readonly kind: number;
}

/**
 * Emits `rows` [n, N] times the weight [N, K] of a MatMulBnb4 layer, [n, K]; the weight is dequantised in the graph
 * from the original bytes, which lie row by row, each block with the largest value that it holds as its scale.
 */
export function timesBnb4(source: QuantisedSource, rows: string): string {
  const { emit } = source;
  const layout = layoutOf(source);
  const blocks = (layout.rows * layout.columns) / layout.block;
  const bytes = emit.tensor(
    alias(required(source, 1), "as_vector", DataType.UINT8, [(layout.rows * layout.columns) / 2]),
  );
  const codes = emit.op("Reshape", [values(emit, bytes, layout.kind), emit.ints(blocks, layout.block)]);
  const weight = emit.op("Mul", [codes, scalesAs(source, [blocks, 1])]);
  return emit.op("Gemm", [rows, emit.op("Reshape", [weight, emit.ints(layout.rows, layout.columns)])]);
}

/** The rows `ids` (int64 [n]) of a MatMulBnb4 weight in float32, [n, K]: gathered first and unpacked after. */
export function bnb4Rows(source: QuantisedSource, ids: string): string {
  const { emit } = source;
  const { rows, columns, block, kind } = layoutOf(source);
  if (columns % block !== 0)
    throw unsupported(source, `K = ${columns}, no multiple of block_size = ${block},`);
  const perRow = columns / block;
  const bytes = emit.tensor(alias(required(source, 1), "as_matrix", DataType.UINT8, [rows, columns / 2]));
  const taken = values(emit, emit.op("Gather", [bytes, ids], { axis: 0n }), kind);
  const scale = emit.op("Gather", [scalesAs(source, [rows, perRow, 1]), ids], { axis: 0n });
  const weight = emit.op("Mul", [emit.op("Reshape", [taken, emit.ints(-1, perRow, block)]), scale]);
  return emit.op("Reshape", [weight, emit.ints(-1, columns)]);
}

/** The two values that each byte's codes stand for, in a further axis; of two in a byte the high one comes first. */
function values(emit: Emitter, bytes: string, kind: number): string {
  const codes = CODES[kind] ?? [];
  const pairs = Array.from({ length: 256 }, (_, byte) => [
    codes[byte >> 4] ?? 0,
    codes[byte & 15] ?? 0,
  ]).flat();
  const table = emit.tensor(makeTensor(`dexar/bnb4/${kind}`, DataType.FLOAT, [256, 2], pairs));
  const places = emit.op("Cast", [bytes], { to: BigInt(DataType.INT32) });
  return emit.op("Gather", [table, places], { axis: 0n });
}

function layoutOf(source: QuantisedSource): Layout {
  const { node } = source;
  const of = (name: string) => intAttribute(node, name, 0);
  const [rows, columns, block, kind] = [of("N"), of("K"), of("block_size"), of("quant_type")];
  if (kind !== 0 && kind !== 1) throw unsupported(source, `quant_type ${kind}`);
  if (intAttribute(node, "transB", 1) !== 1)
    throw unsupported(source, "a weight that is not transposed (transB = 0)");
  if (block <= 0 || (rows * columns) % block !== 0 || columns % 2 !== 0) {
    throw unsupported(
      source,
      `a weight of ${rows} x ${columns} values, which blocks of ${block} do not fill,`,
    );
  }
  return { rows, columns, block, kind };
}
