import { DataType, type ModelProto } from "../../src/core/onnx/index.js";
import { bnb4Layer } from "./bnb4Layer.js";
import { dynamicLayer, type DynamicWeight } from "./dynamicLayer.js";
import { GraphBuilder } from "./graphBuilder.js";
import { nBitsLayer } from "./nBitsLayer.js";

/** How a small random decoder is built. */
export interface TinyDecoderOptions {
  readonly style: "fused" | "decomposed";
  /** Of the fused style; GroupQueryAttention when absent. */
  readonly operator?: "MultiHeadAttention" | "Attention";
  readonly layers?: number;
  readonly heads?: number;
  readonly kvHeads?: number;
  readonly headSize?: number;
  /** `parts`: a layer norm in plain operators. */
  readonly norm?: "rms" | "layer" | "parts";
  readonly mlp?: "swiglu" | "gelu" | "gateUp";
  /**
   * `sandwich`: a norm before each residual sum too (Gemma 3). `parallel`: attention and MLP of one input (Phi).
   * `post`: the residual stream itself is normed after each sum, and the head follows (BART); decomposed only.
   */
  readonly block?: "sequential" | "sandwich" | "parallel" | "post";
  /** Bias of the output projection: a node of its own, or the fifth input of the skip norm. */
  readonly outputBias?: "add" | "skip";
  /** Zeros in place of what is no number among the attention's weights, as torch's newer exporter writes them. */
  readonly guardsNaN?: boolean;
  /** `row`: with two axes (BART's `final_logits_bias`); `batch`: with three. */
  readonly headBias?: boolean | "row" | "batch";
  /** What stands around the head, as exporters write it. */
  readonly headExtras?: boolean;
  /** `gemm`: as one operator with a bias, over rows that are put on one axis and back. */
  readonly linear?: "gemm";
  readonly bits?: 4 | 8;
  readonly zeroPoints?: boolean | "floats";
  /** bitsandbytes' 4 bits. */
  readonly bnb4?: "fp4" | "nf4";
  /** Weights in 8 bits, activations quantised on the way. */
  readonly dynamic?: DynamicWeight;
  readonly window?: number;
}

/** Width of the residual stream, of the MLP, and number of token ids. */
export const TINY = { hidden: 16, mlp: 32, vocabulary: 11 };

/** Axes of the head's bias before its last. */
const ROW_AXES = { true: [], row: [1], batch: [1, 1] };

/** A small decoder and the names a test needs. */
export interface TinyDecoder {
  readonly model: ModelProto;
  readonly layers: readonly { readonly z: string; readonly value: string; readonly y: string }[];
  /** The normed state, and the raw logits of it (before any soft cap). */
  readonly normed: string;
  readonly rawLogits: string;
}

/** Writes a decoder with random weights; inputs are inputs_embeds, mask, past.N.key and past.N.value, keep_from. */
export function tinyDecoder(options: TinyDecoderOptions): TinyDecoder {
  return new Writer(options).write();
}

class Writer {
  private readonly b = new GraphBuilder(17);
  private readonly options: Required<
    Omit<
      TinyDecoderOptions,
      "guardsNaN" | "operator" | "linear" | "outputBias" | "bits" | "bnb4" | "dynamic" | "window"
    >
  > &
    TinyDecoderOptions;
  /** The residual stream, and what is added to it next. */
  private residual = "inputs_embeds";
  private delta: { readonly tensor: string; readonly bias: string | null } | null = null;

  constructor(options: TinyDecoderOptions) {
    const defaults = {
      layers: 2,
      heads: 4,
      kvHeads: 2,
      headSize: 4,
      norm: "rms",
      mlp: "swiglu",
      block: "sequential",
    } as const;
    this.options = { ...defaults, headBias: false, headExtras: false, zeroPoints: false, ...options };
  }

  write(): TinyDecoder {
    const { b, options } = this;
    const { layers: count, style } = options;
    b.input("inputs_embeds", [1, "sequence", TINY.hidden]);
    b.input("mask", [1, 1, "sequence", "positions"]);
    const layers = Array.from({ length: count }, (_, l) => this.layer(l));
    const y = (l: number) => (l === count - 1 && style === "fused" ? "final/normed/residual_sum" : `l${l}/y`);
    const normed = this.finalNorm(count, style);
    const rawLogits = this.head(normed);
    return { model: b.model(), layers: layers.map((names, l) => ({ ...names, y: y(l) })), normed, rawLogits };
  }

