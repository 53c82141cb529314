/** What the weights of one graph become when ONNX Runtime opens it on the CPU. All in bytes. */
export interface GraphWeights {
  /** As they are stored, by ONNX element type: `FLOAT`, `FLOAT16`, `UINT8` (4-bit codes), … */
  readonly byType: Readonly<Record<string, number>>;
  /** Copied into private memory: weights of products in ORT's own layout, and what is not in a file of its own. */
  readonly private: number;
  /** Read where the file is mapped. */
  readonly mapped: number;
  /** Private memory that is only needed while the session is opened. */
  readonly whileLoading: number;
}

/** What the memory of a decoder's work depends on. */
export interface DecoderSize {
  readonly style: "fused" | "decomposed";
  readonly layers: number;
  readonly heads: number;
  readonly kvHeads: number;
  readonly headSize: number;
  /** Width of the residual stream. */
  readonly hidden: number;
  /** Width of the widest linear layer inside a block: the MLP's. */
  readonly widest: number;
  readonly vocabulary: number;
  /** Nodes of the graph. */
  readonly nodes: number;
  /** Bytes of a number of the cache: 4, or 2 in half precision. */
  readonly cacheBytes: 2 | 4;
  /** Whether the prompt's logits are computed for its last position alone. */
  readonly lastLogitsOnly: boolean;
  /** Values per tapped row. */
  readonly tapWidth: number;
  /** Bytes of one layer's weights that the gradient model unpacks to float32 while it runs; 0 for float32. */
  readonly unpackedLayer: number;
}

/** Vision encoder as its configuration describes it: a transformer over square patches. */
export interface VisionSize {
  /** Pixels of a patch's side. */
  readonly patch: number;
  /** Patches of one picture or tile; null where they are as many as the picture's tokens need. */
  readonly patches: number | null;
  /** Patches that are merged into one image token. */
  readonly merged: number;
  readonly hidden: number;
  readonly mlp: number;
  readonly heads: number;
}

/** All that is known of a model's memory without loading it. */
export interface ModelMemory {
  readonly decoder: DecoderSize;
  /** Null where the configuration does not say. */
  readonly vision: VisionSize | null;
  readonly weights: {
    readonly decoder: GraphWeights;
    /** The decoder as it is opened for explaining: nothing lies inside the graph. */
    readonly tappedDecoder: GraphWeights;
    /** Mapped bytes of the decoder's file that the gradient model reads. */
    readonly gradient: number;
    /** With the text encoder, where the model has one. */
    readonly visionEncoder: GraphWeights;
    readonly tokenEmbedding: GraphWeights;
  };
}

/** The answer whose memory is estimated. */
export interface AnswerSize {
  /** All positions of the prompt, those of the image included. */
  readonly promptTokens: number;
  readonly imageTokens: number;
  readonly answerTokens: number;
  /** Tokens explained together; null: nothing is explained. */
  readonly captureEvery: number | null;
  /** Whether the answer is given and goes through the decoder with the prompt. */
  readonly forced: boolean;
  /** Whether the gradients of a long answer lie in a file until the run is written; absent: no. */
  readonly spooled?: boolean;
}

/** When memory is at a peak, in order. */
export const MOMENTS = ["loading", "prompt", "answer", "saving"] as const;
export type Moment = (typeof MOMENTS)[number];

/** Bytes at each moment. */
export type ByMoment = Readonly<Record<Moment, number>>;

/** What private memory is for. */
export const MEMORY_PARTS = [
  "process",
  "weights",
  "image",
  "activations",
  "logits",
  "cache",
  "taps",
  "gradientModel",
  "gradients",
] as const;
export type MemoryPart = (typeof MEMORY_PARTS)[number];

/** The memory that a model process will take for an answer, in bytes. */
export interface MemoryEstimate {
  /** Largest private memory. */
  readonly privatePeak: number;
  readonly peakAt: Moment;
  /** Most that is read of mapped files: weights, programs. The system can drop and reread it. */
  readonly mapped: number;
  /** Private memory at each moment, and what it is for; the parts add up. */
  readonly moments: ByMoment;
  readonly parts: Readonly<Record<MemoryPart, ByMoment>>;
}
