import { describe, expect, it } from "vitest";
import { layoutFilterTable, nextOrder, type FilterView } from "../../webview/charts/filterTable.js";
import { headDecision, type FilterRow } from "../../webview/charts/headDecision.js";
import { headAt, layoutHeadMatrix, nextHead } from "../../webview/charts/headMatrix.js";
import { describeLayer, layerAt, layoutLayerBars, type LayerPart } from "../../webview/charts/layerBars.js";

describe("layoutLayerBars", () => {
  const part = (layer: number, share: number | null): LayerPart => ({
    ...{ layer, share, image: 0.4, text: 0.1, kept: 1, inRange: true },
  });

  it("scales shares and scores to their largest and stays inside the width", () => {
    const layout = layoutLayerBars([part(0, 0.2), part(1, 0.6), { ...part(2, 0.2), image: 0.2 }], 200);
    const [first, second, third] = layout.columns;
    expect(first?.share.height).toBeCloseTo((second?.share.height ?? 0) / 3);
    expect(third?.image.height).toBeCloseTo((first?.image.height ?? 0) / 2);
    expect(first?.text.height).toBeCloseTo((first?.image.height ?? 0) / 4);
    for (const { x, width, share, image, text } of layout.columns) {
      expect(x + width).toBeLessThanOrEqual(200);
      expect(share.y + share.height).toBeCloseTo(layout.shareBase ?? NaN);
      expect(image.y + image.height).toBeCloseTo(layout.scoreBase);
      expect(text.y).toBe(layout.scoreBase);
    }
  });

  it("labels only as many of 80 layers as fit 270 pixels, and finds each of them again", () => {
    const layout = layoutLayerBars(
      Array.from({ length: 80 }, (_, layer) => part(layer, 1 / 80)),
      270,
    );
    const end = layout.columns.at(-1);
    expect((end?.x ?? 0) + (end?.width ?? 0)).toBeLessThanOrEqual(270);
    expect(layout.labelled.length).toBeGreaterThan(4);
    expect(layout.labelled.length * 28).toBeLessThanOrEqual(270);
    for (const column of layout.columns)
      expect(layerAt(layout, column.x + column.width / 2)).toBe(column.part.layer);
    expect([layerAt(layout, -5), layerAt(layout, 9999)]).toEqual([0, 79]);
  });

  it("leaves the shares out where they are not known", () => {
    const layout = layoutLayerBars([part(0, null)], 100);
    expect(layout.shareBase).toBeNull();
    expect(layout.height).toBeLessThan(layoutLayerBars([part(0, 1)], 100).height);
    expect(describeLayer(part(0, null))).toBe("L0: best S_img 0.400, best S_text 0.100, 1 heads kept");
    expect(describeLayer({ ...part(3, 0.5), inRange: false })).toContain("outside the layer range");
  });

  it("draws an empty map as empty columns", () => {
    const [column] = layoutLayerBars([{ ...part(0, 0), image: 0, text: 0 }], 100).columns;
    expect([column?.share.height, column?.image.height, column?.text.height]).toEqual([0, 0, 0]);
  });
});

describe("layoutHeadMatrix", () => {
  const matrix = (layers: number, heads: number, width: number) => {
    const values = Array.from({ length: layers * heads }, (_, index) => index);
    return layoutHeadMatrix({ layers, heads, values, kept: [], forced: [], range: [0, layers] }, width);
  };
  const gaps = (labels: readonly { readonly x?: number; readonly y?: number }[]): number[] =>
    labels.slice(1).map((label, index) => {
      const before = labels[index];
      return (label.x ?? label.y ?? 0) - (before?.x ?? before?.y ?? 0);
    });

  it.each([
    [32, 32, 270],
    [80, 64, 270],
    [30, 9, 270],
    [4, 6, 700],
  ])("fits %i layers x %i heads into %i pixels: cells apart, labels apart", (layers, heads, width) => {
    const layout = matrix(layers, heads, width);
    expect(layout.width).toBeLessThanOrEqual(width);
    expect(layout.height).toBeLessThanOrEqual(520);
    expect(Math.min(Infinity, ...gaps(layout.columnLabels))).toBeGreaterThanOrEqual(26);
    expect(Math.min(...gaps(layout.rowLabels))).toBeGreaterThanOrEqual(12);
    layout.cells.forEach((cell, index) => {
      const right = layout.cells[index + 1];
      if (right?.layer === cell.layer) expect(cell.x + cell.width).toBeLessThanOrEqual(right.x);
      expect(Math.min(cell.width, cell.height)).toBeGreaterThanOrEqual(2);
    });
    expect(layout.cells.at(-1)?.share).toBe(1);
  });

  it("finds the head under a point and beside the matrix none", () => {
    const layout = matrix(32, 32, 270);
    for (const cell of layout.cells)
      expect(headAt(layout, cell.x + cell.width / 2, cell.y + cell.height / 2)).toBe(cell);
    expect(headAt(layout, 2, 40)).toBeNull();
    expect(headAt(layout, 100, 2)).toBeNull();
  });

  it("moves by keys and stops at the border", () => {
    const layout = matrix(2, 3, 300);
    expect(nextHead(layout, null, "ArrowDown")).toBe(layout.cells[0]);
    expect(nextHead(layout, layout.cells[0] ?? null, "ArrowRight")).toBe(layout.cells[1]);
    expect(nextHead(layout, layout.cells[5] ?? null, "ArrowDown")).toBe(layout.cells[5]);
    expect(nextHead(layout, layout.cells[3] ?? null, "End")).toBe(layout.cells[5]);
    expect(nextHead(layout, layout.cells[4] ?? null, "PageUp")).toBe(layout.cells[1]);
    expect(nextHead(layout, null, "a")).toBeUndefined();
  });

  it("tells heads outside the layer range and those decided by hand", () => {
    const data = { layers: 2, heads: 1, values: [1, 1], kept: [1, 0], forced: [null, "drop"] as const };
    const { cells } = layoutHeadMatrix({ ...data, range: [1, 2] }, 300);
    expect(cells.map(({ inRange, kept, forced }) => ({ inRange, kept, forced }))).toEqual([
      { inRange: false, kept: true, forced: null },
      { inRange: true, kept: false, forced: "drop" },
    ]);
  });
});

