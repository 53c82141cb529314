import { describe, expect, it } from "vitest";
import { differenceMap } from "../../src/core/compare/differenceMap.js";
import { cellStrength } from "../../src/core/heatmap/cellStrength.js";
import { drawnSize, drawnValues } from "../../src/core/heatmap/drawnValues.js";
import { gridLayers } from "../../src/core/heatmap/gridLayers.js";
import { paintCells } from "../../src/core/heatmap/paintCells.js";
import { sheetLayers } from "../../src/core/heatmap/sheetLayers.js";
import { smooth } from "../../src/core/heatmap/smooth.js";
import { tileBoxes } from "../../src/core/heatmap/tileBoxes.js";
import type { Rectangle } from "../../src/core/run/types.js";
import { cellsBelow, nextCell } from "../../webview/panel/cellPlaces.js";
import { cellNamer } from "../../webview/panel/cellReadout.js";
import { cellViews } from "../../webview/panel/cellViews.js";
import { placelessNote } from "../../webview/panel/placelessNote.js";

const NOWHERE: Rectangle = [0, 0, 0, 0];

/** Columns and rows between borders. */
function grid(across: readonly number[], down: readonly number[]): Rectangle[] {
  return down.slice(1).flatMap((bottom, row) =>
    across.slice(1).map((right, column): Rectangle => {
      const [left, top] = [across[column] ?? 0, down[row] ?? 0];
      return [left, top, right - left, bottom - top];
    }),
  );
}

/** As Florence-2 sees a picture: a mean of all patches, then the patches. */
const POOLED = [NOWHERE, ...grid([0, 10, 20, 30], [0, 10, 20])];
/** As Phi-3.5-vision does: a padded picture, so its first and last rows are cut off, with a token after every row. */
const TILES_CUT = grid([0, 10, 20, 30, 40], [0, 4, 14, 24, 28]);
const WHOLE_CUT = grid([0, 20, 40], [0, 4, 24, 28]);
const CUT = [...TILES_CUT, NOWHERE, ...WHOLE_CUT, NOWHERE];
/** As SmolVLM does: tiles over the whole. */
const TILED = [...grid([0, 10, 20, 30, 40], [0, 10, 20]), ...grid([0, 20, 40], [0, 10, 20])];

describe("gridLayers", () => {
  const shapes = (cells: readonly Rectangle[]) =>
    gridLayers(cells)?.map(({ columns, rows }) => [columns, rows]) ?? null;

  it("leaves cells without area out", () => {
    expect(shapes(POOLED)).toEqual([[3, 2]]);
    expect(gridLayers(POOLED)?.[0]?.order).toEqual(Int32Array.of(1, 2, 3, 4, 5, 6));
  });

  it("takes cut-off rows and columns at the border into their grid, the finest grid first", () => {
    expect(shapes(CUT)).toEqual([
      [4, 4],
      [2, 3],
    ]);
    expect(shapes(grid([0, 3, 13, 23, 28], [0, 10, 20]))).toEqual([[4, 2]]);
    expect(shapes(grid([0, 3, 13, 23, 28], [0, 4, 14, 24, 26]))).toEqual([[4, 4]]);
  });

  it("keeps views apart whose cells have one side in common", () => {
    expect(shapes(TILED)).toEqual([
      [4, 2],
      [2, 2],
    ]);
  });

  it("finds none in cells with a gap, and none without any cell in the picture", () => {
    expect(shapes([...grid([0, 10, 20], [0, 10]), [35, 0, 10, 10]])).toBeNull();
    expect(shapes([NOWHERE])).toBeNull();
    expect(shapes([])).toBeNull();
  });

  it("finds the same in cells with rounded borders", () => {
    const rounded = CUT.map((cell): Rectangle => [cell[0] + 0.05, cell[1] - 0.05, cell[2] - 0.06, cell[3]]);
    expect(shapes(rounded.map((cell, index) => (CUT[index] === NOWHERE ? NOWHERE : cell)))).toEqual([
      [4, 4],
      [2, 3],
    ]);
  });
});

