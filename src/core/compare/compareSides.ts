import { differenceMap, type MapDifference } from "./differenceMap.js";
import { comparedSide, type ComparedRun, type ComparedSide, type TokenChoice } from "./side.js";

/**
 * Why layers or heads cannot be compared one by one: the models have other numbers of them, a run was saved without its
 * gradient, or one answer has no counterpart of the token.
 */
export type NotComparable = "other-count" | "no-gradient" | "no-counterpart";

/** One layer on both sides. */
export interface LayerDifference {
  readonly layer: number;
  /** Share of A's map that comes from this layer, 0 to 1. */
  readonly a: number;
  readonly b: number;
}

/** One head on both sides. */
export interface HeadDifference {
  readonly layer: number;
  readonly head: number;
  /** Share of all of A's head weights that this head has, 0 to 1. */
  readonly a: number;
  readonly b: number;
}

/** Everything in which two explanations differ. */
export interface SideComparison {
  readonly a: ComparedSide;
  readonly b: ComparedSide;
  readonly map: MapDifference;
  /** One per layer, or why not. */
  readonly layers: readonly LayerDifference[] | NotComparable;
  /** One per head, layer by layer; heads only match where layers and heads are as many. */
  readonly heads: readonly HeadDifference[] | NotComparable;
}

/** Compares what two runs say about some of their tokens, or about their whole answers. */
export function compareSides(
  runA: ComparedRun,
  runB: ComparedRun,
  choice: readonly [a: TokenChoice, b: TokenChoice],
): SideComparison {
  const a = comparedSide(runA, choice[0]);
  const b = comparedSide(runB, choice[1]);
  return {
    a,
    b,
    map: differenceMap(a.map, b.map),
    layers: compareLayers(runA, runB, a, b),
    heads: compareHeads(runA, runB, a, b),
  };
}

function compareLayers(
  runA: ComparedRun,
  runB: ComparedRun,
  a: ComparedSide,
  b: ComparedSide,
): SideComparison["layers"] {
  const { layers } = runA.info.model;
  if (a.delta === null || b.delta === null) return "no-counterpart";
  if (layers !== runB.info.model.layers) return "other-count";
  const [sharesA, sharesB] = [a.layerShare, b.layerShare];
  if (sharesA === null || sharesB === null) return "no-gradient";
  return Array.from({ length: layers }, (_, layer) => ({
    layer,
    a: sharesA[layer] ?? 0,
    b: sharesB[layer] ?? 0,
  }));
}

function compareHeads(
  { info: { model: modelA } }: ComparedRun,
  { info: { model: modelB } }: ComparedRun,
  a: ComparedSide,
  b: ComparedSide,
): SideComparison["heads"] {
  if (a.delta === null || b.delta === null) return "no-counterpart";
  if (modelA.layers !== modelB.layers || modelA.heads !== modelB.heads) return "other-count";
  return Array.from({ length: modelA.layers * modelA.heads }, (_, index) => ({
    layer: Math.floor(index / modelA.heads),
    head: index % modelA.heads,
    a: a.headShare[index] ?? 0,
    b: b.headShare[index] ?? 0,
  }));
}

/** Those that changed most come first; those that did not change are left out. */
export function mostChanged<D extends { readonly a: number; readonly b: number }>(
  differences: readonly D[],
  most: number,
): D[] {
  return differences
    .filter(({ a, b }) => a !== b)
    .sort((x, y) => Math.abs(y.b - y.a) - Math.abs(x.b - x.a))
    .slice(0, most);
}
