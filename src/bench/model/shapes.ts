/** The size of a decoder, as its published model has it. */
export interface BenchShape {
  readonly name: string;
  readonly layers: number;
  readonly hidden: number;
  readonly heads: number;
  readonly kvHeads: number;
  readonly headSize: number;
  readonly mlp: number;
  readonly vocabulary: number;
  /** Whether query, key and value projections have a bias (Qwen2). */
  readonly qkvBias: boolean;
}

/** The shapes that can be measured; the first is the one the bars are about. */
export const BENCH_SHAPES: readonly BenchShape[] = [
  {
    name: "smolvlm-256m",
    layers: 30,
    hidden: 576,
    heads: 9,
    kvHeads: 3,
    headSize: 64,
    mlp: 1536,
    vocabulary: 49_280,
    qkvBias: false,
  },
  {
    name: "smolvlm-500m",
    layers: 32,
    hidden: 960,
    heads: 15,
    kvHeads: 5,
    headSize: 64,
    mlp: 2560,
    vocabulary: 49_280,
    qkvBias: false,
  },
  {
    name: "llava-onevision-0.5b",
    layers: 24,
    hidden: 896,
    heads: 14,
    kvHeads: 2,
    headSize: 64,
    mlp: 4864,
    vocabulary: 151_936,
    qkvBias: true,
  },
  {
    name: "smolvlm-2.2b",
    layers: 24,
    hidden: 2048,
    heads: 32,
    kvHeads: 32,
    headSize: 64,
    mlp: 8192,
    vocabulary: 49_280,
    qkvBias: false,
  },
  {
    name: "llava-1.5-7b",
    layers: 32,
    hidden: 4096,
    heads: 32,
    kvHeads: 32,
    headSize: 128,
    mlp: 11_008,
    vocabulary: 32_064,
    qkvBias: false,
  },
];

/** Longest prompt and answer together that the built models take, in tokens. */
export const MAX_POSITIONS = 8192;

/** Weight types the decoder is built in, by their names in transformers.js. */
export const BENCH_DTYPES = ["fp32", "q4", "fp16", "q8", "q4f16"] as const;
export type BenchDtype = (typeof BENCH_DTYPES)[number];

/** How the decoder is written: as onnxruntime-genai's builder fuses it, or in plain operators. */
export const BENCH_STYLES = ["fused", "decomposed"] as const;
export type BenchStyle = (typeof BENCH_STYLES)[number];
