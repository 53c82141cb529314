import { readFileSync } from "node:fs";
import { join } from "node:path";
import { AutoImageProcessor, type ImageProcessor, RawImage } from "@huggingface/transformers";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { paintCells } from "../../../src/core/heatmap/paintCells.js";
import { tileBoxes } from "../../../src/core/heatmap/tileBoxes.js";
import type { Rectangle } from "../../../src/core/run/types.js";
import type { ModelConfigs } from "../../../src/runtime/families/family.js";
import { tileGrid, tilesLayout } from "../../../src/runtime/families/idefics3/geometry.js";
import { pilTiles } from "../../../src/runtime/families/idefics3/tiles.js";
import { PilImage } from "../../../src/runtime/image/pilImage.js";
import { modelInputs } from "../../../src/runtime/answer/prompt.js";
import { loadPicture } from "../../../src/runtime/image/picture.js";
import { maxDifference } from "../../helpers/compare.js";
import { expectSecondMoves } from "../../helpers/expectSecondMoves.js";
import { familyFolder } from "../../helpers/familyFolder.js";
import { loadedModel } from "../../helpers/loadedModel.js";
import { holds, mostMoved, movedCells } from "../../helpers/movedCells.js";
import { readPixels, REFERENCE } from "../../helpers/referenceImages.js";
import { thrownBy } from "../../helpers/thrownBy.js";
import { anySize, cellsOf } from "../../helpers/wholeGrid.js";

const SMOLVLM = familyFolder("smolvlm");
const WHOLE = familyFolder("smolvlm", "idefics3");

function configsOf(longest: number, tile: number, tokens: number, split = true): ModelConfigs {
  return {
    config: {},
    image: {
      size: { longest_edge: longest },
      max_image_size: { longest_edge: tile },
      do_image_splitting: split,
    },
    processor: { image_seq_len: tokens },
  };
}

/** Rows and columns of tiles by Python's Idefics3ImageProcessor: [longest edge, tile, width, height, rows, columns]. */
const PYTHON_TILES = [
  [2048, 512, 640, 480, 3, 4],
  [2048, 512, 300, 900, 4, 2],
  [2048, 512, 1000, 1000, 4, 4],
  [2048, 512, 97, 31, 2, 4],
  [2048, 512, 31, 97, 4, 2],
  [2048, 512, 4000, 37, 1, 4],
  [2048, 512, 2048, 512, 1, 4],
  [2048, 512, 513, 2048, 4, 2],
  [2048, 512, 1, 1, 4, 4],
  [1456, 364, 513, 2048, 4, 1],
  [1456, 364, 97, 31, 2, 4],
  [8192, 512, 640, 480, 6, 8],
  [6000, 512, 300, 900, 8, 3],
  [512, 512, 640, 480, 0, 0],
  [512, 512, 4000, 37, 0, 0],
] as const;

describe("tiles", () => {
  test.each(PYTHON_TILES)(
    "%i px in tiles of %i: %i x %i as Python cuts it",
    (longest, tile, width, height, rows, cols) => {
      const grid = tileGrid({ width, height }, configsOf(longest, tile, 64).image, "python");
      expect([grid.rows, grid.cols]).toEqual([rows, cols]);
    },
  );

  test("cells of tiles and of the whole picture each cover it exactly, in the order of the tokens", () => {
    fc.assert(
      fc.property(anySize, fc.constantFrom(1, 2, 3, 8), fc.boolean(), ({ width, height }, across, split) => {
        const configs = configsOf(2048, 512, across ** 2, split);
        const { rows, cols } = tileGrid({ width, height }, configs.image, "python");
        const { cells, seen } = tilesLayout({ width, height }, configs, "python");
        const whole: Rectangle = [0, 0, width, height];
        const boxes = [...(rows > 0 ? cellsOf(whole, [cols, rows]) : []), whole];
        const expected = boxes.flatMap((box) => cellsOf(box, [across, across]));
        expect(seen).toEqual(whole);
        expect(maxDifference(cells.flat(), expected.flat())).toBeLessThan(1e-6);
      }),
    );
  });

  test("the panel finds the tiles again, and draws tile and whole as their mean by area", () => {
    const { cells } = tilesLayout({ width: 100, height: 60 }, configsOf(1024, 512, 16), "python");
    const boxes = tileBoxes(cells);
    expect(boxes.map((box) => box.map((side) => Math.round(side)))).toEqual([
      [0, 0, 50, 30],
      [50, 0, 50, 30],
      [0, 30, 50, 30],
      [50, 30, 50, 30],
      [0, 0, 100, 60],
    ]);
    // One cell of the first tile and the one of the whole that lies over it.
    const values = Float32Array.from(cells, (_, i) => (i === 0 ? 1 : i === 64 ? 0.5 : 0));
    const raster = paintCells(values, cells, 100, 60);
    expect(raster[0]).toBeCloseTo((1 + 0.5) / 2, 6);
    expect(raster[20]).toBeCloseTo((0 + 0.5) / 2, 6);
    expect(raster[40]).toBe(0);
  });

  test("a configuration that does not say is refused", () => {
    const configs = configsOf(2048, 512, 60);
    expect(thrownBy(() => tilesLayout({ width: 9, height: 9 }, configs, "python")).code).toBe(
      "image-layout-unknown",
    );
    const image = { ...configs.image, size: undefined };
    expect(thrownBy(() => tileGrid({ width: 9, height: 9 }, image, "python")).message).toContain(
      "size.longest_edge",
    );
  });
});

