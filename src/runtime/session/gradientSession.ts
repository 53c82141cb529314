import { Tensor, type InferenceSession } from "onnxruntime-node";
import { GRADIENT_IO } from "../../core/instrument/gradientIo.js";

/** dA of a batch of tokens. K tokens, L layers, H heads, P cached positions at the time of the batch. */
export interface GradientBatch {
  readonly positions: number;
  /** Of each layer [K, H, P]; columns beyond a token's own position are not meaningful. */
  readonly layers: readonly Float32Array[];
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
    const read = (name: string) => (result[name] as Tensor).data as Float32Array;
    return {
      positions: result[GRADIENT_IO.referenceLast]?.dims.at(-1) ?? 0,
      layers: this.valueNames.map((_, layer) => read(GRADIENT_IO.gradient(layer))),
      referenceLast: read(GRADIENT_IO.referenceLast),
      lens: read(GRADIENT_IO.lens),
    };
  }

  release(): Promise<void> {
    return this.session.release();
  }
}
