import { setImmediate as nextTurn } from "node:timers/promises";
import { Tensor, type InferenceSession } from "onnxruntime-node";
import { ROWS_FROM_INPUT } from "../../core/instrument/lastRows.js";
import { TAP_OUTPUT } from "../../core/instrument/taps.js";
import { constantCaches } from "./constantCache.js";
import { freeDeviceTensors, keepDeviceTensors } from "./deviceTensors.js";
import { lastRows } from "./lastRows.js";
import type { Runnable } from "./runnable.js";

type Values = InferenceSession.OnnxValueMapType;

/** The input of newer exports that says for how many positions, from the end, logits are wanted. */
const LOGITS_TO_KEEP = "num_logits_to_keep";

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
  /** Whether it gives the rows that matter alone. */
  private readonly takesRows: boolean;
  /** The last step's outputs, until they are freed or somebody else's. */
  private last: Values = {};

  constructor(
    private readonly session: Runnable,
    dtype: string,
    device: string,
  ) {
    this.takesRows = session.inputNames.includes(ROWS_FROM_INPUT);
    this.inputNames = session.inputNames.filter((name) => name !== ROWS_FROM_INPUT);
    this.outputNames = session.outputNames.filter((name) => name !== TAP_OUTPUT);
    this.config = { dtype, device };
  }

  get inputMetadata(): readonly InferenceSession.ValueMetadata[] {
    return this.session.inputMetadata.filter(({ name }) => name !== ROWS_FROM_INPUT);
  }

  async run(feeds: Values): Promise<Values> {
    await nextTurn();
    await this.listener?.beforeStep();
    const rows = this.listener?.rows ?? 1;
    const { [TAP_OUTPUT]: taps, ...written } = await this.session.run({ ...feeds, ...this.rowFeeds(rows) });
    const constant = constantCaches(feeds, written);
    const outputs = { ...written, ...constant };
    // Another cache that was taken in is in the outputs now, with the new positions.
    const stays = new Set(Object.values(constant));
    keepDeviceTensors(stays);
    freeDeviceTensors(Object.values(feeds).filter((tensor) => !stays.has(tensor)));
    freeDeviceTensors(Object.keys(constant).flatMap((name) => written[name] ?? []));
    this.last = outputs;
    this.listener?.onStep({
      taps: taps ? (taps.data as Float32Array) : null,
      logits: lastRows(outputs["logits"] as Tensor, rows),
      outputs,
    });
    // transformers.js puts its own tensors in place of these; caches it has already it would free as not its own.
    return Object.fromEntries(Object.entries(outputs).filter(([name]) => !(name in constant)));
  }

  /** Asks for the last `rows` positions: transformers.js would take one of them, or all. */
  private rowFeeds(rows: number): Values {
    const scalar = (value: number, dims: number[]) =>
      new Tensor("int64", BigInt64Array.of(BigInt(value)), dims);
    return {
      ...(this.takesRows && { [ROWS_FROM_INPUT]: scalar(-rows, [1]) }),
      ...(this.inputNames.includes(LOGITS_TO_KEEP) && { [LOGITS_TO_KEEP]: scalar(rows, []) }),
    };
  }

  /** Leaves the last step's cache to the caller. */
  handOver(): void {
    this.last = {};
  }

  /** Frees what the last step's cache takes of a device's memory. */
  freeCache(): void {
    freeDeviceTensors(Object.values(this.last));
    this.last = {};
  }

  release(): Promise<void> {
    this.freeCache();
    return this.session.release();
  }
}