  private finalNorm(layers: number, style: "fused" | "decomposed"): string {
    if (this.options.block === "post") return this.residual;
    return this.sumAndNorm("final/normed", style === "fused" ? "" : `l${layers - 1}/y`);
  }

  private layer(l: number): { z: string; value: string } {
    const { b, options } = this;
    const isPost = options.block === "post";
    const normed = isPost ? this.residual : this.sumAndNorm(`l${l}/norm1`, l === 0 ? "" : `l${l - 1}/y`);
    const value = `present.${l}.value`;
    const z = options.style === "fused" ? this.fusedAttention(l, normed) : this.attention(l, normed);
    const { kvHeads, headSize, block } = options;
    for (const kind of ["key", "value"]) {
      b.input(`past.${l}.${kind}`, [1, kvHeads, "past", headSize]);
      b.output(`present.${l}.${kind}`, [1, kvHeads, "positions", headSize]);
    }
    const attention = this.linear(`l${l}/o_proj`, z, TINY.hidden, options.heads * headSize);
    if (block === "parallel") {
      this.delta = { tensor: b.op("Add", [attention, this.mlp(l, normed)]), bias: null };
      return { z, value };
    }
    if (isPost) {
      const h = this.norm(`l${l}/norm1`, b.op("Add", [this.residual, attention]));
      this.residual = this.norm(`l${l}/y`, b.op("Add", [h, this.mlp(l, h)]));
      return { z, value };
    }
    this.delta = this.projected(l, attention);
    const between = this.sumAndNorm(`l${l}/norm2`, `l${l}/h`);
    const mlp = this.mlp(l, between);
    this.delta = { tensor: block === "sandwich" ? this.norm(`l${l}/mlp_norm`, mlp) : mlp, bias: null };
    return { z, value };
  }

  /** What the attention adds to the residual stream. */
  private projected(l: number, attention: string): { tensor: string; bias: string | null } {
    const { b, options } = this;
    const bias = options.outputBias ? b.constant(`l${l}/o_proj/bias`, [TINY.hidden]) : null;
    if (bias && options.outputBias === "skip") return { tensor: attention, bias };
    const tensor = bias ? b.op("Add", [attention, bias]) : attention;
    return {
      tensor: options.block === "sandwich" ? this.norm(`l${l}/attention_norm`, tensor) : tensor,
      bias: null,
    };
  }

  /** Adds what is due to the residual stream and norms the sum. */
  private sumAndNorm(name: string, sum: string): string {
    const { b, options } = this;
    if (!this.delta) return this.norm(name, this.residual);
    const { tensor, bias } = this.delta;
    if (options.style === "fused") {
      const operator = options.norm === "rms" ? "SkipSimplifiedLayerNormalization" : "SkipLayerNormalization";
      const inputs = [this.residual, tensor, ...this.normWeights(name), ...(bias ? [bias] : [])];
      b.node(`com.microsoft:${operator}`, inputs, sum ? [name, "", "", sum] : [name], { epsilon: 1e-3 });
      this.residual = sum;
      return name;
    }
    // Exporters put a cast without effect between a norm and the next sum.
    const skip = b.op("Cast", [this.residual], { to: BigInt(DataType.FLOAT) });
    this.residual = b.op("Add", [skip, bias ? b.op("Add", [tensor, bias]) : tensor], {}, sum);
    return this.norm(name, this.residual);
  }

  private norm(name: string, x: string): string {
    const { b, options } = this;
    const [weight = "", ...beta] = this.normWeights(name);
    const attributes = { axis: -1n, epsilon: 1e-3 };
    if (options.norm === "parts") return this.normInParts(x, weight, beta[0] ?? "", name);
    if (options.norm === "layer") return b.op("LayerNormalization", [x, weight, ...beta], attributes, name);
    if (options.style === "fused") return b.op("SimplifiedLayerNormalization", [x, weight], attributes, name);
    const wide = b.op("Cast", [x], { to: BigInt(DataType.FLOAT) });
    const square = b.op("ReduceMean", [b.op("Pow", [wide, b.scalar(2)]), b.ints(-1)], { keepdims: 1n });
    const rms = b.op("Sqrt", [b.op("Add", [square, b.scalar(1e-3)])]);
    return b.op("Mul", [weight, b.op("Mul", [wide, b.op("Reciprocal", [rms])])], {}, name);
  }

