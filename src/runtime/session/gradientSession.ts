import { Tensor, type InferenceSession } from "onnxruntime-node";
import { GRADIENT_IO } from "../../core/instrument/gradientIo.js";

/** dA of a batch of tokens. K tokens, L layers, H heads, P cached positions at the time of the batch. */
export interface GradientBatch {
  readonly positions: number;
  /** [K, L, H, P]; columns beyond a token's own position are not meaningful. */
  readonly gradient: Float32Array;
  /** [K, H, P] */
  readonly referenceLast: Float32Array;
  /** [K, L] */
  readonly lens: Float32Array;
}

/** Runs the gradient model over tapped rows and the cache a decoder step left. */
export class GradientSession {
  /**
   * @param valueNames the decoder's value-cache outputs, by layer
   * @param width values per tapped row
   */
  constructor(
    private readonly session: InferenceSession,
    private readonly valueNames: readonly string[],
    private readonly width: number,
  ) {}

  async run(
    taps: Float32Array,
    targets: readonly number[],
    outputs: InferenceSession.OnnxValueMapType,
  ): Promise<GradientBatch> {
    const feeds: Record<string, Tensor> = {
      [GRADIENT_IO.taps]: new Tensor("float32", taps, [1, targets.length, this.width]),
      [GRADIENT_IO.targets]: new Tensor("int64", BigInt64Array.from(targets, BigInt), [targets.length]),
    };
    this.valueNames.forEach((name, layer) => (feeds[GRADIENT_IO.value(layer)] = outputs[name] as Tensor));
    const result = await this.session.run(feeds);
    const read = (name: string) => result[name] as Tensor;
    const gradient = read(GRADIENT_IO.gradient);
    return {
      positions: gradient.dims[3] as number,
      gradient: gradient.data as Float32Array,
      referenceLast: read(GRADIENT_IO.referenceLast).data as Float32Array,
      lens: read(GRADIENT_IO.lens).data as Float32Array,
    };
  }

  release(): Promise<void> {
    return this.session.release();
  }
}
