import { float16ToNumber, numberToFloat16 } from "../tensor/float16.js";
import { deflate, inflate, joinBytes } from "./deflate.js";
import { fromBase64, toBase64 } from "./packArrays.js";

/** An array in the text; its bytes lie behind the text, in the order of the arrays. `f16`: multiples of `unit`. */
type PlacedArray =
  | { readonly $array: "f16"; readonly length: number; readonly unit: number }
  | { readonly $array: "i32"; readonly length: number };

/** Bytes that a text may unpack to: many times what the largest run needs. */
const MOST_BYTES = 128 * 1024 * 1024;
const LINE_END = 10;

/**
 * Plain data as a short text (base64): numbers of a Float32Array keep 11 significant bits, relative to the largest of
 * their array; those of an Int32Array and of the JSON are exact.
 * @param change what stands in place of a value, by its key; undefined leaves it out
 */
export async function packRounded(
  value: unknown,
  change: (key: string, entry: unknown) => unknown,
): Promise<string> {
  const arrays: Uint8Array[] = [];
  const place = (key: string, entry: unknown): unknown => {
    const kept = change(key, entry);
    if (kept instanceof Float32Array) {
      const unit = largest(kept);
      arrays.push(bytePlanes(Uint16Array.from(kept, (number) => numberToFloat16(number / unit))));
      return { $array: "f16", length: kept.length, unit } satisfies PlacedArray;
    }
    if (!(kept instanceof Int32Array)) return kept;
    arrays.push(bytePlanes(kept));
    return { $array: "i32", length: kept.length } satisfies PlacedArray;
  };
  const text = new TextEncoder().encode(`${JSON.stringify(value, place)}\n`);
  return toBase64(await deflate(joinBytes([text, ...arrays])));
}

/**
 * The inverse of `packRounded`, with Float32Array for the rounded numbers; the caller knows the shape.
 * @throws when the text is damaged, or unpacks to more than any run needs
 */
export async function unpackRounded(text: string): Promise<unknown> {
  const bytes = await inflate(fromBase64(text), MOST_BYTES);
  const end = bytes.indexOf(LINE_END);
  let rest = bytes.subarray(end + 1);
  const take = (length: number): Uint8Array => {
    if (!(length >= 0 && length <= rest.length)) throw new RangeError("An array is not all there.");
    const taken = rest.subarray(0, length);
    rest = rest.subarray(length);
    return taken;
  };
  return JSON.parse(new TextDecoder().decode(bytes.subarray(0, end)), (_key, entry: unknown) => {
    if (!isPlaced(entry)) return entry;
    switch (entry.$array) {
      case "f16": {
        const { length, unit } = entry;
        return Float32Array.from(fromPlanes(take(2 * length), 2), (bits) => float16ToNumber(bits) * unit);
      }
      case "i32":
        return fromPlanes(take(4 * entry.length), 4);
    }
  });
}

function isPlaced(entry: unknown): entry is PlacedArray {
  return typeof entry === "object" && entry !== null && "$array" in entry;
}

/** The largest size of a number; 1 where there is none to divide by. */
function largest(values: Float32Array): number {
  let most = 0;
  for (const value of values) if (Number.isFinite(value)) most = Math.max(most, Math.abs(value));
  return most || 1;
}

/** The lowest byte of all values, then the next: what is alike lies together, which packs better. */
function bytePlanes(values: Uint16Array | Int32Array): Uint8Array {
  const planes = new Uint8Array(values.byteLength);
  for (let plane = 0; plane < values.BYTES_PER_ELEMENT; plane += 1)
    for (const [index, value] of values.entries())
      planes[plane * values.length + index] = value >> (8 * plane);
  return planes;
}

function fromPlanes(planes: Uint8Array, bytesPerValue: 2 | 4): Int32Array {
  const values = new Int32Array(planes.length / bytesPerValue);
  for (let plane = 0; plane < bytesPerValue; plane += 1)
    for (const index of values.keys())
      values[index] = (values[index] ?? 0) | ((planes[plane * values.length + index] ?? 0) << (8 * plane));
  return values;
}