  private normInParts(x: string, weight: string, beta: string, name: string): string {
    const { b } = this;
    const mean = (t: string) => b.op("ReduceMean", [t, b.ints(-1)], { keepdims: 1n });
    const centred = b.op("Sub", [x, mean(x)]);
    const variance = mean(b.op("Pow", [centred, b.scalar(2)]));
    const unit = b.op("Div", [centred, b.op("Sqrt", [b.op("Add", [variance, b.scalar(1e-3)])])]);
    return b.op("Add", [b.op("Mul", [unit, weight]), beta], {}, name);
  }

  private normWeights(name: string): string[] {
    const weight = this.b.constant(`${name}/weight`, [TINY.hidden]);
    return this.options.norm !== "rms" ? [weight, this.b.constant(`${name}/beta`, [TINY.hidden])] : [weight];
  }

  private linear(name: string, x: string, rows: number, columns: number): string {
    const { b, options } = this;
    const { bits, zeroPoints, dynamic } = options;
    if (dynamic) return dynamicLayer(b, x, name, [columns, rows], dynamic);
    if (options.linear === "gemm") return this.gemm(name, x, rows, columns);
    if (options.bnb4) return bnb4Layer(b, x, name, { rows, columns, block: 16, kind: options.bnb4 });
    if (bits) return nBitsLayer(b, x, name, { bits, rows, blocks: columns / 16, zeroPoints });
    return b.op("MatMul", [x, b.constant(`${name}/w`, [columns, rows])], {}, name);
  }

  private gemm(name: string, x: string, rows: number, columns: number): string {
    const { b } = this;
    const sizes = b.op("Concat", [b.op("Shape", [x], { end: 2n }), b.ints(rows)], { axis: 0n });
    const weight = b.constant(`${name}/w`, [rows, columns]);
    const inputs = [b.op("Reshape", [x, b.ints(-1, columns)]), weight, b.constant(`${name}/bias`, [rows])];
    return b.op("Reshape", [b.op("Gemm", inputs, { transB: 1n }), sizes], {}, name);
  }

  private mlp(l: number, x: string): string {
    const { b, options } = this;
    const inner = (name: string, width = TINY.mlp) => this.linear(`l${l}/${name}`, x, width, TINY.hidden);
    const down = (t: string) => this.linear(`l${l}/down`, t, TINY.hidden, TINY.mlp);
    if (options.mlp === "gelu") {
      const up = b.op("Add", [inner("fc1"), b.constant(`l${l}/fc1/bias`, [TINY.mlp])]);
      return b.op("Add", [
        b.constant(`l${l}/fc2/bias`, [TINY.hidden]),
        down(b.op("Gelu", [up], { approximate: "tanh" })),
      ]);
    }
    const [gate, up] =
      options.mlp === "gateUp"
        ? this.gateUp(l, inner("gate_up", 2 * TINY.mlp))
        : [inner("gate"), inner("up")];
    return down(b.op("Mul", [b.op("Mul", [gate, b.op("Sigmoid", [gate])]), up]));
  }

  private gateUp(l: number, both: string): [string, string] {
    const parts: [string, string] = [`l${l}/gate`, `l${l}/up`];
    this.b.node("Split", [both, this.b.ints(TINY.mlp, TINY.mlp)], parts, { axis: -1n });
    return parts;
  }

  private projections(l: number, x: string): [string, string, string] {
    const { heads, kvHeads, headSize } = this.options;
    const project = (name: string, count: number) =>
      this.linear(`l${l}/${name}`, x, count * headSize, TINY.hidden);
    return [project("q", heads), project("k", kvHeads), project("v", kvHeads)];
  }

