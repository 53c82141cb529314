import type { LoadedVlm } from "../model/loadModel.js";
import type { DecoderStep } from "../session/decoderSession.js";
import type { GradientSession } from "../session/gradientSession.js";

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
  readonly batches: CapturedBatch[] = [];
  private readonly rows: Float32Array[] = [];
  private readonly targets: number[] = [];
  private outputs: DecoderStep["outputs"] = {};
  private done = 0;

  constructor(
    private readonly session: GradientSession,
    private readonly shape: CaptureShape & { readonly promptLength: number },
    private readonly every: number,
    private readonly onBatch: (batch: CapturedBatch) => void,
  ) {}

  /** A forward step: its tapped rows [rows, width] belong to the next tokens. */
  addStep(step: DecoderStep, rows: number): void {
    const taps = step.taps ?? new Float32Array();
    const width = taps.length / rows;
    for (let row = 0; row < rows; row++) this.rows.push(taps.slice(row * width, (row + 1) * width));
    this.outputs = step.outputs;
  }

  /** The token chosen after the oldest row without one. */
  addTarget(id: number): void {
    this.targets.push(id);
  }

  /** Explains full batches; with `all`, whatever has both row and token. Needs the last step's cache. */
  async explain(all = false): Promise<void> {
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
      this.batches.push(batch);
      this.onBatch(batch);
    }
  }

  /** Cuts the columns the batch cannot attend to: the cache may hold positions after a token's own. */
  private trim(count: number, result: Awaited<ReturnType<GradientSession["run"]>>): CapturedBatch {
    const { promptLength, heads, windows } = this.shape;
    const first = this.done;
    const positions = promptLength + first + count - 1;
    const copy = (source: Float32Array, layers: readonly (number | null)[]) => {
      const target = new Float32Array(count * layers.length * heads * positions);
      for (let row = 0; row < count * layers.length * heads; row++) {
        const token = Math.floor(row / (layers.length * heads));
        const window = layers[Math.floor(row / heads) % layers.length] ?? null;
        const end = promptLength + first + token;
        const begin = window === null ? 0 : Math.max(0, end - window);
        const from = row * result.positions;
        target.set(source.subarray(from + begin, from + end), row * positions + begin);
      }
      return target;
    };
    return {
      first,
      count,
      positions,
      gradient: copy(result.gradient, windows),
      referenceLast: copy(result.referenceLast, windows.slice(-1)),
      lens: result.lens,
    };
  }
}

/** One array [T, rows, P] from batches whose own arrays have fewer positions; missing positions are zero. */
export function joinBatches(
  batches: readonly CapturedBatch[],
  part: "gradient" | "referenceLast",
  rows: number,
  positions: number,
): Float32Array {
  const tokens = batches.reduce((sum, batch) => sum + batch.count, 0);
  const joined = new Float32Array(tokens * rows * positions);
  let at = 0;
  for (const batch of batches) {
    for (let row = 0; row < batch.count * rows; row++, at += positions) {
      joined.set(batch[part].subarray(row * batch.positions, (row + 1) * batch.positions), at);
    }
  }
  return joined;
}
