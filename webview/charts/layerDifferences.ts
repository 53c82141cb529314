import type { LayerDifference } from "../../src/core/compare/compareSides.js";

/** One layer's column: its share in A and in B above, B minus A below. In pixels of the chart. */
export interface LayerDifferenceColumn {
  readonly layer: number;
  readonly x: number;
  readonly width: number;
  /** Heights above the foot. */
  readonly a: number;
  readonly b: number;
  /** Above 0: B has more. */
  readonly difference: number;
}

/** Sizes of the whole chart. */
export interface LayerDifferencesLayout {
  readonly width: number;
  readonly height: number;
  readonly left: number;
  readonly step: number;
  /** y of the foot of the shares, and of the line of no difference. */
  readonly shareBase: number;
  readonly differenceBase: number;
  /** Full height of a share, and of a difference on either side. */
  readonly rooms: { readonly share: number; readonly difference: number };
  readonly most: { readonly share: number; readonly difference: number };
  readonly columns: readonly LayerDifferenceColumn[];
  /** Layers whose number is written below. */
  readonly labelled: readonly number[];
}

const LEFT = 46;
const SHARES = 64;
const DIFFERENCES = 34;
const TOP = 6;
const GAP = 12;
const FOOT = 18;

/** Lays the layers out over `width` pixels; shares have one scale, differences another one, the same on both sides of 0. */
export function layoutLayerDifferences(
  layers: readonly LayerDifference[],
  width: number,
): LayerDifferencesLayout {
  const step = Math.min(44, (width - LEFT) / Math.max(1, layers.length));
  const most = {
    share: Math.max(0, ...layers.map(({ a, b }) => Math.max(a, b))),
    difference: Math.max(0, ...layers.map(({ a, b }) => Math.abs(b - a))),
  };
  const tall = (value: number, of: number, room: number): number => (of > 0 ? (room * value) / of : 0);
  const shareBase = TOP + SHARES;
  const differenceBase = shareBase + GAP + DIFFERENCES;
  const every = Math.ceil(28 / step);
  return {
    width: Math.max(width, LEFT + 1),
    height: differenceBase + DIFFERENCES + FOOT,
    left: LEFT,
    step,
    shareBase,
    differenceBase,
    rooms: { share: SHARES, difference: DIFFERENCES },
    most,
    columns: layers.map(({ layer, a, b }, index) => ({
      layer,
      x: LEFT + index * step,
      width: Math.max(1, step - Math.min(6, step * 0.25)),
      a: tall(a, most.share, SHARES),
      b: tall(b, most.share, SHARES),
      difference: tall(b - a, most.difference, DIFFERENCES),
    })),
    labelled: layers.filter((_, index) => index % every === 0).map(({ layer }) => layer),
  };
}
