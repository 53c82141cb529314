import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { alignTokens } from "../../src/core/compare/alignTokens.js";
import type { RunToken } from "../../src/core/run/types.js";
import { layoutAlignedTokens } from "../../webview/charts/alignedTokens.js";
import { layoutLayerDifferences } from "../../webview/charts/layerDifferences.js";
import { cellAt } from "../../webview/compare/cellReadout.js";
import { pointsText, shareText } from "../../webview/compare/shareText.js";

const token = (text: string): RunToken => ({
  id: 1,
  text,
  kind: "generated",
  logprob: -0.1,
  alternatives: [],
  stop: text === "</s>",
});

describe("layoutAlignedTokens", () => {
  it("has a column for each pair, tinted by each answer's own largest delta", () => {
    const a = { tokens: ["a", " cat", "\n", "</s>"].map(token), tokenWeight: [0, 2, 1, 9] };
    const b = { tokens: ["a", " big", " dog", "</s>"].map(token), tokenWeight: [0, 0.5, 0.25, 9] };
    const columns = layoutAlignedTokens(alignTokens(a.tokens, b.tokens), a, b);
    expect(columns.map(({ kind }) => kind)).toEqual(["same", "changed", "changed", "same"]);
    expect(columns.map((column) => [column.a?.tint, column.b?.tint])).toEqual([
      [0, 0],
      [1, 1],
      [0.5, 0.5],
      [1, 1],
    ]);
    expect(columns.map(({ lineBreak }) => lineBreak)).toEqual([false, false, true, false]);
    expect(columns[1]?.description).toBe("·cat in A, ·big in B, delta 2 and 0.500");
    expect(columns[0]?.a?.hollow).toBe(true);
    expect(columns[3]?.b?.stop).toBe(true);
  });

  it("leaves the place of what the other answer lacks empty", () => {
    const a = { tokens: [token("a")], tokenWeight: [1] };
    const b = { tokens: [token("a"), token(" b")], tokenWeight: [1, 0] };
    const [, added] = layoutAlignedTokens(alignTokens(a.tokens, b.tokens), a, b);
    expect(added).toMatchObject({ kind: "added", a: null, description: "·b, only in B, delta 0" });
  });
});

describe("layoutLayerDifferences", () => {
  const layer = fc.record({
    a: fc.float({ min: 0, max: 1, noNaN: true }),
    b: fc.float({ min: 0, max: 1, noNaN: true }),
  });

  it("keeps shares and differences within their rooms, the largest at full height", () => {
    fc.assert(
      fc.property(
        fc.array(layer, { minLength: 1, maxLength: 80 }),
        fc.integer({ min: 150, max: 900 }),
        (values, width) => {
          const layout = layoutLayerDifferences(
            values.map((value, index) => ({ layer: index, ...value })),
            width,
          );
          const { columns, rooms, most } = layout;
          for (const column of columns) {
            expect(Math.max(column.a, column.b)).toBeLessThanOrEqual(rooms.share + 1e-6);
            expect(Math.abs(column.difference)).toBeLessThanOrEqual(rooms.difference + 1e-6);
            expect(column.x + column.width).toBeLessThanOrEqual(layout.width + 1e-6);
          }
          const largest = Math.max(...columns.map(({ difference }) => Math.abs(difference)));
          expect(largest).toBeCloseTo(most.difference > 0 ? rooms.difference : 0, 4);
        },
      ),
    );
  });
});

describe("cellAt", () => {
  it("finds the smallest cell that holds the point", () => {
    const cells = [
      [0, 0, 1, 1],
      [0, 0, 0.5, 0.5],
      [0.5, 0, 0.5, 0.5],
    ] as const;
    expect([cellAt(cells, 0.1, 0.1), cellAt(cells, 0.7, 0.2), cellAt(cells, 0.9, 0.9)]).toEqual([1, 2, 0]);
    expect(cellAt(cells, 1.2, 0.5)).toBeNull();
  });
});

describe("shareText", () => {
  it.each([
    [0, "0 %"],
    [1, "100 %"],
    [0.1234, "12 %"],
    [0.01234, "1.2 %"],
    [0.00042, "0.042 %"],
    [-0.0123, "−1.2 %"],
    [1e-9, "<0.001 %"],
  ])("writes %d as %s", (share, text) => expect(shareText(share)).toBe(text));

  it("gives differences their sign", () => {
    expect([pointsText(0.02), pointsText(-0.02), pointsText(0)]).toEqual(["+2 %", "−2 %", "0 %"]);
  });
});
