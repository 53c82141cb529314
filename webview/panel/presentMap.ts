import * as l10n from "@vscode/l10n";
import type { ShownAttribution } from "../../src/core/run/shownAttribution.js";
import { rowOf } from "../../src/core/run/textWinner.js";
import { tokenLabel } from "../../src/core/run/tokenLabel.js";
import { headMap, subjectMap, type HeadPlace, type Subject } from "./selection.js";
import { signedMap } from "./signedMap.js";
import { presentSubject, type ShownHeads, type Store, type WhatIf } from "./store.js";

/** The map on the picture. The same choice gives the same `values`, so that what is drawn of it can be kept. */
export interface PresentMap {
  /** [N] */
  readonly values: Float32Array;
  /** True when values below 0 mean something. */
  readonly signed: boolean;
  /** What the map is of, in words. */
  readonly title: string;
  /** The value drawn at full strength, where several maps share one scale from 0; absent: the map's own range. */
  readonly most?: number;
}

/** The map to show now: a token's or the answer's, or one head's own. */
export function presentMap(store: Store): PresentMap {
  const { subject, head } = presentSubject(store);
  return mapOf(store, subject, head);
}

/** The map of what is pinned, whatever the pointer is on. */
export function pinnedMap(store: Store): PresentMap {
  const { subject } = presentSubject(store);
  return mapOf(store, { ...subject, token: store.state.selected }, store.state.pinnedHead);
}

function mapOf(store: Store, subject: Subject, head: HeadPlace | null): PresentMap {
  return (head && ownMap(store, subject, head)) ?? headsMap(store, subject);
}

/** One head's own map; null without the gradient. */
function ownMap(store: Store, subject: Subject, head: HeadPlace): PresentMap | null {
  const { signed } = store.state;
  const values = keptHeadMap(subject, head, signed);
  if (values === null) return null;
  const name = subjectName(store, subject);
  return { values, signed, title: l10n.t("{0}, head L{1} H{2} alone", name, head.layer, head.head) };
}

/** One head's own map [N] as `headMap` makes it, once for each explanation; null without the gradient. */
export function keptHeadMap(subject: Subject, place: HeadPlace, signed: boolean): Float32Array | null {
  const key = `${subject.token} L${place.layer} H${place.head} ${signed}`;
  return kept(subject.attribution, key, () => headMap(subject, place, signed));
}

/** The map of many heads; a contrast can be had with its negative part. */
function headsMap(store: Store, subject: Subject): PresentMap {
  const { attribution, shownHeads } = store.state;
  const size = subject.data.info.cells.length;
  const contrast = store.state.signed ? contrastAt(store, subject.token) : null;
  const values = kept(attribution, `${subject.token} ${shownHeads} ${contrast !== null}`, () =>
    contrast ? signedMap(subject, contrast.token, contrast.row, shownHeads) : unsignedMap(store, subject),
  );
  return {
    // A token that is not explained yet has an empty map.
    values: values?.length === size ? values : new Float32Array(size),
    signed: contrast !== null,
    title: headsTitle(subjectName(store, subject), shownHeads),
  };
}

function unsignedMap(store: Store, subject: Subject): Float32Array | null {
  switch (store.state.shownHeads) {
    case "kept":
      return subjectMap(subject, true);
    case "all":
      return subjectMap(subject, false);
    case "dropped":
      return droppedMap(store, subject);
  }
}

function headsTitle(name: string, shownHeads: ShownHeads): string {
  switch (shownHeads) {
    case "kept":
      return name;
    case "all":
      return l10n.t("{0}, all heads alike", name);
    case "dropped":
      return l10n.t("{0}, dropped heads only", name);
  }
}

function droppedMap(store: Store, subject: Subject): Float32Array | null {
  const maps = store.droppedMaps();
  if (maps === null) return null;
  if (subject.token === null) return maps.sequenceHeatmap;
  return rowOf(maps.tokenHeatmap, subject.token, subject.data.info.cells.length);
}

/** The name of what the map is of: the token, what stands in its place, or the whole answer. */
function subjectName({ data, state }: Store, { token }: Subject): string {
  const own = token === null ? undefined : data.info.tokens[token];
  if (!own) return l10n.t("Whole answer");
  const label = tokenLabel(own.text);
  const { whatIf } = state;
  if (whatIf === null || whatIf.token !== token) return label;
  const other = tokenLabel(whatIf.text);
  return whatIf.kind === "instead"
    ? l10n.t("{0} in place of {1}", other, label)
    : l10n.t("{0} and not {1}", label, other);
}

const MAPS = new WeakMap<ShownAttribution, Map<string, Float32Array>>();

function kept(
  attribution: ShownAttribution,
  key: string,
  make: () => Float32Array | null,
): Float32Array | null {
  const maps = MAPS.get(attribution) ?? new Map<string, Float32Array>();
  MAPS.set(attribution, maps);
  const known = maps.get(key);
  if (known) return known;
  const made = make();
  if (made) maps.set(key, made);
  return made;
}

/** True when what is shown has a sign that means something: a head's own map, or one token against another. */
export function signedIsPossible(store: Store): boolean {
  const { pinnedHead, selected } = store.state;
  const own = pinnedHead !== null && store.data.arrays.gradient !== null;
  return own || contrastAt(store, selected) !== null;
}

function contrastAt({ state: { whatIf } }: Store, token: number | null): WhatIf | null {
  return whatIf?.kind === "contrast" && whatIf.token === token ? whatIf : null;
}

/** The smallest and the largest value of a map. */
export function mapRange({ values }: Pick<PresentMap, "values">): { low: number; high: number } {
  let [low, high] = [Infinity, -Infinity];
  for (const value of values) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return values.length === 0 ? { low: 0, high: 0 } : { low, high };
}
