import { beforeAll, describe, expect, it } from "vitest";
import { attribute } from "../../src/core/attribution/attribute.js";
import { attributionInput } from "../../src/core/attribution/attributionInput.js";
import { contrastGradient } from "../../src/core/attribution/contrastGradient.js";
import type { Attribution, TokenGradient } from "../../src/core/attribution/types.js";
import type { ReportData } from "../../src/core/run/reportData.js";
import { rowOf } from "../../src/core/run/textWinner.js";
import type { Run } from "../../src/core/run/types.js";
import { createStore, type WhatIf } from "../../webview/panel/store.js";
import { sampleRun } from "../helpers/sampleRun.js";
import { thrownBy } from "../helpers/thrownBy.js";

let run: Run;
let own: Attribution;
let data: ReportData;

beforeAll(async () => {
  run = await sampleRun({ columns: 7, rows: 5 });
  own = attribute(attributionInput(run), run.info.settings);
  data = { info: run.info, picture: "", arrays: run.arrays, attribution: own, gradientNote: null };
});

function rowOfToken(token: number): TokenGradient {
  const gradient = run.arrays.gradient ?? new Float32Array();
  return {
    gradient: rowOf(gradient, token, gradient.length / run.info.tokens.length),
    gradientReferenceLast: null,
  };
}

/** Token 6 in the place of token 1. */
function whatIf(kind: WhatIf["kind"], token = 1): WhatIf {
  const other = rowOfToken(6);
  const row = kind === "instead" ? other : contrastGradient(rowOfToken(token), other);
  return { token, kind, tokenId: 7, text: " dog", logprob: -1, row };
}

/** The run's explanation with a token's rows written over. */
function explainedWith(token: number, row: TokenGradient): Attribution {
  const gradient = (run.arrays.gradient ?? new Float32Array()).slice();
  gradient.set(row.gradient, token * row.gradient.length);
  return attribute(attributionInput({ ...run, arrays: { ...run.arrays, gradient } }), run.info.settings);
}

describe("the store's explanation", () => {
  it("is the saved one until something changes, then follows the settings", () => {
    const store = createStore(data);
    expect(store.state.attribution).toBe(own);
    const settings = { ...run.info.settings, layers: [1, 3] as const };
    store.set({ settings });
    expect(store.state.attribution).toEqual(attribute(attributionInput(run), settings));
    store.set({ settings: run.info.settings });
    expect(store.state.attribution).toEqual(own);
  });

  it("puts another token's gradient in the place of one, and lets go of it", () => {
    const store = createStore(data);
    const heard: string[][] = [];
    store.listen((changed) => heard.push([...changed]));
    for (const kind of ["instead", "contrast"] as const) {
      store.set({ whatIf: whatIf(kind) });
      expect(store.state.attribution).toEqual(explainedWith(1, whatIf(kind).row));
    }
    store.set({ whatIf: whatIf("instead", 3) });
    expect(store.state.attribution).toEqual(explainedWith(3, rowOfToken(6)));
    store.set({ whatIf: null });
    expect(store.state.attribution).toEqual(own);
    expect(heard).toHaveLength(4);
    for (const names of heard) expect(names).toEqual(["whatIf", "attribution"]);
    store.set({ settings: { ...run.info.settings, includeStop: true } });
    store.set({ settings: { ...run.info.settings } });
    expect(store.state.attribution).toEqual(own);
  });

  it("keeps everything as it was when settings cannot be explained", () => {
    const store = createStore(data);
    let calls = 0;
    store.listen(() => calls++);
    const before = store.state;
    const settings = { ...run.info.settings, preset: "reference" as const };
    expect(thrownBy(() => store.set({ settings })).code).toBe("no-reference-gradient");
    expect(store.state).toBe(before);
    expect(calls).toBe(0);
  });
});

describe("the store's dropped maps", () => {
  it("are those of the present settings, before and after a change", () => {
    const store = createStore(data);
    const sums = (maps: Float32Array | undefined) => maps?.reduce((sum, value) => sum + value, 0) ?? NaN;
    const first = store.droppedMaps();
    expect(first?.tokenHeatmap).toHaveLength(own.tokenHeatmap.length);
    expect(store.droppedMaps()).toBe(first);
    const { layers, heads } = run.info.model;
    const overrides = Array.from({ length: layers * heads }, (_, index) => ({
      layer: Math.floor(index / heads),
      head: index % heads,
      decision: "drop" as const,
    }));
    store.set({ settings: { ...run.info.settings, overrides } });
    const all = store.droppedMaps();
    expect(all?.tokenHeatmap).toEqual(own.tokenHeatmapUnfiltered);
    expect(all?.sequenceHeatmap).toEqual(own.sequenceHeatmapUnfiltered);
    expect(sums(first?.tokenHeatmap)).toBeLessThan(sums(all?.tokenHeatmap));
  });

  it("are null without a gradient, where settings leave the saved explanation as it is", () => {
    const store = createStore({ ...data, arrays: { ...data.arrays, gradient: null } });
    expect(store.droppedMaps()).toBeNull();
    store.set({ settings: { ...run.info.settings, layers: [0, 1] } });
    expect(store.state.attribution).toBe(own);
  });
});