interface Sample {
  readonly picture: string;
  readonly config: Record<string, unknown>;
  readonly rows: number;
  readonly cols: number;
  readonly shape: readonly number[];
  readonly stride: number;
  readonly bytes: readonly number[];
  readonly tileMeans: readonly number[];
}

describe("pixel values with the settings of published models", () => {
  const { samples } = JSON.parse(readFileSync(join(SMOLVLM, "tiles.json"), "utf8")) as { samples: Sample[] };

  test.each(samples)("$picture: every byte as Python's", async ({ picture, config, ...expected }) => {
    const image = PilImage.fromPicture(await readPixels(`${REFERENCE}/images/${picture}.png`));
    const grid = tileGrid(image, config, "python");
    expect([grid.rows, grid.cols]).toEqual([expected.rows, expected.cols]);
    const { pixel_values: pixels, pixel_attention_mask: mask } = await pilTiles(image, grid, config);
    expect(pixels.dims).toEqual(expected.shape);
    expect(mask.dims).toEqual(expected.shape.filter((_, i) => i !== 2));
    const bytes = (pixels.data as Float32Array).map((value) => Math.round((value * 0.5 + 0.5) * 255));
    expect(expected.bytes.map((_, i) => bytes[i * expected.stride])).toEqual(expected.bytes);
    const size = bytes.length / expected.tileMeans.length;
    expected.tileMeans.forEach((mean, tile) => {
      const own =
        bytes.subarray(tile * size, (tile + 1) * size).reduce((sum, value) => sum + value, 0) / size;
      expect(own).toBeCloseTo(mean, 3);
    });
  });
});

test("transformers.js cuts its own pictures into as many tiles as the layout has", async () => {
  const processor: ImageProcessor = await AutoImageProcessor.from_pretrained(SMOLVLM);
  const image = JSON.parse(
    readFileSync(join(SMOLVLM, "preprocessor_config.json"), "utf8"),
  ) as ModelConfigs["image"];
  for (const [width, height] of [
    [100, 60],
    [40, 90],
    [64, 32],
    [33, 64],
    [90, 11],
  ] as const) {
    const picture = new RawImage(new Uint8ClampedArray(3 * width * height), width, height, 3);
    const { rows, cols } = (await processor(picture, { return_row_col_info: true })) as Record<
      "rows" | "cols",
      number[][]
    >;
    const grid = tileGrid({ width, height }, image, "transformers.js");
    expect([[grid.rows], [grid.cols]]).toEqual([rows[0], cols[0]]);
  }
});

describe.each([
  { name: "tiles and whole", folder: SMOLVLM },
  { name: "whole only", folder: WHOLE },
])("a bright square on the picture: $name", ({ folder }) => {
  const vlm = loadedModel(folder);

  test("transformers.js's own resize gives as many tiles, and other pixels", async () => {
    const picture = await loadPicture(join(folder, "pictures", "wide.png"));
    const parts = { picture, rendered: "<image>", pixelValuesPath: null };
    const python = await modelInputs(vlm(), { ...parts, resize: "pil" });
    const own = await modelInputs(vlm(), { ...parts, resize: "transformers.js" });
    expect(own.inputs["pixel_values"]?.dims).toEqual(python.inputs["pixel_values"]?.dims);
    expect(own.ids).toEqual(python.ids);
    expect(own.inputs["pixel_values"]?.data).not.toEqual(python.inputs["pixel_values"]?.data);
  });

  test.each([
    { width: 200, height: 120, x: 29, y: 17 },
    { width: 200, height: 120, x: 160, y: 95 },
    { width: 90, height: 260, x: 60, y: 30 },
    { width: 90, height: 260, x: 20, y: 230 },
    { width: 150, height: 150, x: 100, y: 40 },
  ])("of $width x $height at $x, $y moves the cells that lie there", async ({ width, height, x, y }) => {
    const [across, down] = [Math.round(width / 12), Math.round(height / 12)];
    const found = await movedCells(vlm(), { width, height }, [x, y, across, down]);
    const centre = [x + across / 2, y + down / 2] as const;
    const global = found.cells.length - 16;
    if (global > 0) expect(holds(mostMoved(found, 0, global), centre)).toBe(true);
    expect(holds(mostMoved(found, global), centre)).toBe(true);
  });

  test("the second of two, of 90 x 260, moves its own cells there and none of the first one's", async () => {
    const before = join(folder, "pictures", "wide.png");
    await expectSecondMoves(vlm(), before, { width: 90, height: 260 }, [60, 30, 8, 22]);
  });
});
