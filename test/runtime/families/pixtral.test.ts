import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { ModelConfigs } from "../../../src/runtime/families/family.js";
import { pixtral } from "../../../src/runtime/families/pixtral/family.js";
import { pixtralLayout } from "../../../src/runtime/families/pixtral/geometry.js";
import { PilImage } from "../../../src/runtime/image/pilImage.js";
import { readConfigs } from "../../../src/runtime/model/loadModel.js";
import { familyFolder } from "../../helpers/familyFolder.js";
import { loadedModel } from "../../helpers/loadedModel.js";
import { holds, mostMoved, movedCells } from "../../helpers/movedCells.js";
import { thrownBy } from "../../helpers/thrownBy.js";
import { expectWholeGrid } from "../../helpers/wholeGrid.js";

function configsOf(longest: number, token: number): ModelConfigs {
  return {
    config: {},
    image: { size: { longest_edge: longest } },
    processor: { patch_size: token / 2, spatial_merge_size: 2 },
  };
}

/** By Python's PixtralImageProcessor: [longest edge, side of a token, width, height, rows, columns]. */
const PYTHON_GRIDS = [
  [1540, 28, 640, 480, 18, 23],
  [1540, 28, 1600, 900, 31, 55],
  [1540, 28, 900, 1600, 55, 31],
  [1540, 28, 1540, 1540, 55, 55],
  [1540, 28, 1541, 3, 1, 55],
  [1540, 28, 28, 28, 1, 1],
  [1540, 28, 29, 28, 1, 2],
  [1540, 28, 1, 1, 1, 1],
  [1024, 16, 2048, 1023, 32, 64],
  [1024, 16, 333, 777, 49, 21],
  [1024, 16, 4000, 37, 1, 64],
  [64, 14, 65, 64, 5, 5],
] as const;

describe("the grid", () => {
  test.each(PYTHON_GRIDS)(
    "up to %i px, tokens of %i: %i x %i as in Python",
    (longest, token, width, height, rows, cols) => {
      const { cells, summary } = pixtralLayout({ width, height }, configsOf(longest, token));
      expect(summary).toBe(`${cols} x ${rows}`);
      expect(cells).toHaveLength(rows * cols);
    },
  );

  test("covers the whole picture, row by row", () => {
    const side = fc.integer({ min: 1, max: 4000 });
    fc.assert(
      fc.property(side, side, (width, height) => {
        fc.pre(Math.max(width, height) / Math.min(width, height) < 1000);
        const layout = pixtralLayout({ width, height }, configsOf(1540, 28));
        const [cols = NaN, rows = NaN] = layout.summary.split(" x ").map(Number);
        expectWholeGrid(layout, { width, height }, [cols, rows]);
      }),
      { numRuns: 50 },
    );
  });

  test("a picture of which nothing is left, and a configuration that does not say, are refused", () => {
    const narrow = thrownBy(() => pixtralLayout({ width: 4000, height: 2 }, configsOf(1540, 28)));
    expect(narrow.code).toBe("image-too-narrow");
    const configs = { ...configsOf(1540, 28), image: { size: { height: 9, width: 9 } } };
    const unknown = thrownBy(() => pixtralLayout({ width: 9, height: 9 }, configs));
    expect(unknown.code).toBe("image-layout-unknown");
    expect(unknown.message).toContain('size {"height":9,"width":9}');
  });
});

describe("the tiny model", () => {
  const folder = familyFolder("pixtral");
  const vlm = loadedModel(folder);

  test.each([
    [50, 20],
    [20, 50],
    [64, 64],
    [200, 133],
    [7, 90],
  ])(
    "has as many image tokens as cells for %i x %i, and marks at the ends of rows",
    async (width, height) => {
      const picture = { data: new Uint8Array(3 * width * height), width, height, warnings: [] };
      const image = PilImage.fromPicture(picture);
      const { cells, summary } = pixtral.layout(picture, readConfigs(folder), "python");
      const call = { processor: vlm().processor, configs: vlm().configs, imageToken: vlm().imageToken };
      const { input_ids: ids } = await pixtral.process({
        ...call,
        image,
        text: "[IMG]",
        addSpecialTokens: false,
      });
      const text = vlm().processor.tokenizer?.decode((ids?.tolist() as bigint[][])[0] ?? []) ?? "";
      const rows = text.split("[IMG_BREAK]");
      expect(text.split("[IMG]")).toHaveLength(cells.length + 1);
      expect(`${(rows[0]?.split("[IMG]").length ?? 0) - 1} x ${rows.length}`).toBe(summary);
      expect(text.endsWith("[IMG_END]")).toBe(true);
    },
  );

  test.each([
    { width: 200, height: 120, row: 0, col: 1, rows: 3, cols: 5 },
    { width: 200, height: 120, row: 2, col: 4, rows: 3, cols: 5 },
    { width: 120, height: 200, row: 3, col: 2, rows: 5, cols: 3 },
    { width: 90, height: 200, row: 4, col: 0, rows: 5, cols: 2 },
    { width: 50, height: 50, row: 1, col: 2, rows: 4, cols: 4 },
  ])(
    "a bright square on $width x $height in row $row of $rows, column $col of $cols",
    async ({ width, height, row, col, rows, cols }) => {
      const [x, y] = [((col + 0.5) * width) / cols, ((row + 0.5) * height) / rows];
      const [across, down] = [Math.round((0.7 * width) / cols), Math.round((0.7 * height) / rows)];
      const square = [Math.round(x - across / 2), Math.round(y - down / 2), across, down] as const;
      const found = await movedCells(vlm(), { width, height }, square);
      expect(found.cells).toHaveLength(rows * cols);
      expect(holds(mostMoved(found), [x, y])).toBe(true);
    },
  );
});
