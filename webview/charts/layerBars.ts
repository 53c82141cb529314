import * as l10n from "@vscode/l10n";
import { formatNumber, formatShare } from "../../src/core/run/formatNumber.js";

/** One layer's part in a map. */
export interface LayerPart {
  readonly layer: number;
  /** Share of the map's mass that comes from this layer, 0 to 1; null without gradient. */
  readonly share: number | null;
  /** Largest S_img and S_text among the layer's heads. */
  readonly image: number;
  readonly text: number;
  /** Kept heads, averaged over the tokens. */
  readonly kept: number;
  /** False when the layer range leaves it out. */
  readonly inRange: boolean;
}

/** A bar from `y` downwards, in pixels of the chart. */
export interface Bar {
  readonly y: number;
  readonly height: number;
}

/** One layer's column: its share above, S_img and S_text mirrored below. */
export interface LayerColumn {
  readonly part: LayerPart;
  readonly x: number;
  readonly width: number;
  readonly share: Bar;
  readonly image: Bar;
  readonly text: Bar;
}

/** Sizes of the whole chart. */
export interface LayerBarsLayout {
  readonly width: number;
  readonly height: number;
  /** Where the columns begin, and the distance between two. */
  readonly left: number;
  readonly step: number;
  /** y of the foot of the shares; null without shares. */
  readonly shareBase: number | null;
  /** y of the line between S_img and S_text. */
  readonly scoreBase: number;
  readonly columns: readonly LayerColumn[];
  /** Full height of a share, and of a score. */
  readonly rooms: { readonly share: number; readonly score: number };
  /** Layers whose number is written below. */
  readonly labelled: readonly number[];
  /** The largest values, at full height. */
  readonly most: { readonly share: number; readonly score: number };
}

const LEFT = 42;
const SHARES = 64;
const SCORES = 34;
const GAP = 12;
const TOP = 6;
const FOOT = 18;

/** Lays the layers out as columns over `width` pixels; shares and scores each have one scale. */
export function layoutLayerBars(parts: readonly LayerPart[], width: number): LayerBarsLayout {
  const step = Math.min(40, (width - LEFT) / Math.max(1, parts.length));
  const thickness = Math.max(1, step - Math.min(6, step * 0.25));
  const shares = parts.some((part) => part.share !== null);
  const shareBase = shares ? TOP + SHARES : null;
  const scoreBase = (shareBase === null ? TOP : shareBase + GAP) + SCORES;
  const most = {
    share: Math.max(0, ...parts.map((part) => part.share ?? 0)),
    score: Math.max(0, ...parts.map((part) => Math.max(part.image, part.text))),
  };
  const tall = (value: number, of: number, room: number): number => (of > 0 ? (room * value) / of : 0);
  const columns = parts.map((part, index): LayerColumn => {
    const share = tall(part.share ?? 0, most.share, SHARES);
    const image = tall(part.image, most.score, SCORES);
    return {
      part,
      x: LEFT + index * step,
      width: thickness,
      share: { y: (shareBase ?? 0) - share, height: share },
      image: { y: scoreBase - image, height: image },
      text: { y: scoreBase, height: tall(part.text, most.score, SCORES) },
    };
  });
  const every = Math.ceil(28 / step);
  return {
    width: Math.max(width, LEFT + 1),
    height: scoreBase + SCORES + FOOT,
    left: LEFT,
    step,
    shareBase,
    scoreBase,
    columns,
    rooms: { share: SHARES, score: SCORES },
    labelled: parts.filter((_, index) => index % every === 0).map((part) => part.layer),
    most,
  };
}

/** The layer under a horizontal place of the chart; the nearest one beside them. */
export function layerAt({ left, step, columns }: LayerBarsLayout, x: number): number {
  return Math.min(columns.length - 1, Math.max(0, Math.floor((x - left) / step)));
}

/** One sentence about a layer, for the read-out and screen readers. */
export function describeLayer(part: LayerPart): string {
  const scores = [formatNumber(part.image), formatNumber(part.text)];
  if (!part.inRange)
    return l10n.t(
      "L{0}: outside the layer range, best S_img {1}, best S_text {2}",
      part.layer,
      scores[0] ?? "",
      scores[1] ?? "",
    );
  const kept = formatNumber(part.kept);
  if (part.share === null)
    return l10n.t(
      "L{0}: best S_img {1}, best S_text {2}, {3} heads kept",
      part.layer,
      scores[0] ?? "",
      scores[1] ?? "",
      kept,
    );
  return l10n.t(
    "L{0}: {1} of the map, best S_img {2}, best S_text {3}, {4} heads kept",
    part.layer,
    formatShare(part.share),
    scores[0] ?? "",
    scores[1] ?? "",
    kept,
  );
}
