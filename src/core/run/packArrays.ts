/** `i16`: an Int32Array whose values are small, in half the space. */
type PackedArray = { readonly $array: "f32" | "i32" | "i16"; readonly base64: string };

/** JSON text of plain data in which Float32Array and Int32Array become base64; `<` is escaped, so it may stand in HTML. */
export function packArrays(value: unknown): string {
  const pack = (_key: string, entry: unknown): unknown => {
    if (entry instanceof Float32Array)
      return { $array: "f32", base64: toBase64(entry) } satisfies PackedArray;
    if (entry instanceof Int32Array) return packIntegers(entry);
    return entry;
  };
  return JSON.stringify(value, pack).replaceAll("<", "\\u003c");
}

function packIntegers(values: Int32Array): PackedArray {
  const small = values.every((value) => value === (value << 16) >> 16);
  return small
    ? { $array: "i16", base64: toBase64(Int16Array.from(values)) }
    : { $array: "i32", base64: toBase64(values) };
}

/** The inverse of `packArrays`; the caller knows the shape. */
export function unpackArrays(text: string): unknown {
  return JSON.parse(text, (_key, entry: unknown) => {
    if (!isPacked(entry)) return entry;
    const { buffer } = fromBase64(entry.base64);
    switch (entry.$array) {
      case "f32":
        return new Float32Array(buffer);
      case "i32":
        return new Int32Array(buffer);
      case "i16":
        return Int32Array.from(new Int16Array(buffer));
    }
  });
}

function isPacked(entry: unknown): entry is PackedArray {
  return typeof entry === "object" && entry !== null && "$array" in entry;
}

/** The bytes of an array as base64. */
export function toBase64(array: Float32Array | Int32Array | Int16Array | Uint8Array): string {
  const bytes = new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
  const chunk = 0x6000; // a multiple of 3, so that the pieces can be joined, and below the argument limit
  let text = "";
  for (let start = 0; start < bytes.length; start += chunk) {
    text += btoa(String.fromCharCode(...bytes.subarray(start, start + chunk)));
  }
  return text;
}

/**
 * The bytes that base64 stands for.
 * @throws when it is not base64
 */
export function fromBase64(base64: string): Uint8Array<ArrayBuffer> {
  const text = atob(base64);
  const bytes = new Uint8Array(text.length);
  for (let index = 0; index < text.length; index += 1) bytes[index] = text.charCodeAt(index);
  return bytes;
}