function row(layer: number, head: number, weight: number, more: Partial<FilterRow> = {}): FilterRow {
  return {
    ...{ layer, head, weight, image: weight + 0.2, text: 0.2, winner: { position: 9, label: "USER" } },
    ...{ keptTokens: weight > 0 ? 1 : 0, tokens: 1, whole: false, forced: null, inRange: true },
    ...more,
  };
}

describe("layoutFilterTable", () => {
  const rows = [
    row(0, 0, 0),
    row(0, 1, 0.3, { winner: { position: 3, label: "·the" } }),
    row(1, 0, 0.7),
    row(1, 1, 0, { forced: "drop" }),
    row(10, 1, 0.1),
  ];
  const view: FilterView = { column: "weight", descending: true, show: "all", search: "", winner: null };
  const order = (change: Partial<FilterView>): readonly number[] =>
    layoutFilterTable(rows, { ...view, ...change }, ({ winner }) => winner?.position === change.winner).order;

  it("sorts, with ties in layer and head order, and counts", () => {
    expect(order({})).toEqual([2, 1, 4, 0, 3]);
    expect(order({ descending: false })).toEqual([0, 3, 4, 1, 2]);
    expect(order({ column: "winner", descending: false })[0]).toBe(1);
    expect(layoutFilterTable(rows, view, () => true)).toMatchObject({ kept: 3, forced: 1, total: 5 });
  });

  it("filters by decision, by search and by the word that won", () => {
    expect(order({ show: "dropped" })).toEqual([0, 3]);
    expect(order({ show: "kept" })).toEqual([2, 1, 4]);
    expect(order({ show: "forced" })).toEqual([3]);
    expect(order({ search: "l1" })).toEqual([2, 3]);
    expect(order({ search: "H1 user" })).toEqual([4, 3]);
    expect(order({ search: "nothing" })).toEqual([]);
    expect(order({ winner: 3 })).toEqual([1]);
  });

  it("turns the order round at a second click and starts numbers from the largest", () => {
    expect(nextOrder(view, "weight")).toEqual({ column: "weight", descending: false });
    expect(nextOrder(view, "text")).toEqual({ column: "text", descending: true });
    expect(nextOrder(view, "winner")).toEqual({ column: "winner", descending: false });
  });
});

describe("headDecision", () => {
  it.each<[string, FilterRow]>([
    ["kept: picture won, 0.500 > 0.200", row(0, 0, 0.3)],
    ["dropped: text won, «USER» 0.200 ≥ 0.100", row(0, 0, 0, { image: 0.1 })],
    ["dropped: text won, 0.200 ≥ 0.100", row(0, 0, 0, { image: 0.1, winner: null })],
    ["dropped: no gradient on picture or text", row(0, 0, 0, { image: 0, text: 0 })],
    ["dropped by hand", row(0, 0, 0, { forced: "drop" })],
    ["kept by hand", row(0, 0, 0.3, { forced: "keep" })],
    ["kept by hand, but it has no gradient on the picture", row(0, 0, 0, { image: 0, forced: "keep" })],
    ["outside the layer range", row(0, 0, 0, { inRange: false, forced: "keep" })],
    ["kept in 3 of 12 tokens", row(0, 0, 0.1, { whole: true, keptTokens: 3, tokens: 12 })],
  ])("says: %s", (text, decided) => expect(headDecision(decided)).toBe(text));
});