  private fusedAttention(l: number, x: string): string {
    const { heads, kvHeads, window } = this.options;
    const outputs = [`l${l}/z`, `present.${l}.key`, `present.${l}.value`];
    const inputs = [...this.projections(l, x), `past.${l}.key`, `past.${l}.value`];
    if (this.options.operator === "MultiHeadAttention") {
      const [q = "", k = "", v = "", ...past] = inputs;
      const all = [q, k, v, "", "", "mask", ...past];
      this.b.node("com.microsoft:MultiHeadAttention", all, outputs, { num_heads: BigInt(heads) });
      return `l${l}/z`;
    }
    if (this.options.operator === "Attention") {
      const [q = "", k = "", v = "", ...past] = inputs;
      const counts = { q_num_heads: BigInt(heads), kv_num_heads: BigInt(kvHeads) };
      this.b.node("Attention", [q, k, v, "mask", ...past], outputs, counts);
      return `l${l}/z`;
    }
    this.b.node("com.microsoft:GroupQueryAttention", inputs, outputs, {
      num_heads: BigInt(heads),
      kv_num_heads: BigInt(kvHeads),
      local_window_size: BigInt(window ?? -1),
    });
    return `l${l}/z`;
  }

  private attention(l: number, x: string): string {
    const { b, options } = this;
    const { heads, kvHeads, headSize } = options;
    const groups = heads / kvHeads;
    const byHead = (t: string, count: number) =>
      b.op("Transpose", [b.op("Reshape", [t, b.ints(0, 0, count, headSize)])], { perm: [0n, 2n, 1n, 3n] });
    const cached = (t: string, kind: string) =>
      b.op("Concat", [`past.${l}.${kind}`, byHead(t, kvHeads)], { axis: 2n }, `present.${l}.${kind}`);
    const repeated = (t: string) =>
      groups === 1
        ? t
        : b.op("Reshape", [
            b.op("Expand", [b.op("Unsqueeze", [t, b.ints(2)]), b.ints(1, 1, groups, 1, 1)]),
            b.ints(0, heads, -1, headSize),
          ]);
    const [q, k, v] = this.projections(l, x);
    const [keys, values] = [repeated(cached(k, "key")), repeated(cached(v, "value"))];
    const scores = b.op("MatMul", [byHead(q, heads), b.op("Transpose", [keys], { perm: [0n, 1n, 3n, 2n] })]);
    const weights = b.op(
      "Softmax",
      [b.op("Add", [b.op("Mul", [scores, b.scalar(0.3)]), "mask"])],
      { axis: -1n },
      `l${l}/softmax`,
    );
    const kept = options.guardsNaN
      ? b.op("Where", [b.op("IsNaN", [weights]), b.scalar(0), weights])
      : weights;
    const mixed = b.op("MatMul", [b.op("Cast", [kept], { to: BigInt(DataType.FLOAT) }), values]);
    return b.op(
      "Reshape",
      [b.op("Transpose", [mixed], { perm: [0n, 2n, 1n, 3n] }), b.ints(0, 0, -1)],
      {},
      `l${l}/z`,
    );
  }

  private head(normed: string): string {
    const { b, options } = this;
    const { headBias, headExtras } = options;
    let x = normed;
    if (headExtras) {
      const from = b.input("keep_from", [1], DataType.INT64);
      x = b.op("Cast", [b.op("Slice", [x, from, b.ints(2 ** 40), b.ints(1)])], {
        to: BigInt(DataType.FLOAT),
      });
    }
    let raw = this.linear("lm_head", x, TINY.vocabulary, TINY.hidden);
    if (headBias) {
      const head = headExtras ? b.op("Cast", [raw], { to: BigInt(DataType.FLOAT) }) : raw;
      raw = b.op("Add", [b.constant("lm_head/bias", [...ROW_AXES[`${headBias}`], TINY.vocabulary]), head]);
    }
    const capped = headExtras
      ? b.op("Mul", [b.op("Tanh", [b.op("Div", [raw, b.scalar(30)])]), b.scalar(30)])
      : raw;
    b.op("Cast", [capped], { to: BigInt(DataType.FLOAT) }, "logits");
    b.output("logits", [1, "rows", TINY.vocabulary]);
    return raw;
  }
}
