import { DexarError } from "../errors.js";
import { float16ToNumber } from "./float16.js";

/** Number types of the .npy arrays written here, little endian. */
export type NpyType = "<f4" | "<i4" | "<i8";

/** A decoded array in C order; float16 and float32 become Float32Array, int32 and int64 Int32Array. */
export interface NpyArray {
  readonly shape: readonly number[];
  readonly data: Float32Array | Int32Array;
}

const MAGIC = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];
const PREFIX_BYTES = 10;
/** Numpy aligns the data to this, so that it can be mapped. */
const ALIGNMENT = 64;
/** Bytes of a value. */
export const ITEM_BYTES = { "<f2": 2, "<f4": 4, "<i4": 4, "<i8": 8 } as const;
/** What a version 1 header can take at most, prefix included. */
export const NPY_MAX_HEADER_BYTES = PREFIX_BYTES + 0xffff;
export const NPY_MAX_ITEM_BYTES = 8;

/**
 * The bytes before the values of an .npy array, version 1.0, C order.
 * @param length how many values follow
 * @throws DexarError `bad-array` when the shape does not hold so many
 */
export function npyHeader(type: NpyType, shape: readonly number[], length: number): Uint8Array {
  if (product(shape) !== length)
    throw new DexarError(
      "bad-array",
      `An array of shape [${shape.join(", ")}] cannot hold ${length} values.`,
      "This is a bug in the program that made the array: please report it.",
    );
  const dimensions = shape.length === 1 ? `${shape[0]},` : shape.join(", ");
  const text = `{'descr': '${type}', 'fortran_order': False, 'shape': (${dimensions}), }`;
  const headerBytes = Math.ceil((PREFIX_BYTES + text.length + 1) / ALIGNMENT) * ALIGNMENT;
  const header = new Uint8Array(headerBytes);
  header.set(MAGIC);
  new DataView(header.buffer).setUint16(6, 1, true);
  new DataView(header.buffer).setUint16(8, headerBytes - PREFIX_BYTES, true);
  header.set(new TextEncoder().encode(`${text.padEnd(headerBytes - PREFIX_BYTES - 1)}\n`), PREFIX_BYTES);
  return header;
}

/** The bytes of the values: a view of the data, of a copy for int64. */
export function npyValues(type: NpyType, data: Float32Array | Int32Array): Uint8Array {
  const values = type === "<i8" ? widen(data) : data;
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}

/** Encodes an array as .npy. @throws those of {@link npyHeader} */
export function encodeNpy(
  type: NpyType,
  shape: readonly number[],
  data: Float32Array | Int32Array,
): Uint8Array {
  const header = npyHeader(type, shape, data.length);
  const values = npyValues(type, data);
  const bytes = new Uint8Array(header.length + values.length);
  bytes.set(header);
  bytes.set(values, header.length);
  return bytes;
}

/**
 * Decodes an .npy array; its sizes are checked before anything is allocated.
 * @param name what the error calls it
 * @throws DexarError `npy-damaged`
 */
export function decodeNpy(bytes: Uint8Array, name: string): NpyArray {
  const { type, shape, start } = readHeader(bytes, name);
  const count = product(shape);
  if (count * ITEM_BYTES[type] !== bytes.length - start)
    throw damaged(
      name,
      `its shape (${shape.join(", ")}) does not fit its ${bytes.length - start} bytes of data`,
    );
  switch (type) {
    case "<f4":
      return { shape, data: new Float32Array(ownBuffer(bytes, start), 0, count) };
    case "<i4":
      return { shape, data: new Int32Array(ownBuffer(bytes, start), 0, count) };
    case "<f2":
      return {
        shape,
        data: Float32Array.from(new Uint16Array(ownBuffer(bytes, start), 0, count), float16ToNumber),
      };
    case "<i8":
      return { shape, data: narrow(new Int32Array(ownBuffer(bytes, start), 0, 2 * count), name) };
  }
}

interface NpyHeader {
  readonly type: keyof typeof ITEM_BYTES;
  readonly shape: number[];
  readonly start: number;
}

function readHeader(bytes: Uint8Array, name: string): NpyHeader {
  if (bytes.length < PREFIX_BYTES || MAGIC.some((byte, index) => bytes[index] !== byte))
    throw damaged(name, "it does not begin like an .npy file");
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.getUint8(6) !== 1) throw damaged(name, `it has .npy version ${view.getUint8(6)}, not 1`);
  const start = PREFIX_BYTES + view.getUint16(8, true);
  if (start > bytes.length) throw damaged(name, "its header is cut off");
  const text = new TextDecoder().decode(bytes.subarray(PREFIX_BYTES, start));
  const type = Object.keys(ITEM_BYTES).find((known) => known === /'descr': *'([^']*)'/.exec(text)?.[1]);
  if (type === undefined) throw damaged(name, "its number type is none of float16, float32, int32, int64");
  if (!/'fortran_order': *False/.test(text)) throw damaged(name, "its values are not in C order");
  const dimensions = /'shape': *\(([\d, ]*)\)/.exec(text)?.[1];
  if (dimensions === undefined) throw damaged(name, "its header names no shape");
  const shape = dimensions
    .split(",")
    .filter((part) => part.trim() !== "")
    .map(Number);
  if (!shape.every(Number.isSafeInteger)) throw damaged(name, "its shape is not made of whole numbers");
  return { type: type as NpyHeader["type"], shape, start };
}

/** The data in a buffer of its own: typed arrays cannot begin at any byte. */
function ownBuffer(bytes: Uint8Array, start: number): ArrayBuffer {
  return Uint8Array.from(bytes.subarray(start)).buffer;
}

function widen(data: Float32Array | Int32Array): Int32Array {
  const pairs = new Int32Array(data.length * 2);
  for (const [index, value] of data.entries()) {
    pairs[2 * index] = value;
    pairs[2 * index + 1] = value < 0 ? -1 : 0;
  }
  return pairs;
}

function narrow(pairs: Int32Array, name: string): Int32Array {
  return Int32Array.from({ length: pairs.length / 2 }, (_, index) => {
    const low = pairs[2 * index] ?? 0;
    if (pairs[2 * index + 1] !== (low < 0 ? -1 : 0))
      throw damaged(name, `its value ${index} needs more than 32 bits`);
    return low;
  });
}

function product(shape: readonly number[]): number {
  return shape.reduce((count, size) => count * size, 1);
}

function damaged(name: string, what: string): DexarError {
  return new DexarError(
    "npy-damaged",
    `${name} cannot be read: ${what}.`,
    "Write the array again, for example with numpy.save and one of these types, in C order.",
  );
}
