import type { AttributionSettings, Preset } from "./settings.js";
import type { StoredAttribution, TokenGradient } from "./types.js";

/**
 * Which heads are asked what a token rests on, on picture and text alike: `all` of the layer range, weighing 1;
 * `image`: those that DEX-AR's filter keeps, with its weights; `text`: those whose text wins, with the mirrored ones.
 */
export type SourceHeads = "all" | "image" | "text";

/** All choices, the default first. */
export const SOURCE_HEADS: readonly SourceHeads[] = ["all", "image", "text"];

/** What a token rests on, position by position of the sequence. */
export interface Sources {
  /** Parts of the whole positive gradient [P]: they sum to 1, or are all 0 where there is none. */
  readonly share: Float32Array;
  /** The gradient with both signs, in parts of the same whole [P]: negative where looking speaks against the token. */
  readonly net: Float32Array;
}

/** What head weights are made from. */
export interface WeightSource {
  readonly attribution: Pick<StoredAttribution, "scoreImage" | "scoreText" | "headWeight">;
  readonly settings: Pick<AttributionSettings, "layers" | "overrides">;
  /** L */
  readonly layers: number;
  /** H */
  readonly heads: number;
}

/** The weights [L, H] of one token's heads under a choice, 0 outside the layer range. */
export function sourceWeights(source: WeightSource, token: number, choice: SourceHeads): Float32Array {
  const { attribution, settings, layers, heads } = source;
  const [from, to] = settings.layers;
  const size = layers * heads;
  const start = token * size;
  const inRange = (weight: (head: number) => number): Float32Array =>
    Float32Array.from({ length: size }, (_, head) =>
      head >= from * heads && head < to * heads ? weight(head) : 0,
    );
  switch (choice) {
    case "all":
      return inRange(() => 1);
    case "image":
      return inRange((head) => attribution.headWeight[start + head] ?? 0);
    case "text": {
      const { scoreImage, scoreText } = attribution;
      const forced = new Map(
        settings.overrides.map(({ layer, head, decision }) => [layer * heads + head, decision]),
      );
      return inRange((head) => {
        const text = scoreText[start + head] ?? 0;
        const weight = Math.max(text - (scoreImage[start + head] ?? 0), 0);
        const decision = forced.get(head);
        if (decision === undefined) return weight;
        return decision === "drop" ? 0 : weight || text;
      });
    }
  }
}

/**
 * What one token rests on: `sum over l, i of w · max(dA, 0)` at every position, picture and text, over the sum of it
 * all. With `all` and `image` heads its values at the image positions are the token's map (Eq. 5), unfiltered and
 * filtered, up to that factor.
 * @param row the token's gradients; under `reference` the last layer is that of the authors' published code
 * @param weights [L, H]
 */
export function tokenSources(
  row: TokenGradient,
  weights: Float32Array,
  heads: number,
  preset: Preset,
): Sources {
  const positions = row.gradient.length / weights.length;
  const positive = new Float64Array(positions);
  const net = new Float64Array(positions);
  const firstOfLast = weights.length - heads;
  for (const [head, weight] of weights.entries()) {
    if (weight === 0) continue;
    const last = preset === "reference" && head >= firstOfLast ? row.gradientReferenceLast : null;
    const start = (last ? head - firstOfLast : head) * positions;
    const values = last ?? row.gradient;
    for (let position = 0; position < positions; position++) {
      const value = weight * (values[start + position] ?? 0);
      net[position] = (net[position] ?? 0) + value;
      if (value > 0) positive[position] = (positive[position] ?? 0) + value;
    }
  }
  const whole = positive.reduce((sum, value) => sum + value, 0);
  const part = (value: number): number => (whole > 0 ? value / whole : 0);
  return { share: Float32Array.from(positive, part), net: Float32Array.from(net, part) };
}

/** What an answer rests on: the mean over its tokens that have a gradient at all, each counting the same. */
export function meanSources(sources: readonly Sources[], positions: number): Sources {
  const counted = sources.filter(({ share }) => share.some((value) => value > 0));
  const mean = (pick: (one: Sources) => Float32Array): Float32Array => {
    const sum = new Float64Array(positions);
    for (const one of counted)
      for (const [position, value] of pick(one).entries()) sum[position] = (sum[position] ?? 0) + value;
    return Float32Array.from(sum, (value) => value / Math.max(1, counted.length));
  };
  return { share: mean(({ share }) => share), net: mean(({ net }) => net) };
}

/** Sum of the shares at some positions; of all of them it is 1, or 0 where there is no gradient. */
export function shareOf({ share }: Sources, positions: Iterable<number>): number {
  let sum = 0;
  for (const position of positions) sum += share[position] ?? 0;
  return sum;
}
