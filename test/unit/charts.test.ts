import { describe, expect, it } from "vitest";
import type { RunToken } from "../../src/core/run/types.js";
import { layoutFilterTable, type FilterRow } from "../../webview/charts/filterTable.js";
import { headAt, layoutHeadMatrix, nextHead } from "../../webview/charts/headMatrix.js";
import { layoutLayerBars, type LayerPart } from "../../webview/charts/layerBars.js";
import { keyTarget, layoutTokenStream } from "../../webview/charts/tokenStream.js";

function token(text: string, stop = false): RunToken {
  return { id: 1, text, kind: "generated", logprob: Math.log(0.5), alternatives: [], stop };
}

describe("layoutTokenStream", () => {
  const chips = layoutTokenStream({
    tokens: [token("a"), token(" ze"), token("bra"), token("\n"), token("</s>", true)],
    tokenWeight: [0, 0.2, 0.1, 0, 4],
    reasons: ['text won: "is", layer 1, head 2', null, null, "no gradient", null],
  });

  it("tints by delta, relative to the largest of the answer without the end token", () => {
    expect(chips.map((chip) => chip.tint)).toEqual([0, 1, 0.5, 0, 1]);
  });

  it("is hollow where delta is 0, and says why", () => {
    expect(chips.map((chip) => chip.hollow)).toEqual([true, false, false, true, false]);
    expect(chips[0]?.description).toBe('a, probability 50 %, delta 0 (text won: "is", layer 1, head 2)');
  });

  it("joins the parts of a word and breaks at line ends", () => {
    expect(chips.map((chip) => chip.joined)).toEqual([false, false, true, false, false]);
    expect(chips.map((chip) => chip.lineBreak)).toEqual([false, false, false, true, false]);
  });
});

describe("keyTarget", () => {
  it("walks between the whole answer and the tokens", () => {
    expect(keyTarget("ArrowRight", null, 3)).toBe(0);
    expect(keyTarget("ArrowRight", 2, 3)).toBe(2);
    expect(keyTarget("ArrowLeft", 0, 3)).toBeNull();
    expect(keyTarget("End", null, 3)).toBe(2);
    expect(keyTarget("Escape", 1, 3)).toBeNull();
    expect(keyTarget("x", 1, 3)).toBeUndefined();
  });
});

describe("layoutLayerBars", () => {
  const part = (layer: number, share: number): LayerPart => ({
    layer,
    share,
    image: 1,
    text: 0,
    kept: 1,
    inRange: true,
  });

  it("scales the columns to the largest share and stays inside the width", () => {
    const { bars, base } = layoutLayerBars([part(0, 0.2), part(1, 0.6), part(2, 0.2)], 200);
    expect(bars[0]?.height).toBeCloseTo((bars[1]?.height ?? 0) / 3);
    expect(bars.every((bar) => bar.y + bar.height === base && bar.x + bar.width <= 200)).toBe(true);
  });

  it("labels only as many of 80 layers as fit", () => {
    const layout = layoutLayerBars(
      Array.from({ length: 80 }, (_, layer) => part(layer, 1 / 80)),
      300,
    );
    expect(layout.labelled.length).toBeLessThanOrEqual(12);
    expect((layout.bars.at(-1)?.x ?? 0) + (layout.bars.at(-1)?.width ?? 0)).toBeLessThanOrEqual(300.5);
  });

  it("draws an empty map as empty columns", () => {
    expect(layoutLayerBars([part(0, 0)], 100).bars[0]?.height).toBe(0);
  });
});

describe("layoutHeadMatrix", () => {
  const matrix = (layers: number, heads: number, width: number) =>
    layoutHeadMatrix(
      { layers, heads, values: Array.from({ length: layers * heads }, (_, i) => i), kept: [] },
      width,
    );

  it("fits 32 heads into 290 pixels without overlapping labels", () => {
    const layout = matrix(32, 32, 290);
    expect(layout.width).toBeLessThanOrEqual(290);
    const gaps = layout.columnLabels.slice(1).map((label, i) => label.x - (layout.columnLabels[i]?.x ?? 0));
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(26);
    expect(layout.cells.at(-1)?.share).toBe(1);
  });

  it("finds the head under a point and beside it none", () => {
    const layout = matrix(4, 6, 300);
    const cell = layout.cells[6 * 2 + 3];
    expect(headAt(layout, (cell?.x ?? 0) + 1, (cell?.y ?? 0) + 1)).toBe(cell);
    expect(headAt(layout, 2, 40)).toBeNull();
  });

  it("moves by arrow keys and stops at the border", () => {
    const layout = matrix(2, 2, 300);
    expect(nextHead(layout, null, "ArrowDown")).toBe(layout.cells[0]);
    expect(nextHead(layout, layout.cells[0] ?? null, "ArrowRight")).toBe(layout.cells[1]);
    expect(nextHead(layout, layout.cells[3] ?? null, "ArrowDown")).toBe(layout.cells[3]);
    expect(nextHead(layout, null, "a")).toBeUndefined();
  });
});

describe("layoutFilterTable", () => {
  const row = (layer: number, head: number, weight: number): FilterRow => ({
    ...{ layer, head, weight, image: weight + 1, text: 1 },
    ...{ winner: null, kept: weight > 0, keptTokens: weight > 0 ? 1 : 0, tokens: 1 },
  });
  const rows = [row(0, 0, 0), row(0, 1, 0.3), row(1, 0, 0.7), row(1, 1, 0)];
  const places = (list: readonly FilterRow[]): string[] => list.map(({ layer, head }) => `${layer}.${head}`);

  it("sorts, with ties in layer and head order", () => {
    const layout = layoutFilterTable(rows, { column: "weight", descending: true, show: "all", limit: 10 });
    expect(places(layout.rows)).toEqual(["1.0", "0.1", "0.0", "1.1"]);
    expect(layout).toMatchObject({ kept: 2, total: 4, matching: 4 });
  });

  it("filters and limits", () => {
    const layout = layoutFilterTable(rows, { column: "head", descending: false, show: "dropped", limit: 1 });
    expect(places(layout.rows)).toEqual(["0.0"]);
    expect(layout.matching).toBe(2);
  });
});
