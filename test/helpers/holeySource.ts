import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import type { ByteSource } from "../../src/core/onnx/index.js";

/** Stretches of a file: bytes, or a number of zeros that take no memory. */
export type Stretch = Uint8Array | number;

/** A length-delimited protobuf field around stretches, of any length. */
export function field(fieldNumber: number, content: readonly Stretch[]): Stretch[] {
  const header = new BinaryWriter().tag(fieldNumber, WireType.LengthDelimited).uint64(sizeOf(content));
  return [header.finish(), ...content];
}

/** A byte source of stretches that counts what is read. */
export function holeySource(stretches: readonly Stretch[]): ByteSource & { bytesRead(): number } {
  let total = 0;
  return {
    size: sizeOf(stretches),
    bytesRead: () => total,
    read: (offset, length) => {
      total += length;
      return readStretches(stretches, offset, length);
    },
  };
}

function readStretches(
  stretches: readonly Stretch[],
  offset: number,
  length: number,
): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(length);
  let start = 0;
  for (const stretch of stretches) {
    if (typeof stretch !== "number") {
      const from = Math.max(0, offset - start);
      const part = stretch.subarray(from, Math.max(from, offset + length - start));
      if (part.length > 0) bytes.set(part, start + from - offset);
    }
    start += sizeOf([stretch]);
  }
  return bytes;
}

function sizeOf(stretches: readonly Stretch[]): number {
  return stretches.reduce((size: number, s) => size + (typeof s === "number" ? s : s.length), 0);
}
