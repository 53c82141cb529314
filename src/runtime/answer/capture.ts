import { setImmediate as nextTurn } from "node:timers/promises";
import type { LoadedVlm } from "../model/loadModel.js";
import type { DecoderStep } from "../session/decoderSession.js";
import type { GradientBatch, GradientSession } from "../session/gradientSession.js";

/** Gradients of consecutive answer tokens. K tokens; P = prompt length + first + K - 1 positions. */
export interface CapturedBatch {
  /** Index of the first token in the answer. */
  readonly first: number;
  readonly count: number;
  readonly positions: number;
  /** Signed dA [K, L, H, P], zero beyond each token's own position and outside a layer's window. */
  readonly gradient: Float32Array;
  /** [K, H, P] */
  readonly referenceLast: Float32Array;
  /** [K, L] */
  readonly lens: Float32Array;
}

export interface CaptureShape {
  readonly layers: number;
  readonly heads: number;
  /** Sliding window of each layer, null: none. */
  readonly windows: readonly (number | null)[];
}

/** What a capture must know of a decoder. */
export function captureShape(vlm: LoadedVlm): CaptureShape {
  const { layers } = vlm.decoder.structure;
  return {
    layers: layers.length,
    heads: layers[0]?.attention.heads ?? 0,
    windows: layers.map((layer) => layer.attention.window),
  };
}

/**
 * Collects tapped rows while the decoder runs and turns them into gradients, a batch of tokens at a time. A row is
 * tapped one step before its token is chosen, so both wait here until the batch is full.
 */
export class Capture {
  /** As `take` gave them back. */
  readonly batches: CapturedBatch[] = [];
  private readonly rows: Float32Array[] = [];
  private readonly explainedRows: Float32Array[] = [];
  private readonly targets: number[] = [];
  private outputs: DecoderStep["outputs"] = {};
  /** How many tokens have their gradients. */
  done = 0;

  constructor(
    private readonly session: GradientSession,
    private readonly shape: CaptureShape & { readonly promptLength: number },
    private readonly every: number,
    private readonly take: (batch: CapturedBatch) => CapturedBatch = (batch) => batch,
  ) {}

  /** The tapped row of each token that has its gradients. */
  get rowsDone(): readonly Float32Array[] {
    return this.explainedRows;
  }

  /** The last step's outputs, the cache among them. */
  get lastOutputs(): DecoderStep["outputs"] {
    return this.outputs;
  }

  /** A forward step: its tapped rows [rows, width] belong to the next tokens. */
  addStep(step: DecoderStep, rows: number): void {
    const taps = step.taps ?? new Float32Array();
    const width = taps.length / rows;
    for (let row = 0; row < rows; row++) this.rows.push(taps.subarray(row * width, (row + 1) * width));
    this.outputs = step.outputs;
  }

  /** A row that was tapped before, with the cache of then or later. */
  addRow(row: Float32Array, cache: DecoderStep["outputs"]): void {
    this.rows.push(row);
    this.outputs = cache;
  }

  /** The token chosen after the oldest row without one. */
  addTarget(id: number): void {
    this.targets.push(id);
  }

  /**
   * Explains full batches; with `all`, whatever has both row and token. Needs the last step's cache. When `signal`
   * aborts, the batch under way is the last.
   */
  async explain(all = false, signal?: AbortSignal): Promise<void> {
    while (this.targets.length >= (all ? 1 : this.every)) {
      const count = Math.min(this.targets.length, this.every);
      const targets = this.targets.splice(0, count);
      const rows = this.rows.splice(0, count);
      const width = rows[0]?.length ?? 0;
      const taps = new Float32Array(count * width);
      rows.forEach((row, k) => taps.set(row, k * width));
      const result = await this.session.run(taps, targets, this.outputs);
      const batch = this.trim(targets.length, result);
      this.done += count;
      this.explainedRows.push(...rows);
      this.batches.push(this.take(batch));
      // Lets a cancel be heard.
      await nextTurn();
      if (signal?.aborted === true) return;
    }
  }

  /** Leaves out what a token cannot attend to, and columns after the batch's last position. */
  private trim(
    count: number,
    { layers, referenceLast, positions: given, lens }: GradientBatch,
  ): CapturedBatch {
    const { promptLength, heads, windows } = this.shape;
    const first = this.done;
    const positions = promptLength + first + count - 1;
    const causal = (sources: readonly Float32Array[], windowOf: readonly (number | null)[]) => {
      const target = new Float32Array(sources.length * count * heads * positions);
      let row = 0;
      for (let k = 0; k < count; k++) {
        const end = promptLength + first + k;
        sources.forEach((source, layer) => {
          const start = Math.max(0, end - (windowOf[layer] ?? Infinity));
          for (let head = k * heads; head < (k + 1) * heads; head++) {
            const at = head * given;
            // An encoder has the prompt's positions alone.
            const seen = source.subarray(at + start, at + Math.min(end, given));
            target.set(seen, row++ * positions + start);
          }
        });
      }
      return target;
    };
    return {
      first,
      count,
      positions,
      gradient: causal(layers, windows),
      referenceLast: causal([referenceLast], windows.slice(-1)),
      lens,
    };
  }
}

/** The gradients of several batches, as a run keeps them. */
export interface Gradients {
  /** [T, L, H, P] */
  readonly gradient: Float32Array;
  /** [T, H, P] */
  readonly gradientReferenceLast: Float32Array;
  /** [T, L] */
  readonly lensLogit: Float32Array;
}

/**
 * Puts batches together; positions that a batch did not have are zero. The list is emptied on the way, so that
 * each batch can go as soon as it is copied.
 */
export function joinBatches(
  batches: CapturedBatch[],
  { layers, heads }: Pick<CaptureShape, "layers" | "heads">,
  positions: number,
): Gradients {
  const [only] = batches;
  if (batches.length === 1 && only?.positions === positions) {
    return { gradient: only.gradient, gradientReferenceLast: only.referenceLast, lensLogit: only.lens };
  }
  const tokens = batches.reduce((sum, batch) => sum + batch.count, 0);
  const gradient = new Float32Array(tokens * layers * heads * positions);
  const gradientReferenceLast = new Float32Array(tokens * heads * positions);
  const lensLogit = new Float32Array(tokens * layers);
  const copyRows = (from: Float32Array, width: number, to: Float32Array, row: number) => {
    for (let at = 0; at < from.length; at += width, row++) {
      to.set(from.subarray(at, at + width), row * positions);
    }
  };
  const start = batches[0]?.first ?? 0;
  for (let batch = batches.shift(); batch; batch = batches.shift()) {
    const token = batch.first - start;
    copyRows(batch.gradient, batch.positions, gradient, token * layers * heads);
    copyRows(batch.referenceLast, batch.positions, gradientReferenceLast, token * heads);
    lensLogit.set(batch.lens, token * layers);
  }
  return { gradient, gradientReferenceLast, lensLogit };
}
