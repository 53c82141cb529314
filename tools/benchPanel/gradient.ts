import type { Random } from "../scenes/random.js";
import type { RunShape } from "./syntheticRun.js";

/** Of the heads, how many care more for text than for the picture: the filter drops about these. */
const TEXT_HEADS = 0.6;

/**
 * Signed gradients [T, L, H, P] as models have them: most near 0 with a long tail, heads of very different strength,
 * each token with a place in the picture that some heads look at, zeros beyond the causal limit.
 */
export function fillGradient(
  { tokens, layers, heads, columns, rows }: RunShape,
  promptLength: number,
  imagePositions: Int32Array,
  random: Random,
): Float32Array {
  const positions = promptLength + tokens - 1;
  const first = imagePositions[0] ?? 0;
  const last = imagePositions.at(-1) ?? -1;
  const gradient = new Float32Array(tokens * layers * heads * positions);
  for (let token = 0; token < tokens; token++) {
    const bump = makeBump(columns, rows, random);
    for (let row = 0; row < layers * heads; row++) {
      const start = (token * layers * heads + row) * positions;
      const strength = 0.02 * Math.exp(random.between(-2, 2));
      const text = random.next() < TEXT_HEADS ? 3 : 0.4;
      for (let position = 0; position < promptLength + token; position++) {
        const isImage = position >= first && position <= last;
        const factor = isImage ? 0.3 + (bump[position - first] ?? 0) : text;
        gradient[start + position] = strength * factor * longTailed(random);
      }
    }
  }
  return gradient;
}

/** -1 to 1, half of them below 0.02 in size. */
function longTailed(random: Random): number {
  const size = 0.01 / (0.01 + random.next());
  return random.next() < 0.5 ? -size : size;
}

/** A round place of the picture, 0 to 4 [N]. */
function makeBump(columns: number, rows: number, random: Random): Float32Array {
  const [x, y] = [random.between(0, columns), random.between(0, rows)];
  const radius = random.between(2, 8);
  return new Float32Array(columns * rows).map((_, cell) => {
    const [dx, dy] = [(cell % columns) - x, Math.floor(cell / columns) - y];
    return 4 * Math.exp(-(dx * dx + dy * dy) / (radius * radius));
  });
}
