/** A small seeded random number generator, so that a seed names a scene forever. */

export interface Random {
  /** Uniform in [0, 1). */
  next(): number;
  /** Uniform in [low, high). */
  between(low: number, high: number): number;
  /** Uniform integer in [low, high], both included. */
  integer(low: number, high: number): number;
  /** One of the items. */
  pick<T>(items: readonly T[]): T;
  /** The items in random order, in a new array. */
  shuffle<T>(items: readonly T[]): T[];
}

/** mulberry32: 32 bits of state, one multiplication-xor round a number. */
function mulberry32(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** Makes a generator; neighbouring seeds are spread first so that their scenes do not resemble each other. */
export function createRandom(seed: number): Random {
  const next = mulberry32(Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b));
  const integer = (low: number, high: number): number => low + Math.floor(next() * (high - low + 1));
  const pick = <T>(items: readonly T[]): T => {
    const item = items[integer(0, items.length - 1)];
    if (item === undefined) throw new Error("pick: empty list");
    return item;
  };
  return {
    next,
    integer,
    pick,
    between: (low, high) => low + next() * (high - low),
    shuffle: (items) => shuffled(items, integer),
  };
}

function shuffled<T>(items: readonly T[], integer: (low: number, high: number) => number): T[] {
  const keyed = items.map((item) => ({ item, key: integer(0, 0x3fffffff) }));
  return keyed.sort((a, b) => a.key - b.key).map((entry) => entry.item);
}
