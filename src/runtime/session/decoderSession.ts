import { setImmediate as nextTurn } from "node:timers/promises";
import { Tensor, type InferenceSession } from "onnxruntime-node";
import { TAP_FROM_INPUT, TAP_OUTPUT } from "../../core/instrument/taps.js";
import { lastRows } from "./lastRows.js";

type Values = InferenceSession.OnnxValueMapType;

/** What one forward step leaves behind. */
export interface DecoderStep {
  /** Tapped rows of the last positions, [rows, width]; null when the decoder is not tapped. */
  readonly taps: Float32Array | null;
  /** Logits of the last positions, [rows, vocabulary]. */
  readonly logits: Float32Array;
  /** The decoder's outputs: the cache lives here until the next step. */
  readonly outputs: Values;
}

/** Listens to the steps of one answer. */
export interface StepListener {
  /** How many positions at the end of each forward pass matter. */
  readonly rows: number;
  /** Awaited before each forward pass, while the previous step's outputs are still alive. */
  beforeStep(): Promise<void>;
  onStep(step: DecoderStep): void;
}

/**
 * A decoder session as transformers.js expects it. It hides the tap input and output, reports every step to the
 * listener, and lets the event loop turn between steps so that cancel is heard (`session.run` blocks it).
 */
export class DecoderSession {
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
  /** transformers.js reads dtype and device from here. */
  readonly config: { readonly dtype: string; readonly device: string };
  listener: StepListener | null = null;
  private readonly tapped: boolean;

  constructor(
    private readonly session: InferenceSession,
    dtype: string,
    device: string,
  ) {
    this.tapped = session.outputNames.includes(TAP_OUTPUT);
    this.inputNames = session.inputNames.filter((name) => name !== TAP_FROM_INPUT);
    this.outputNames = session.outputNames.filter((name) => name !== TAP_OUTPUT);
    this.config = { dtype, device };
  }

  get inputMetadata(): readonly InferenceSession.ValueMetadata[] {
    return this.session.inputMetadata.filter(({ name }) => name !== TAP_FROM_INPUT);
  }

  async run(feeds: Values): Promise<Values> {
    await nextTurn();
    await this.listener?.beforeStep();
    const rows = this.listener?.rows ?? 1;
    const from = new Tensor("int64", BigInt64Array.of(BigInt(-rows)), [1]);
    const { [TAP_OUTPUT]: taps, ...outputs } = await this.session.run(
      this.tapped ? { ...feeds, [TAP_FROM_INPUT]: from } : feeds,
    );
    this.listener?.onStep({
      taps: taps ? (taps.data as Float32Array) : null,
      logits: lastRows(outputs["logits"] as Tensor, rows),
      outputs,
    });
    return outputs;
  }

  release(): Promise<void> {
    return this.session.release();
  }
}
