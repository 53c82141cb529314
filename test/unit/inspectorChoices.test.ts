import { beforeAll, describe, expect, it } from "vitest";
import { attribute } from "../../src/core/attribution/attribute.js";
import { attributionInput } from "../../src/core/attribution/attributionInput.js";
import type { Run } from "../../src/core/run/types.js";
import { layoutPromptWords } from "../../webview/charts/promptWords.js";
import { canChangeFilter, whyFixed } from "../../webview/panel/canChangeFilter.js";
import { LayerChoice, type LayerRange } from "../../webview/panel/layerChoice.js";
import { forceHead, freeHeads } from "../../webview/panel/overrides.js";
import { createStore, type Store } from "../../webview/panel/store.js";
import { chosenPositions, textSetPositions, toggleWord } from "../../webview/panel/textSetPositions.js";
import { sampleRun } from "../helpers/sampleRun.js";

let run: Run;
beforeAll(async () => {
  run = await sampleRun({ columns: 3, rows: 3, layers: 8 });
});

function makeStore(gradient = true, gradientNote: string | null = null): Store {
  const attribution = attribute(attributionInput(run), run.info.settings);
  const arrays = gradient ? run.arrays : { ...run.arrays, gradient: null };
  return createStore({ info: run.info, picture: "", arrays, attribution, gradientNote });
}

describe("LayerChoice", () => {
  const make = (store: Store) => {
    const seen: { range: LayerRange | null; cursor: number | null }[] = [];
    const choice = new LayerChoice(store, (range, cursor) => seen.push({ range, cursor }));
    return { choice, seen, layers: () => store.state.settings.layers };
  };

  it("limits to the layer clicked, and takes all again at the second click", () => {
    const { choice, layers } = make(makeStore());
    choice.begin(3);
    choice.apply();
    expect(layers()).toEqual([3, 4]);
    expect(choice.isAll()).toBe(false);
    choice.begin(3);
    choice.apply();
    expect(layers()).toEqual([0, 8]);
    expect(choice.isAll()).toBe(true);
  });

  it("follows a drag in either direction", () => {
    const { choice, layers, seen } = make(makeStore());
    choice.begin(6);
    choice.point(4);
    choice.point(2);
    choice.point(null);
    expect(seen.at(-1)).toEqual({ range: [6, 2], cursor: 2 });
    choice.apply();
    expect(layers()).toEqual([2, 7]);
    choice.reset();
    expect(layers()).toEqual([0, 8]);
  });

  it("forgets a drag that is called off", () => {
    const { choice, layers, seen } = make(makeStore());
    choice.begin(6);
    choice.drop();
    expect(seen.at(-1)?.range).toBeNull();
    expect(layers()).toEqual([0, 8]);
  });

  it("moves, extends, applies and resets by keys", () => {
    const { choice, layers, seen } = make(makeStore());
    for (const [name, shift] of [
      ["ArrowRight", false],
      ["ArrowRight", false],
      ["ArrowRight", true],
      ["ArrowRight", true],
    ] as const)
      expect(choice.key(name, shift)).toBe(true);
    expect(seen.at(-1)).toEqual({ range: [1, 3], cursor: 3 });
    choice.key("Enter", false);
    expect(layers()).toEqual([1, 4]);
    choice.key("End", false);
    expect(seen.at(-1)).toEqual({ range: null, cursor: 7 });
    choice.key("Escape", false);
    expect(layers()).toEqual([0, 8]);
    expect(choice.key("x", false)).toBe(false);
  });

  it("chooses nothing without the gradient, and the reason is known", () => {
    const store = makeStore(false, "Too large for a page.");
    const { choice, layers, seen } = make(store);
    choice.begin(2);
    choice.point(4);
    choice.apply();
    choice.key("ArrowRight", true);
    choice.key("Enter", false);
    expect(layers()).toEqual([0, 8]);
    expect(seen.every(({ range }) => range === null)).toBe(true);
    expect(canChangeFilter(store)).toBe(false);
    expect(whyFixed(store)).toBe("Too large for a page.");
    expect(whyFixed(makeStore(false))).toContain("no gradient");
    expect(whyFixed(makeStore())).toBeNull();
  });
});

