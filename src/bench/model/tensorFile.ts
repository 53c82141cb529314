import { createWriteStream } from "node:fs";
import { basename } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { create, DataLocation, TensorProtoSchema, tensorByteLength } from "../../core/onnx/index.js";
import type { DataType, TensorProto } from "../../core/onnx/index.js";

/** Each tensor begins on a cache line. */
const ALIGNMENT = 64;
/** Bytes that wait for the disk at most. */
const WAITING = 1 << 22;

/** A tensor to be: its name, type and shape. */
export interface TensorShape {
  readonly name: string;
  readonly dataType: DataType;
  readonly dims: readonly number[];
}

interface PlacedTensor {
  readonly name: string;
  readonly offset: number;
  readonly length: number;
  readonly pieces: Iterable<ArrayBufferView>;
}

/** A file of external data: tensors get their places first, and are streamed there when it is written. */
export class TensorFile {
  private readonly tensors: PlacedTensor[] = [];

  /** @param path where the file will be; nothing is written yet */
  constructor(private readonly path: string) {}

  /** Size of the file with all tensors so far. */
  get bytes(): number {
    const last = this.tensors.at(-1);
    return last === undefined ? 0 : last.offset + last.length;
  }

  /**
   * Adds a tensor and returns the reference to it, for a graph in the same folder.
   * @param pieces its bytes, taken when the file is written
   */
  append({ name, dataType, dims }: TensorShape, pieces: Iterable<ArrayBufferView>): TensorProto {
    const offset = Math.ceil(this.bytes / ALIGNMENT) * ALIGNMENT;
    const tensor = create(TensorProtoSchema, {
      ...{ name, dataType, dims: dims.map(BigInt) },
      dataLocation: DataLocation.EXTERNAL,
    });
    const length = tensorByteLength(tensor);
    this.tensors.push({ name, offset, length, pieces });
    const range = { location: basename(this.path), offset, length };
    for (const [key, value] of Object.entries(range)) {
      tensor.externalData.push({ $typeName: "onnx.StringStringEntryProto", key, value: String(value) });
    }
    return tensor;
  }

  /**
   * Writes the file, over one that is there; little of it is in memory at a time.
   * @param onBytes told how much has been made
   * @throws the signal's AbortError when it aborts
   */
  async write(signal: AbortSignal, onBytes: (bytes: number) => void): Promise<void> {
    const file = createWriteStream(this.path, { highWaterMark: WAITING });
    await pipeline(Readable.from(this.content(onBytes)), file, { signal });
  }

  private *content(onBytes: (bytes: number) => void): Generator<Uint8Array> {
    let position = 0;
    for (const { name, offset, length, pieces } of this.tensors) {
      if (offset > position) yield new Uint8Array(offset - position);
      position = offset;
      for (const { buffer, byteOffset, byteLength } of pieces) {
        yield new Uint8Array(buffer, byteOffset, byteLength);
        position += byteLength;
        onBytes(position);
      }
      if (position !== offset + length) throw new RangeError(`${name}: ${position - offset} bytes written`);
    }
  }
}
