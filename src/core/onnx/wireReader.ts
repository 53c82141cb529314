import { WireType } from "@bufbuild/protobuf/wire";
import type { ByteSource } from "./byteSource.js";
import { onnxError } from "./onnxErrors.js";
import type { OnnxErrorCode } from "./onnxErrors.js";

/** Small, because after every skipped tensor a new window is read. */
const WINDOW_BYTES = 4096;
const MAX_FIELD_NUMBER = 2 ** 29 - 1;

/** Reads protobuf's wire format from a file through a small window, so that skipped bytes are never read. */
export class WireReader {
  /** Byte offset in the file of what is read next. */
  position = 0;
  private window = new Uint8Array(0);
  private windowStart = 0;

  /**
   * @param source the file
   * @param fileName how messages name it
   */
  constructor(
    readonly source: ByteSource,
    readonly fileName: string,
  ) {}

  /** The next varint as a number; throws if it is longer than 10 bytes or does not end before `end`. */
  varint(end: number): number {
    let value = 0;
    for (let i = 0, unit = 1; i < 10; i++, unit *= 128) {
      if (this.position >= end) throw this.endedEarly(end, "in the middle of a number");
      const byte = this.byte();
      value += (byte & 0x7f) * unit;
      if (byte < 0x80) return value;
    }
    throw this.error("onnx-malformed", "has a number of more than 10 bytes");
  }

  /** The next field's number and wire type. */
  tag(end: number): { fieldNumber: number; wireType: WireType } {
    const tag = this.varint(end);
    const fieldNumber = Math.floor(tag / 8);
    const wireType = tag % 8;
    if (fieldNumber < 1 || fieldNumber > MAX_FIELD_NUMBER || WireType[wireType] === undefined) {
      throw this.error("onnx-malformed", `has an impossible field (number ${fieldNumber}, type ${wireType})`);
    }
    return { fieldNumber, wireType };
  }

  /** The length prefix of a field, checked to end within its message, which ends at `end`. */
  length(end: number): number {
    const length = this.varint(end);
    this.expect(length, end);
    return length;
  }

  /** Throws unless `length` more bytes fit before `end`. */
  expect(length: number, end: number): void {
    if (this.position + length > end) throw this.endedEarly(end, `where ${length} more bytes are announced`);
  }

  /** The next `length` bytes, copied. */
  bytes(length: number): Uint8Array<ArrayBuffer> {
    const start = this.position - this.windowStart;
    const inWindow = start >= 0 && start + length <= this.window.length;
    const bytes = inWindow
      ? this.window.slice(start, start + length)
      : this.source.read(this.position, length);
    this.position += length;
    return bytes;
  }

  /** Throws an error that names the file, what is wrong with it, and where. */
  error(code: OnnxErrorCode, problem: string, cause?: unknown): Error {
    return onnxError(code, `${this.fileName} ${problem} (at byte ${this.position}).`, cause);
  }

  private byte(): number {
    let index = this.position - this.windowStart;
    if (index < 0 || index >= this.window.length) {
      this.windowStart = this.position;
      this.window = this.source.read(this.position, Math.min(WINDOW_BYTES, this.source.size - this.position));
      index = 0;
    }
    this.position++;
    return this.window[index] ?? 0;
  }

  private endedEarly(end: number, where: string): Error {
    return end >= this.source.size
      ? this.error("onnx-truncated", `is cut off: it ends after ${this.source.size} bytes ${where}`)
      : this.error("onnx-malformed", `has a part that ends at byte ${end} ${where}`);
  }
}
