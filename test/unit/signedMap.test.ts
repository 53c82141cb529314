import { describe, expect, it } from "vitest";
import { attribute } from "../../src/core/attribution/attribute.js";
import { attributionInput } from "../../src/core/attribution/attributionInput.js";
import { contrastGradient } from "../../src/core/attribution/contrastGradient.js";
import type { ReportData } from "../../src/core/run/reportData.js";
import { lookingTokens } from "../../webview/panel/lookingTokens.js";
import { mapRange, pinnedMap, presentMap, signedIsPossible } from "../../webview/panel/presentMap.js";
import { headMap } from "../../webview/panel/selection.js";
import { signedMap } from "../../webview/panel/signedMap.js";
import { createStore, pinnedSubject, type Store, type WhatIf } from "../../webview/panel/store.js";
import { sampleRun } from "../helpers/sampleRun.js";

async function sampleStore(gradient = true): Promise<Store> {
  const run = await sampleRun({ columns: 6, rows: 5 });
  const attribution = attribute(attributionInput(run), run.info.settings);
  const arrays = gradient ? run.arrays : { ...run.arrays, gradient: null };
  const data: ReportData = { info: run.info, picture: "", arrays, attribution, gradientNote: null };
  return createStore(data);
}

/** The answer's token 1 (cat) against token 6 (ball), as if both were said at the same step. */
function catNotBall({ data }: Store): WhatIf {
  const row = (token: number) => {
    const gradient = data.arrays.gradient ?? new Float32Array();
    const size = gradient.length / data.info.tokens.length;
    return { gradient: gradient.slice(token * size, (token + 1) * size), gradientReferenceLast: null };
  };
  return {
    ...{ token: 1, kind: "contrast", tokenId: 7, text: " ball", logprob: -2 },
    row: contrastGradient(row(1), row(6)),
  };
}

describe("presentMap", () => {
  it("gives the same values for the same choice, and others for another", async () => {
    const store = await sampleStore();
    store.set({ selected: 1 });
    const first = presentMap(store);
    store.set({ selected: 6 });
    const other = presentMap(store);
    store.set({ selected: 1 });
    expect(presentMap(store).values).toBe(first.values);
    expect(other.values).not.toEqual(first.values);
    expect([first.title, other.title]).toEqual(["·cat", "·ball"]);
  });

  it("previews over what is pinned", async () => {
    const store = await sampleStore();
    store.set({ selected: 1, previewed: null });
    expect(presentMap(store).title).toBe("Whole answer");
    expect(pinnedMap(store).title).toBe("·cat");
  });

  it("splits all heads into kept and dropped ones", async () => {
    const store = await sampleStore();
    store.set({ selected: 2, shownHeads: "all" });
    const all = presentMap(store).values;
    store.set({ shownHeads: "dropped" });
    const dropped = presentMap(store).values;
    const weights = store.state.attribution.headWeight.subarray(2 * 24, 3 * 24);
    const own = (index: number) =>
      headMap(pinnedSubject(store), { layer: Math.floor(index / 6), head: index % 6 }) ?? new Float32Array();
    const kept = Array.from(weights, (weight, index) => (weight > 0 ? own(index) : new Float32Array(30)));
    all.forEach((value, cell) => {
      const sum = kept.reduce((total, map) => total + (map[cell] ?? 0), dropped[cell] ?? 0);
      expect(sum).toBeCloseTo(value, 5);
    });
  });

  it("is empty and says so where dropped heads need a gradient that is not there", async () => {
    const store = await sampleStore(false);
    store.set({ selected: 1, shownHeads: "dropped" });
    expect(mapRange(presentMap(store))).toEqual({ low: 0, high: 0 });
    expect(signedIsPossible(store)).toBe(false);
  });

  it("shows a token without a heatmap as an empty map", async () => {
    const store = await sampleStore();
    const { data } = store;
    const tokenHeatmap = data.attribution.tokenHeatmap.subarray(0, 60);
    store.update({ ...data, explained: 2, attribution: { ...data.attribution, tokenHeatmap } });
    store.set({ selected: 5 });
    expect(Array.from(presentMap(store).values)).toEqual(new Array(30).fill(0));
  });
});

describe("signed maps", () => {
  it("are the weighted sums of the shown heads' own signed maps", async () => {
    const store = await sampleStore();
    const whatIf = catNotBall(store);
    store.set({ selected: 1, whatIf });
    const subject = pinnedSubject(store);
    const sums = { kept: new Float64Array(30), all: new Float64Array(30), dropped: new Float64Array(30) };
    for (let index = 0; index < 24; index += 1) {
      const weight = subject.attribution.headWeight[24 + index] ?? 0;
      const own = headMap(subject, { layer: Math.floor(index / 6), head: index % 6 }, true);
      own?.forEach((value, cell) => {
        sums.kept[cell] = (sums.kept[cell] ?? 0) + weight * value;
        sums.all[cell] = (sums.all[cell] ?? 0) + value;
        if (weight === 0) sums.dropped[cell] = (sums.dropped[cell] ?? 0) + value;
      });
    }
    for (const shown of ["kept", "all", "dropped"] as const) {
      const map = signedMap(subject, 1, whatIf.row, shown);
      map.forEach((value, cell) => expect(value).toBeCloseTo(sums[shown][cell] ?? NaN, 5));
    }
    expect(Math.min(...signedMap(subject, 1, whatIf.row, "kept"))).toBeLessThan(0);
  });

  it("show both sides of a contrast only when that is wanted", async () => {
    const store = await sampleStore();
    store.set({ selected: 1, whatIf: catNotBall(store) });
    expect(presentMap(store)).toMatchObject({ signed: false, title: "·cat and not ·ball" });
    expect(mapRange(presentMap(store)).low).toBeGreaterThanOrEqual(0);
    store.set({ signed: true });
    const { low, high } = mapRange(presentMap(store));
    expect(presentMap(store).signed).toBe(true);
    expect(low).toBeLessThan(-0.5 * high);
    store.set({ selected: 2 });
    expect(presentMap(store).signed).toBe(false);
  });

  it("come back to the run's own when the question is taken back", async () => {
    const store = await sampleStore();
    store.set({ selected: 1 });
    const own = Array.from(presentMap(store).values);
    store.set({ whatIf: catNotBall(store) });
    expect(Array.from(presentMap(store).values)).not.toEqual(own);
    store.set({ whatIf: null });
    expect(Array.from(presentMap(store).values)).toEqual(own);
  });
});

describe("lookingTokens", () => {
  it("names the tokens whose maps are strong at a cell, and none outside", async () => {
    const store = await sampleStore();
    // Column 2, row 4 of 6 x 5: on the cat; column 5, row 2: on the ball.
    expect(lookingTokens(store, 3 * 6 + 1)).toContain(1);
    expect(lookingTokens(store, 3 * 6 + 1)).not.toContain(6);
    expect(lookingTokens(store, 6 + 4)[0]).toBeOneOf([5, 6]);
    expect(lookingTokens(store, -1)).toEqual([]);
  });
});
