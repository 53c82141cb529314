import type { AttributionInput } from "../../src/core/attribution/types.js";

/** A small repeatable generator of numbers in [0, 1) (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Random signed gradients of a prompt `special text image*6 text special` and four answer tokens, the last a stop. */
export function randomAttributionInput(seed: number): AttributionInput {
  const random = seededRandom(seed);
  const [tokens, layers, heads, promptLength] = [4, 3, 2, 11];
  const positions = promptLength + tokens - 1;
  const row = (token: number) =>
    Array.from({ length: positions }, (_, j) => (j <= promptLength - 1 + token ? random() * 4 - 2 : 0));
  const rows = (count: number) =>
    Float32Array.from({ length: tokens }, () => 0).reduce<number[]>((all, _, token) => {
      for (let index = 0; index < count; index++) all.push(...row(token));
      return all;
    }, []);
  return {
    layers,
    heads,
    gradient: Float32Array.from(rows(layers * heads)),
    gradientReferenceLast: Float32Array.from(rows(heads)),
    imagePositions: Int32Array.of(2, 3, 4, 5, 6, 7),
    promptLength,
    kinds: [
      "special",
      "text",
      "image",
      "image",
      "image",
      "image",
      "image",
      "image",
      "text",
      "text",
      "special",
    ],
    stops: [false, false, false, true],
  };
}
