/** One row per position of some tensor of the forward pass, side by side with the others in one output. */
export interface Tap {
  /** Name of the tensor in the canonical graph. */
  readonly tensor: string;
  /** Values per row. */
  readonly width: number;
  /** Whether it is [S, width] in the forward pass, and not [1, S, width]. */
  readonly flat: boolean;
}

/** The taps of a decoder, in the order in which they lie in a row of the tap output. */
export class Taps {
  private readonly list: Tap[] = [];

  add(tensor: string, width: number, flat = false): void {
    if (!this.list.some((tap) => tap.tensor === tensor)) this.list.push({ tensor, width, flat });
  }

  get all(): readonly Tap[] {
    return this.list;
  }

  /** Values per row of the tap output. */
  get width(): number {
    return this.list.reduce((sum, tap) => sum + tap.width, 0);
  }
}

/** Name of the decoder output with the taps, float32 [1, rows, width]. Must not begin with `present` (transformers.js takes that for cache). */
export const TAP_OUTPUT = "dexar_taps";
