import { closeSync, openSync, readSync, rmSync, writeSync } from "node:fs";
import { ENGINE_COSTS } from "../../core/memory/engineCosts.js";
import { temporaryName } from "../files/writeFileAtomically.js";
import type { CapturedBatch } from "./capture.js";

/**
 * Keeps the gradients of a growing answer: the first in memory, the others in a file, so that memory does not grow with
 * a long answer. What the file does not take (no room, no permission) stays in memory too: whoever writes the run later
 * says what is wrong there.
 */
export class GradientSpool {
  private inMemory = 0;
  /** Null where none could be made, undefined before it is needed. */
  private file: number | null | undefined;
  private end = 0;

  /**
   * @param besides a file in the folder where the gradients may lie meanwhile
   * @param maxInMemory bytes
   */
  constructor(
    private readonly besides: string,
    private readonly maxInMemory: number = ENGINE_COSTS.gradientsInMemory,
  ) {}

  /** The same batch, whose gradients are read from the file each time they are asked for. */
  readonly keep = (batch: CapturedBatch): CapturedBatch => {
    const bytes = batch.gradient.byteLength + batch.referenceLast.byteLength;
    if (this.inMemory + bytes <= this.maxInMemory) {
      this.inMemory += bytes;
      return batch;
    }
    const gradient = this.store(batch.gradient);
    const referenceLast = gradient && this.store(batch.referenceLast);
    if (!referenceLast) return batch;
    const { first, count, positions, lens } = batch;
    return {
      ...{ first, count, positions, lens },
      get gradient() {
        return gradient();
      },
      get referenceLast() {
        return referenceLast();
      },
    };
  };

  /** Gives the file's room back; what was kept in it cannot be read any more. */
  dispose(): void {
    if (typeof this.file === "number") closeSync(this.file);
    this.file = null;
  }

  /** Writes values to the file and returns what reads them; null when it does not take them. */
  private store(values: Float32Array): (() => Float32Array) | null {
    const file = (this.file ??= openUnseen(temporaryName(this.besides)));
    const start = this.end;
    if (file === null) return null;
    const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
    try {
      for (let done = 0; done < bytes.length;) {
        done += writeSync(file, bytes, done, bytes.length - done, start + done);
      }
    } catch {
      return null;
    }
    this.end = start + bytes.length;
    const { length } = values;
    return () => this.load(start, length);
  }

  private load(start: number, length: number): Float32Array {
    const values = new Float32Array(length);
    const bytes = new Uint8Array(values.buffer);
    if (typeof this.file !== "number") throw new RangeError("the gradients are gone");
    for (let done = 0; done < bytes.length;) {
      const count = readSync(this.file, bytes, done, bytes.length - done, start + done);
      if (count === 0) throw new RangeError("the file of the gradients is cut off");
      done += count;
    }
    return values;
  }
}

/** Opens a new file that has no name any more: whatever happens, nothing is left behind. Null where none can be made. */
function openUnseen(path: string): number | null {
  try {
    const file = openSync(path, "wx+");
    rmSync(path, { force: true });
    return file;
  } catch {
    return null;
  }
}
