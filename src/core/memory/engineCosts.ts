/**
 * What Node, ONNX Runtime 1.30 and this engine take beside the numbers of the model, found by measuring the bench
 * shapes (docs/benchmark.md); the benchmark compares each estimate with what it measures.
 */
export const ENGINE_COSTS = {
  /** Private bytes of a model process before the decoder is opened. */
  process: 60e6,
  /** Of its tokenizer, for each entry of the vocabulary. */
  perEntry: 550,
  /** Mapped bytes of Node, ONNX Runtime and sharp. */
  programs: 74e6,
  /** Private bytes of a session for each node of its graph. */
  perNode: 12e3,
  /** Bytes of one logit of the prompt: in float32 in ORT's arena, and in the output that is handed to JavaScript. */
  perLogit: 8,
  /** The part of it that is freed once the prompt is done. */
  perLogitFreed: 4,
  /** Copies of the cache that are in use: what a step gets and what it gives. */
  cacheCopies: 2,
  /** Copies of earlier steps that wait for the collector, which comes when they take so many bytes. */
  waitingCaches: { most: 4, bytes: 150e6 },
  /** Rows of each width that live at once while a block of the decoder runs, and of the vision encoder. */
  liveRows: { mlp: 3, hidden: 5, attention: 2 },
  liveVisionRows: { mlp: 2, hidden: 3 },
  /** Attention matrices [H, S, P] that live at once where attention is not fused. */
  scoreCopies: 2,
  /** Private bytes of the gradient model beside the numbers it makes, and of each layer in it. */
  gradientModel: 12e6,
  perGradientLayer: 450e3,
  /** Copies of a batch's gradients: in ORT's arena, as the output handed to JavaScript, and what is kept of that. */
  batchCopies: 3,
  /** Copies of the answer's gradients when it is finished: of one batch, and of several, which are joined. */
  gradientCopies: { oneBatch: 1, batches: 2 },
  /** Bytes of an answer's gradients that stay in memory where those beyond go to a file. */
  gradientsInMemory: 64e6,
} as const;
