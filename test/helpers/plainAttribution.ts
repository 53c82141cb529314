import type { AttributionSettings } from "../../src/core/attribution/settings.js";
import type { AttributionInput } from "../../src/core/attribution/types.js";

/** The method written down naively over nested arrays, independent of the product's code: the tests' oracle. */
export function plainAttribution(input: AttributionInput, settings: AttributionSettings) {
  const { layers: L, heads: H, promptLength: S, stops, kinds } = input;
  const T = stops.length;
  const P = S + T - 1;
  const reference = settings.preset === "reference";
  const range = (n: number) => [...Array(n).keys()];
  const relu = (x: number) => Math.max(x, 0);
  const image = [...input.imagePositions];
  const end = (image.at(-1) ?? 0) + 1;

  const G = range(T).map((t) =>
    range(L).map((l) =>
      range(H).map((h) =>
        range(P).map((j) =>
          relu(
            reference && l === L - 1
              ? (input.gradientReferenceLast?.[(t * H + h) * P + j] ?? NaN)
              : (input.gradient[((t * L + l) * H + h) * P + j] ?? NaN),
          ),
        ),
      ),
    ),
  );

  const inTextSet = (j: number) => {
    const set = settings.textSet;
    if (typeof set === "object") return set.positions.includes(j);
    if (set === "prompt") return j < S;
    if (set === "generated") return j >= S;
    if (set === "no-special") return j < S ? kinds[j] !== "special" : !stops[j - S];
    return true;
  };
  const isText = (t: number, j: number) => {
    if (image.includes(j) || j > S - 1 + t || !inTextSet(j)) return false;
    if (!reference || typeof settings.textSet === "object") return true;
    // prompt after the image from end + 1, then the last t + 1 positions of the prefix
    return j < end || j >= end + 1 || j >= S - 1;
  };
  const scoreOf = (values: number[]) => {
    if (values.length === 0) return 0;
    const sorted = [...values].sort((a, b) => b - a);
    const { score } = settings;
    const k =
      score.kind === "max" ? 1 : score.kind === "mean" ? sorted.length : Math.min(score.k, sorted.length);
    return sorted.slice(0, k).reduce((a, b) => a + b, 0) / k;
  };

  const [from, to] = settings.layers;
  const inRange = (l: number) => l >= from && l < to;
  const imageScore = G.map((token) =>
    token.map((layer) => layer.map((g) => scoreOf(image.map((j) => g[j] ?? NaN)))),
  );
  const textScore = G.map((token, t) =>
    token.map((layer) => layer.map((g) => scoreOf(g.filter((_, j) => isText(t, j))))),
  );
  const weight = range(T).map((t) =>
    range(L).map((l) =>
      range(H).map((h) => {
        if (!inRange(l)) return 0;
        const w = relu((imageScore[t]?.[l]?.[h] ?? NaN) - (textScore[t]?.[l]?.[h] ?? NaN));
        const override = settings.overrides.find((o) => o.layer === l && o.head === h);
        if (override?.decision === "drop") return 0;
        return override?.decision === "keep" && w === 0 ? (imageScore[t]?.[l]?.[h] ?? NaN) : w;
      }),
    ),
  );
  const sumMap = (t: number, w: (l: number, h: number) => number) =>
    image.map((j) => {
      let sum = 0;
      for (const l of range(L))
        for (const h of range(H)) if (inRange(l)) sum += w(l, h) * (G[t]?.[l]?.[h]?.[j] ?? NaN);
      return sum;
    });
  const E = range(T).map((t) => sumMap(t, (l, h) => weight[t]?.[l]?.[h] ?? NaN));
  const U = range(T).map((t) => sumMap(t, () => 1));
  const highest = (scores: number[][]) => Math.max(0, ...scores.filter((_, l) => inRange(l)).flat());
  const delta = range(T).map((t) => relu(highest(imageScore[t] ?? []) - highest(textScore[t] ?? [])));

  const minMax = (map: number[]) => {
    const low = Math.min(...map);
    const high = Math.max(...map);
    return map.map((x) => (high > low ? (x - low) / (high - low) : 0));
  };
  // The published code's common min-max over every gradient in the range; the text side is already scored.
  const every = G.flatMap((token) => token.filter((_, l) => inRange(l)).flat()).flatMap((g) =>
    image.map((j) => g[j] ?? NaN),
  );
  const low = Math.min(...every);
  const high = Math.max(...every);
  const rescale = (t: number, w: (l: number, h: number) => number) =>
    image.map((j) => {
      let sum = 0;
      for (const l of range(L))
        for (const h of range(H))
          if (inRange(l)) sum += (w(l, h) * ((G[t]?.[l]?.[h]?.[j] ?? NaN) - low)) / (high - low);
      return sum;
    });
  const counts = (t: number) => (stops[t] && !settings.includeStop ? 0 : 1);
  const addUp = (maps: number[][], w: (t: number) => number) =>
    image.map((_, n) => maps.reduce((sum, map, t) => sum + w(t) * counts(t) * (map[n] ?? NaN), 0));

  const tokenMaps = reference ? range(T).map((t) => rescale(t, (l, h) => weight[t]?.[l]?.[h] ?? NaN)) : E;
  const unfiltered = reference ? range(T).map((t) => rescale(t, () => 1)) : U;
  return {
    scoreImage: imageScore.flat(2),
    scoreText: textScore.flat(2),
    headWeight: weight.flat(2),
    tokenWeight: delta,
    tokenHeatmap: (reference ? tokenMaps.map(minMax) : E).flat(),
    tokenHeatmapUnfiltered: (reference ? unfiltered.map(minMax) : U).flat(),
    sequenceHeatmap: reference
      ? minMax(addUp(tokenMaps, (t) => delta[t] ?? NaN))
      : addUp(E.map(minMax), (t) => delta[t] ?? NaN),
    sequenceHeatmapUnfiltered: reference ? minMax(addUp(unfiltered, () => 1)) : addUp(U.map(minMax), () => 1),
  };
}
