import { Emitter } from "../../core/autodiff/emitter.js";
import { tensorInfo } from "../../core/instrument/tensorInfo.js";
import { DataType, makeTensor, type ModelProto, type ValueInfoProto } from "../../core/onnx/index.js";
import { modelOf } from "./modelOf.js";

/** Sizes of the decoder that devices are checked with; two layers. */
export const CHECK_SHAPE = { hidden: 64, vocabulary: 96, layers: 2, heads: 4, kvHeads: 2, headSize: 16 };
const { hidden, vocabulary, layers, heads, kvHeads, headSize } = CHECK_SHAPE;
const MLP = 128;
const POSITIONS = 256;
/** Weights that share a scale in a 4-bit layer. */
const BLOCK = 32;

/**
 * A small fused decoder with made-up weights: grouped attention with rotary positions, skip norms, a gated MLP, and
 * one layer of 4-bit weights. The kernels that real decoders spend their time in, in a few hundred kB.
 */
export function checkDecoder(): ModelProto {
  const decoder = new CheckDecoder();
  return modelOf(decoder.emit, decoder.write());
}

class CheckDecoder {
  readonly emit = new Emitter();

  write(): { inputs: ValueInfoProto[]; outputs: ValueInfoProto[] } {
    const { emit } = this;
    const tail = [...this.lengths(), this.table("cos", Math.cos), this.table("sin", Math.sin)];
    let residual = "inputs_embeds";
    let normed = emit.op("SimplifiedLayerNormalization", [residual, this.normWeight()], {
      epsilon: 1e-5,
      axis: -1n,
    });
    for (let l = 0; l < layers; l++) {
      const attention = this.attention(l, normed, tail);
      const middle = this.skipNorm(residual, this.linear(`o${l}`, attention, heads * headSize, hidden));
      ({ normed, sum: residual } = this.skipNorm(middle.sum, this.mlp(l, middle.normed)));
    }
    const head = this.weight("head", hidden, vocabulary);
    emit.node("MatMul", [normed, head], ["logits"]);
    return {
      inputs: [
        tensorInfo("inputs_embeds", DataType.FLOAT, [1, "new", hidden]),
        tensorInfo("attention_mask", DataType.INT64, [1, "total"]),
        ...cacheInfo("past_key_values", "past"),
      ],
      outputs: [
        tensorInfo("logits", DataType.FLOAT, [1, "new", vocabulary]),
        ...cacheInfo("present", "total"),
      ],
    };
  }

  /** Cached positions less one, and positions in all, as the attention wants them. */
  private lengths(): string[] {
    const { emit } = this;
    const toInt32 = { to: BigInt(DataType.INT32) };
    const sum = emit.op("ReduceSum", ["attention_mask", emit.ints(1)], { keepdims: 1n });
    const total = emit.op("Gather", [emit.op("Shape", ["attention_mask"]), this.index(1)], { axis: 0n });
    return [
      emit.op("Cast", [emit.op("Sub", [sum, emit.ints(1)])], toInt32),
      emit.op("Cast", [total], toInt32),
    ];
  }

  private attention(l: number, x: string, tail: readonly string[]): string {
    const width = (heads + 2 * kvHeads) * headSize;
    const [z, ...present] = [`z${l}`, ...cacheNames("present", l)] as [string, string, string];
    const inputs = [
      this.linear(`qkv${l}`, x, hidden, width),
      "",
      "",
      ...cacheNames("past_key_values", l),
      ...tail,
    ];
    const attributes = { num_heads: BigInt(heads), kv_num_heads: BigInt(kvHeads), do_rotary: 1n };
    this.emit.node("GroupQueryAttention", inputs, [z, ...present], attributes, "com.microsoft");
    return z;
  }

  private mlp(l: number, x: string): string {
    const { emit } = this;
    const gate = this.linear(`gate${l}`, x, hidden, MLP);
    const active = emit.op("Mul", [gate, emit.op("Sigmoid", [gate])]);
    const inner = emit.op("Mul", [active, this.linear(`up${l}`, x, hidden, MLP)]);
    return l === 0
      ? this.linear(`down${l}`, inner, MLP, hidden)
      : this.fourBits(`down${l}`, inner, MLP, hidden);
  }

  private skipNorm(residual: string, delta: string): { normed: string; sum: string } {
    const [normed, sum] = [this.emit.name("normed"), this.emit.name("sum")];
    this.emit.node(
      "SkipSimplifiedLayerNormalization",
      [residual, delta, this.normWeight()],
      [normed, "", "", sum],
      { epsilon: 1e-5 },
      "com.microsoft",
    );
    return { normed, sum };
  }

  private linear(name: string, x: string, rows: number, columns: number): string {
    return this.emit.op("MatMul", [x, this.weight(name, rows, columns)]);
  }

  private fourBits(name: string, x: string, rows: number, columns: number): string {
    const { emit } = this;
    const blocks = rows / BLOCK;
    const codes = noise(name, (columns * rows) / 2).map((value) => Math.floor(128 + 127.9 * value));
    const scales = noise(`${name}/scales`, columns * blocks).map((value) => 0.02 + 0.005 * value);
    return emit.op(
      "MatMulNBits",
      [
        x,
        emit.tensor(makeTensor(name, DataType.UINT8, [columns, blocks, BLOCK / 2], codes)),
        emit.tensor(makeTensor(`${name}/scales`, DataType.FLOAT, [columns * blocks], scales)),
      ],
      { K: BigInt(rows), N: BigInt(columns), bits: 4n, block_size: BigInt(BLOCK) },
      "com.microsoft",
    );
  }

  private weight(name: string, rows: number, columns: number): string {
    const values = noise(name, rows * columns).map((value) => (2 * value) / Math.sqrt(rows));
    return this.emit.tensor(makeTensor(name, DataType.FLOAT, [rows, columns], values));
  }

  private normWeight(): string {
    return this.emit.tensor(
      makeTensor(
        "norm",
        DataType.FLOAT,
        [hidden],
        noise("norm", hidden).map((x) => 1 + x / 4),
      ),
    );
  }

  private table(name: string, wave: (angle: number) => number): string {
    const half = headSize / 2;
    const values = Array.from({ length: POSITIONS * half }, (_, i) =>
      wave(Math.floor(i / half) * 10_000 ** (-(i % half) / half)),
    );
    return this.emit.tensor(makeTensor(name, DataType.FLOAT, [POSITIONS, half], values));
  }

  private index(value: number): string {
    return this.emit.tensor(makeTensor(`index/${value}`, DataType.INT64, [], [value]));
  }
}

/** A layer's cache tensors, key first. */
export function cacheNames(direction: "past_key_values" | "present", layer: number): [string, string] {
  return [`${direction}.${layer}.key`, `${direction}.${layer}.value`];
}

function cacheInfo(direction: "past_key_values" | "present", positions: string): ValueInfoProto[] {
  const names = Array.from({ length: layers }, (_, l) => cacheNames(direction, l)).flat();
  return names.map((name) => tensorInfo(name, DataType.FLOAT, [1, kvHeads, positions, headSize]));
}

/** Numbers in [-1, 1) that look random and depend on name and place alone. */
export function noise(name: string, count: number): number[] {
  const seed = Array.from(name).reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) % 9973, 7);
  return Array.from({ length: count }, (_, i) => {
    const wave = Math.sin(i * 12.9898 + seed * 78.233) * 43758.5453;
    return 2 * (wave - Math.floor(wave)) - 1;
  });
}
