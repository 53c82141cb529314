import { closeSync, openSync, writeSync } from "node:fs";
import { basename } from "node:path";
import { create, DataLocation, TensorProtoSchema, tensorByteLength } from "../../core/onnx/index.js";
import type { DataType, TensorProto } from "../../core/onnx/index.js";

/** Each tensor begins on a cache line. */
const ALIGNMENT = 64;

/** A tensor to be: its name, type and shape. */
export interface TensorShape {
  readonly name: string;
  readonly dataType: DataType;
  readonly dims: readonly number[];
}

/** Where the tensors of a graph go. */
export interface TensorSink {
  /** Takes the pieces of one tensor and returns the reference to them, for a graph in the same folder. */
  append(shape: TensorShape, pieces: Iterable<ArrayBufferView>): TensorProto;
}

/** A file of external data that tensors are streamed to, one after the other. */
export class TensorFile implements TensorSink {
  private readonly file: number;
  private position = 0;

  /** @param path where the file is written; one that is there is overwritten */
  constructor(private readonly path: string) {
    this.file = openSync(path, "w");
  }

  /** Writes the pieces of one tensor and returns the reference to them, for a graph in the same folder. */
  append({ name, dataType, dims }: TensorShape, pieces: Iterable<ArrayBufferView>): TensorProto {
    const padding = (ALIGNMENT - (this.position % ALIGNMENT)) % ALIGNMENT;
    this.write(new Uint8Array(padding));
    const offset = this.position;
    for (const piece of pieces) this.write(piece);
    const length = this.position - offset;
    const range = { location: basename(this.path), offset, length };
    const tensor = create(TensorProtoSchema, {
      name,
      dataType,
      dims: dims.map(BigInt),
      dataLocation: DataLocation.EXTERNAL,
      externalData: Object.entries(range).map(([key, value]) => ({ key, value: String(value) })),
    });
    if (length !== tensorByteLength(tensor)) throw new RangeError(`${name}: ${length} bytes written`);
    return tensor;
  }

  close(): void {
    closeSync(this.file);
  }

  private write(piece: ArrayBufferView): void {
    const bytes = new Uint8Array(piece.buffer, piece.byteOffset, piece.byteLength);
    for (let done = 0; done < bytes.length;) done += writeSync(this.file, bytes, done);
    this.position += bytes.length;
  }
}
