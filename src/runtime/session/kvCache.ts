import { DynamicCache, Tensor } from "@huggingface/transformers";
import type { InferenceSession, Tensor as OrtTensor } from "onnxruntime-node";

type Outputs = InferenceSession.OnnxValueMapType;
/** float32, or float16 as its bits. */
type CacheData = Float32Array | Uint16Array;

const PRESENT = "present";

/** The cache as transformers.js takes it for another answer (`past_key_values`). */
export type PastKeyValues = InstanceType<typeof DynamicCache>;

/** The cache among a decoder's outputs: [1, KV heads, positions, head width] each. */
export function cacheOf(outputs: Outputs): Outputs {
  return Object.fromEntries(Object.entries(outputs).filter(([name]) => name.startsWith(PRESENT)));
}

/** Positions that a cache holds; 0 for none. */
export function cachedPositions(cache: Outputs): number {
  return Object.values(cache).find(holdsPositions)?.dims[2] ?? 0;
}

/** Whether the first positions of a cache can be taken out of it: the state of a convolution is that of its end alone. */
export function canBeCut(cache: Outputs): boolean {
  return Object.values(cache).every(holdsPositions);
}

function holdsPositions({ dims }: OrtTensor): boolean {
  return dims.length === 4;
}

export function cacheBytes(cache: Outputs): number {
  const bytes = ({ type, size }: OrtTensor): number => size * (type === "float16" ? 2 : 4);
  return Object.values(cache).reduce((sum, value) => sum + bytes(value), 0);
}

/** A copy of the first `length` positions, to go on from there. */
export function firstPositions(cache: Outputs, length: number): PastKeyValues {
  const entries = Object.entries(cache).map(([name, value]) => {
    const { type, dims } = value;
    const source = dataOf(value);
    const [batch = 1, heads = 1, positions = 0, width = 0] = dims;
    const rows = batch * heads;
    const cut = source.slice(0, rows * length * width);
    for (let row = 0; row < rows; row++) {
      const from = row * positions * width;
      cut.set(source.subarray(from, from + length * width), row * length * width);
    }
    const tensor = new Tensor(type, cut, [batch, heads, length, width]);
    return [name.replace(PRESENT, "past_key_values"), tensor] as const;
  });
  return new DynamicCache(Object.fromEntries(entries));
}

function dataOf(value: OrtTensor): CacheData {
  return value.data as CacheData;
}
