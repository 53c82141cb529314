import { diffWordsWithSpace } from "diff";
import type { AttributionSettings } from "../attribution/settings.js";
import { statedExtras } from "../run/generationExtras.js";
import type { RunInfo } from "../run/types.js";
import type { Change, TextPart } from "./change.js";

/**
 * What two runs do not have in common, the weightiest first; empty when nothing was changed.
 * @param a the run; its `settings` are those that it is shown under
 */
export function changedBetween(a: RunInfo, b: RunInfo): readonly Change[] {
  return [
    ...pictureChanges(a, b),
    ...promptChanges(a, b),
    ...modelChanges(a, b),
    ...answerChanges(a, b),
    ...settingChanges(a, b),
  ];
}

/** Keeps a change whose two values differ. */
function differing(changes: readonly (Change & { readonly a: unknown; readonly b: unknown })[]): Change[] {
  return changes.filter(({ a, b }) => JSON.stringify(a) !== JSON.stringify(b));
}

function pictureChanges(
  { image: a, cells: cellsA }: RunInfo,
  { image: b, cells: cellsB }: RunInfo,
): Change[] {
  const facts = ({ name, width, height }: RunInfo["image"]) => ({ name, width, height });
  if (a.sha256 !== b.sha256) return [{ code: "picture", a: facts(a), b: facts(b) }];
  const sameCells = JSON.stringify([a.seen, cellsA]) === JSON.stringify([b.seen, cellsB]);
  return sameCells ? [] : [{ code: "cells", a: cellsA.length, b: cellsB.length }];
}

function promptChanges(runA: RunInfo, runB: RunInfo): Change[] {
  const [a, b] = [runA.prompt, runB.prompt];
  const [systemA, systemB] = [runA, runB].map(({ generation }) => generation.systemPrompt ?? "");
  const system = differing([{ code: "systemPrompt", a: systemA ?? "", b: systemB ?? "" }]);
  if (a.text !== b.text)
    return [{ code: "prompt", a: a.text, b: b.text, parts: textParts(a.text, b.text) }, ...system];
  return a.rendered === b.rendered || system.length > 0 ? system : [{ code: "template" }];
}

/** Two texts word by word: what stayed, what went and what came. */
function textParts(a: string, b: string): TextPart[] {
  return diffWordsWithSpace(a, b).map(({ added, removed, value }) => ({
    kind: added ? "added" : removed ? "removed" : "same",
    text: value,
  }));
}

function modelChanges({ model: a }: RunInfo, { model: b }: RunInfo): Change[] {
  const shape = ({ layers, heads }: RunInfo["model"]) => ({ layers, heads });
  const named = differing([
    { code: "model", a: a.name, b: b.name },
    { code: "architecture", a: shape(a), b: shape(b) },
    { code: "dtype", a: a.dtype, b: b.dtype },
  ]);
  const otherWeights = named.length === 0 && hashes(a) !== hashes(b);
  const device = differing([{ code: "device", a: a.device, b: b.device }]);
  return [...named, ...(otherWeights ? [{ code: "weights" } as const] : []), ...device];
}

function hashes({ files }: RunInfo["model"]): string {
  return files
    .map(({ sha256 }) => sha256)
    .sort()
    .join();
}

function answerChanges(a: RunInfo, b: RunInfo): Change[] {
  const target = differing([{ code: "target", a: targetOf(a), b: targetOf(b) }]);
  const partial = differing([{ code: "partial", a: a.partial, b: b.partial }]);
  // How an answer is generated means nothing for one that was given.
  if (a.generation.mode === "forced" || b.generation.mode === "forced") return [...target, ...partial];
  const [left, right] = [a.generation, b.generation];
  const [before, after] = [statedExtras(left), statedExtras(right)];
  // Without chance neither the seed nor the number of candidates means anything.
  const chance = left.temperature > 0 || right.temperature > 0;
  return [
    ...differing([
      { code: "maxNewTokens", a: left.maxNewTokens, b: right.maxNewTokens },
      { code: "temperature", a: left.temperature, b: right.temperature },
      ...(chance
        ? ([
            { code: "topK", a: left.topK, b: right.topK },
            { code: "topP", a: before.topP, b: after.topP },
            { code: "minP", a: before.minP, b: after.minP },
            { code: "seed", a: left.seed, b: right.seed },
          ] as const)
        : []),
      { code: "repetitionPenalty", a: before.repetitionPenalty, b: after.repetitionPenalty },
      { code: "stopStrings", a: before.stopStrings, b: after.stopStrings },
    ]),
    ...partial,
  ];
}

function targetOf({ generation, tokens }: RunInfo): string | null {
  return generation.mode === "forced" ? tokens.map(({ text }) => text).join("") : null;
}

function settingChanges(
  { settings: a, model: modelA }: RunInfo,
  { settings: b, model: modelB }: RunInfo,
): Change[] {
  const isAll = ({ layers: [from, to] }: AttributionSettings, count: number): boolean =>
    from === 0 && to === count;
  const bothAll = isAll(a, modelA.layers) && isAll(b, modelB.layers);
  return differing([
    { code: "preset", a: a.preset, b: b.preset },
    // All layers of models with more and fewer of them are no other choice.
    ...(bothAll ? [] : [{ code: "layers", a: a.layers, b: b.layers } as const]),
    { code: "textSet", a: a.textSet, b: b.textSet },
    { code: "score", a: a.score, b: b.score },
    { code: "forcedHeads", a: onlyIn(a, b), b: onlyIn(b, a) },
    { code: "includeStop", a: a.includeStop, b: b.includeStop },
  ]);
}

/** Heads forced in `one` and not, or otherwise, in `other`. */
function onlyIn(one: AttributionSettings, other: AttributionSettings): AttributionSettings["overrides"] {
  const known = new Set(other.overrides.map((override) => JSON.stringify(override)));
  return one.overrides.filter((override) => !known.has(JSON.stringify(override)));
}