describe("pictures beside each other on a sheet", () => {
  const moved = (cells: readonly Rectangle[], left: number, top: number) =>
    cells.map((cell): Rectangle =>
      cell === NOWHERE ? cell : [cell[0] + left, cell[1] + top, cell[2], cell[3]],
    );
  /** Four pictures in two rows, the second of which begins where no picture of the first ends. */
  const SHEET = [...TILED, ...moved(TILED, 48, 0), ...moved(CUT, 0, 28), ...moved(POOLED, 60, 28)];

  it("have the grids of each, whichever picture has cells of the same size", () => {
    expect(gridLayers(SHEET)).toBeNull();
    const layers = sheetLayers(SHEET) ?? [];
    expect(layers.map(({ columns, rows }) => [columns, rows]).toSorted()).toEqual(
      [TILED, TILED, CUT, POOLED]
        .flatMap((cells) => gridLayers(cells)?.map((l) => [l.columns, l.rows]))
        .toSorted(),
    );
    const own = layers.flatMap(({ order }) => [...order]).toSorted((a, b) => a - b);
    expect(own).toEqual(SHEET.flatMap((cell, index) => (cell[2] > 0 ? [index] : [])));
    expect(sheetLayers([[0, 0, 4, 4], [2, 2, 4, 3], [3, 0, 4, 4]])).toBeNull(); // prettier-ignore
  });

  it("are each drawn as by themselves: smooth, and from 0 to 1", () => {
    const values = Float32Array.from(TILED, (_, index) => (index * 7) % 12);
    const pair = [...TILED, ...moved(TILED, 48, 0)];
    const alone = smooth(values, TILED, 40, 20);
    const both = smooth(Float32Array.of(...values, ...values.map(() => 0)), pair, 88, 20);
    for (let y = 0; y < 20; y++) {
      expect([...both.subarray(88 * y, 88 * y + 40)]).toEqual([...alone.subarray(40 * y, 40 * y + 40)]);
      expect(both.subarray(88 * y + 40, 88 * y + 88).every((value) => value === 0)).toBe(true);
    }
    const peaks = Float32Array.of(6, 0, 0, 0, 0, 0, 0, 0, 4, 0, 0, 0, ...values.map(() => 1));
    expect(Math.max(...smooth(cellStrength(peaks, pair), pair, 88, 20))).toBeCloseTo(1);
    expect(Math.max(...drawnValues(peaks, pair))).toBe(5);
  });
});

describe("a smooth map with cut-off rows", () => {
  it("goes over from centre to centre of what can be seen, without a step", () => {
    const cells = grid([0, 10], [0, 4, 14, 18]);
    const raster = smooth(Float32Array.of(0, 1, 0), cells, 10, 18);
    const column = Array.from({ length: 18 }, (_, y) => raster[10 * y + 5] ?? NaN);
    expect(column[1]).toBe(0);
    // The middle row's centre is at 9; the first one's at 2: seven pixels from 0 to 1.
    expect(column[4]).toBeCloseTo(2.5 / 7);
    expect(column[8]).toBeCloseTo(6.5 / 7);
    expect(column.map((value) => value.toFixed(5))).toEqual(
      column.toReversed().map((value) => value.toFixed(5)),
    );
  });
});

describe("tileBoxes", () => {
  it("passes over cells without area and keeps cut-off rows in their tile, each box once", () => {
    const rows = grid([0, 10, 20], [0, 4, 14, 18]);
    const withEnds = [...rows.slice(0, 2), NOWHERE, ...rows.slice(2, 4), NOWHERE, ...rows.slice(4), NOWHERE];
    expect(tileBoxes(withEnds)).toEqual([[0, 0, 20, 18]]);
    expect(tileBoxes(CUT)).toEqual([[0, 0, 40, 28]]);
    expect(tileBoxes(POOLED)).toEqual([[0, 0, 30, 20]]);
  });

  it("keeps cut-off columns in their tile", () => {
    expect(tileBoxes(grid([0, 3, 13, 16], [0, 10, 20]))).toEqual([[0, 0, 16, 20]]);
  });
});

describe("cellStrength", () => {
  it("goes from 0 to 1 in the picture, whatever is on tokens without a place", () => {
    const values = Float32Array.of(100, 1, 2, 3, 1, 2, 3);
    expect(Array.from(cellStrength(values, POOLED))).toEqual([0, 0, 0.5, 1, 0, 0.5, 1]);
  });

  it("keeps the sign", () => {
    const values = Float32Array.of(-100, -1, 2, 0, 0, 0, 0);
    expect(Array.from(cellStrength(values, POOLED, true))).toEqual([0, -0.5, 1, 0, 0, 0, 0]);
  });

  it("lets what is drawn where views lie on each other reach from 0 to 1: their mean", () => {
    const values = Float32Array.of(6, 0, 0, 0, 0, 0, 0, 4, 0, 0, 0, 2);
    expect(Array.from(drawnValues(values, TILED))).toEqual([3, 0, 0, 0, 0, 0, 1, 3, 0, 0, 0, 3]);
    const strength = cellStrength(values, TILED);
    for (const paint of [paintCells, smooth]) {
      const raster = paint(strength, TILED, 40, 20);
      expect(Math.min(...raster)).toBeCloseTo(0);
      expect(Math.max(...raster)).toBeCloseTo(1);
    }
    const signed = values.map((value) => -value);
    expect(Math.min(...paintCells(cellStrength(signed, TILED, true), TILED, 40, 20))).toBeCloseTo(-1);
    expect(drawnSize(signed, TILED)).toBe(3);
  });

  it("is flat where the picture is", () => {
    const values = Float32Array.of(9, 1, 1, 1, 1, 1, 1);
    expect(Array.from(cellStrength(values, POOLED))).toEqual([0, 0, 0, 0, 0, 0, 0]);
  });
});

