import type { ByteSource, ModelFolder } from "../../src/core/onnx/index.js";

/** A model folder whose files are byte arrays, for tests. */
export function memoryFolder(files: Readonly<Record<string, Uint8Array>>): ModelFolder {
  const byName = new Map(Object.entries(files));
  return {
    open: (name) => {
      const bytes = byName.get(name);
      return bytes === undefined ? undefined : memorySource(bytes);
    },
  };
}

/** A byte source over an array that, like a file, refuses ranges outside of it. */
export function memorySource(bytes: Uint8Array): ByteSource {
  return {
    size: bytes.length,
    read: (offset, length) => {
      if (offset < 0 || length < 0 || offset + length > bytes.length) {
        throw new RangeError(`${offset}+${length} of ${bytes.length}`);
      }
      return new Uint8Array(bytes.subarray(offset, offset + length));
    },
  };
}