describe("overrides", () => {
  it("forces a head, forces it the other way, frees it and frees all", () => {
    const start = run.info.settings;
    const kept = forceHead(start, { layer: 1, head: 2 }, "keep");
    expect(kept.overrides).toEqual([{ layer: 1, head: 2, decision: "keep" }]);
    const dropped = forceHead(kept, { layer: 1, head: 2 }, "drop");
    expect(dropped.overrides).toEqual([{ layer: 1, head: 2, decision: "drop" }]);
    const two = forceHead(dropped, { layer: 0, head: 2 }, "keep");
    expect(two.overrides).toHaveLength(2);
    expect(forceHead(two, { layer: 1, head: 2 }, null).overrides).toEqual([
      { layer: 0, head: 2, decision: "keep" },
    ]);
    expect(freeHeads(two)).toEqual(start);
  });
});

describe("text sets as positions", () => {
  // <s>, 9 image tokens, "Describe", " the", " picture.", "\n", then the answer without its last token
  it("lists the positions of each named set as the arithmetic sees them", () => {
    const { info } = run;
    const input = attributionInput(run);
    for (const textSet of ["all", "no-special", "prompt", "generated"] as const) {
      const positions = textSetPositions(info, textSet);
      const named = attribute(input, { ...info.settings, textSet });
      const chosen = attribute(input, { ...info.settings, textSet: { positions } });
      expect(chosen.textWinner).toEqual(named.textWinner);
      expect(chosen.tokenHeatmap).toEqual(named.tokenHeatmap);
    }
    expect(textSetPositions(info, "prompt")).toEqual([0, 10, 11, 12, 13]);
    expect(textSetPositions(info, { positions: [3] })).toEqual([3]);
  });

  it("puts a word in and out", () => {
    const start = { ...run.info.settings, textSet: { positions: [10, 12] } };
    expect(toggleWord(start, 11).textSet).toEqual({ positions: [10, 11, 12] });
    expect(toggleWord(start, 10).textSet).toEqual({ positions: [12] });
    expect(chosenPositions(run.info.settings)).toBeNull();
    expect(chosenPositions(start)).toEqual(new Set([10, 12]));
  });
});

describe("layoutPromptWords", () => {
  it("puts the words before the template, collapses the image, tints by heads won", () => {
    const wins = new Map([
      [10, { heads: 6, score: 0.2 }],
      [14, { heads: 3, score: 0.4 }],
    ]);
    const { groups, mostHeads, mostScore } = layoutPromptWords({
      info: run.info,
      answered: 2,
      winsOf: (position) => wins.get(position),
      shareOf: null,
      chosen: new Set([10]),
    });
    const texts = groups.map(({ part, words }) => [
      part,
      ...words.map(({ kind, text, count }) => (kind === "image" ? count : text)),
    ]);
    expect(texts).toEqual([
      ["own", "Describe", " the", " picture."],
      ["answer", "a", " cat"],
      ["template", "<s>", 9, "\n"],
    ]);
    const words = groups.flatMap((group) => group.words);
    expect(words.map(({ position }) => position)).toEqual([10, 11, 12, 14, 15, 0, 1, 13]);
    expect([mostHeads, mostScore]).toEqual([6, 0.4]);
    expect(words[0]).toMatchObject({ tint: 1, strength: 0.5, included: true });
    expect(words[3]).toMatchObject({ kind: "answer", tint: 0.5, strength: 1, included: false });
    expect(words[1]).toMatchObject({ tint: 0, heads: 0, share: null });
  });

  it("tints by what words contribute, on the scale of words alone, the picture's tokens together", () => {
    const { groups, mostShare } = layoutPromptWords({
      info: run.info,
      answered: 2,
      winsOf: () => undefined,
      shareOf: (position, count) => (position === 10 ? 0.2 : position === 15 ? 0.1 : count > 1 ? 0.7 : 0),
      chosen: null,
    });
    const words = groups.flatMap((group) => group.words);
    expect(mostShare).toBe(0.2);
    expect(words.map(({ share }) => share)).toEqual([0.2, 0, 0, 0, 0.1, 0, 0.7, 0]);
    expect(words.map(({ tint }) => tint)).toEqual([1, 0, 0, 0, 0.5, 0, 1, 0]);
  });
});