describe("names of cells", () => {
  it("are row and column of the view they belong to", () => {
    const name = cellNamer({ cells: TILED });
    expect([name(0), name(7), name(8), name(11)]).toEqual([
      "tiles, row 1, column 1",
      "tiles, row 2, column 4",
      "whole view, row 1, column 1",
      "whole view, row 2, column 2",
    ]);
  });

  it("say that a token has no place, and count the others as if it were not there", () => {
    const name = cellNamer({ cells: POOLED });
    expect([name(0), name(1), name(6)]).toEqual([
      "no place in the picture",
      "row 1, column 1",
      "row 2, column 3",
    ]);
  });

  it("say which picture, where a prompt has several", () => {
    const cells = [...grid([0, 10, 20], [0, 10]), ...grid([40, 50, 60], [0, 10])];
    const picture = { name: "a.png", sha256: "", place: NOWHERE, seen: NOWHERE, tokens: 2 };
    const name = cellNamer({ cells, images: [picture, { ...picture, name: "b.png" }] });
    expect([name(1), name(2)]).toEqual(["picture 1, row 1, column 2", "picture 2, row 1, column 1"]);
    expect(cellViews({ cells, images: [picture, picture] })?.map(({ order }) => order)).toEqual([
      [0, 1],
      [2, 3],
    ]);
  });

  it("are boxes where cells form no grid", () => {
    const cells: Rectangle[] = [
      [0, 0, 10, 10],
      [25, 3, 10, 10],
    ];
    expect(cellNamer({ cells })(1)).toBe("x 25 y 3, 10 x 10 pixels");
  });

  it("speak of tiles only where a view of the whole lies over them", () => {
    const cells: Rectangle[] = [
      [0, 0, 10, 10],
      [90, 0, 20, 20],
    ];
    expect(cellNamer({ cells })(0)).toBe("view 1, row 1, column 1");
  });
});

describe("cells that lie on each other", () => {
  it("are found below the middle of a finer one", () => {
    expect(cellsBelow(TILED, 0)).toEqual([8]);
    expect(cellsBelow(TILED, 7)).toEqual([11]);
    expect(cellsBelow(POOLED, 1)).toEqual([]);
    expect(cellsBelow(POOLED, 0)).toEqual([]);
  });

  it("are walked without ever stepping on a token that has no place", () => {
    expect(nextCell(POOLED, -1, "ArrowRight")).toBe(1);
    expect(nextCell(POOLED, 1, "ArrowLeft")).toBe(1);
    expect(nextCell(POOLED, 1, "ArrowUp")).toBe(1);
    expect(nextCell([NOWHERE], -1, "ArrowUp")).toBe(-1);
  });
});

describe("placelessNote", () => {
  it("says how much of the map the picture cannot show", () => {
    expect(placelessNote(Float32Array.of(3, 1, 0, 0, 0, 0, 0), POOLED)).toBe(
      "75 % of this map is on an image token that has no place in the picture.",
    );
    const values = new Float32Array(CUT.length).fill(1);
    expect(placelessNote(values, CUT)).toBe(
      "8 % of this map is on 2 image tokens that have no place in the picture.",
    );
  });

  it("is empty where all tokens have a place, or the map is empty", () => {
    expect(placelessNote(new Float32Array(TILED.length).fill(1), TILED)).toBe("");
    expect(placelessNote(new Float32Array(POOLED.length), POOLED)).toBe("");
  });
});

describe("the difference of two maps", () => {
  it("is that of what lies in the picture, with the same cells and with others", () => {
    const image = { width: 30, height: 20 };
    const pooled = { cells: POOLED, image, values: Float32Array.of(50, 1, 0, 0, 0, 0, 1) };
    const same = differenceMap(pooled, { ...pooled, values: Float32Array.of(0, 1, 0, 0, 0, 0, 1) });
    expect(same.cells).toHaveLength(6);
    expect(same.most).toBe(0);
    const bare = { cells: POOLED.slice(1), image, values: Float32Array.of(1, 0, 0, 0, 0, 1) };
    const other = differenceMap(pooled, bare);
    expect(other.grid).toBe("cells");
    expect(other.most).toBe(0);
  });
});
