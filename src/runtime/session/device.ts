/** A device that sessions run on. */
export type SessionDevice = "cpu" | "webgpu";

/** A device that was looked at and may be used. */
export interface ReadyDevice {
  readonly name: SessionDevice;
  /** Positions that one forward pass may take in; null: any number. */
  readonly piece: number | null;
  /** Largest difference from the CPU in the self-check, relative to the largest value; null on the CPU itself. */
  readonly difference: number | null;
  /** Why it is the CPU although another device was preferred, in one sentence; null where none was. */
  readonly notice: string | null;
}

/** The device that is always there. */
export const CPU: ReadyDevice = { name: "cpu", piece: null, difference: null, notice: null };
