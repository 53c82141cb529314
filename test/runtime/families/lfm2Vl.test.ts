import { readFileSync } from "node:fs";
import { join } from "node:path";
import { RawImage, type Tensor } from "@huggingface/transformers";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { explainAnswer } from "../../../src/runtime/answer/explain.js";
import type { ModelConfigs } from "../../../src/runtime/families/family.js";
import { viewGrid, viewsLayout } from "../../../src/runtime/families/lfm2Vl/geometry.js";
import { openLfm2Processor } from "../../../src/runtime/families/lfm2Vl/openProcessor.js";
import { imageConfig } from "../../../src/runtime/families/lfm2Vl/imageConfig.js";
import { modelInputs } from "../../../src/runtime/answer/prompt.js";
import { loadPicture } from "../../../src/runtime/image/picture.js";
import { explainRequest, neverAborted } from "../../helpers/explainRequest.js";
import { familyFolder } from "../../helpers/familyFolder.js";
import { loadedModel } from "../../helpers/loadedModel.js";
import { holds, mostMoved, movedCells } from "../../helpers/movedCells.js";

const FOLDER = familyFolder("lfm2vl");
/** As LFM2-VL has it: tiles of 512 pixels, 64 to 256 tokens a view. */
const PUBLISHED: ModelConfigs = { config: {}, image: {}, processor: {} };

/** By Python's Lfm2VlImageProcessor: [width, height, columns, rows, width and height of the picture alone or thumbnail]. */
const PYTHON_VIEWS = [
  [640, 480, 1, 1, 576, 416],
  [1600, 900, 4, 2, 672, 384],
  [300, 900, 1, 1, 288, 896],
  [97, 31, 1, 1, 480, 160],
  [2000, 2000, 3, 3, 512, 512],
  [4000, 3000, 3, 2, 576, 416],
  [1024, 1024, 2, 2, 512, 512],
  [512, 512, 1, 1, 512, 512],
  [3000, 400, 8, 1, 1376, 160],
  [400, 3000, 1, 8, 160, 1376],
  [720, 1024, 2, 3, 416, 608],
  [16, 2000, 1, 1, 32, 2880],
  [5, 5, 1, 1, 256, 256],
  [784, 48, 1, 1, 1056, 64],
] as const;

describe("views", () => {
  test.each(PYTHON_VIEWS)("%i x %i as Python cuts it", (width, height, cols, rows, wide, high) => {
    const grid = viewGrid({ width, height }, imageConfig({}), "python");
    expect([grid.cols, grid.rows, grid.small.width, grid.small.height]).toEqual([cols, rows, wide, high]);
  });

  test("cells of the tiles and of the thumbnail each cover the picture exactly", () => {
    const side = fc.integer({ min: 1, max: 4000 });
    fc.assert(
      fc.property(side, side, fc.boolean(), (width, height, thumbnail) => {
        const configs = { ...PUBLISHED, image: { use_thumbnail: thumbnail } };
        const { rows, cols, small } = viewGrid({ width, height }, imageConfig(configs.image), "python");
        const { cells } = viewsLayout({ width, height }, configs, "python");
        const isCut = rows * cols > 1;
        const tiles = isCut ? rows * cols * 256 : 0;
        const alone = isCut && !thumbnail ? 0 : (small.width * small.height) / 32 ** 2;
        expect(cells).toHaveLength(tiles + alone);
        const area = (from: number, to?: number) =>
          cells.slice(from, to).reduce((sum, [, , w, h]) => sum + w * h, 0) / (width * height);
        if (tiles > 0) expect(area(0, tiles)).toBeCloseTo(1, 6);
        if (alone > 0) expect(area(tiles)).toBeCloseTo(1, 6);
      }),
    );
  });

  test("transformers.js cuts its own pictures into the views that the layout has", async () => {
    const { image_processor: processor } = await openLfm2Processor(FOLDER);
    const image = JSON.parse(
      readFileSync(join(FOLDER, "preprocessor_config.json"), "utf8"),
    ) as ModelConfigs["image"];
    for (const [width, height] of [
      [100, 60],
      [28, 36],
      [33, 95],
      [90, 11],
      [7, 5],
      [64, 64],
    ] as const) {
      const picture = new RawImage(new Uint8ClampedArray(3 * width * height), width, height, 3);
      const { spatial_shapes: shapes } = (await processor?.(picture)) as { spatial_shapes: Tensor };
      const patches = Array.from(shapes.data as BigInt64Array, Number);
      const tokens = patches.reduce(
        (sum, rows, i) => sum + (i % 2 ? 0 : (rows * (patches[i + 1] ?? 0)) / 4),
        0,
      );
      const configs = { ...PUBLISHED, image };
      expect(viewsLayout({ width, height }, configs, "transformers.js").cells).toHaveLength(tokens);
    }
  });
});

describe("the tiny model", () => {
  const vlm = loadedModel(FOLDER);

  test.each([
    { width: 200, height: 120, x: 29, y: 17, tiles: 2 },
    { width: 200, height: 120, x: 130, y: 95, tiles: 2 },
    { width: 60, height: 190, x: 32, y: 51, tiles: 3 },
    { width: 40, height: 40, x: 32, y: 2, tiles: 0 },
  ])("a bright square of $width x $height at $x, $y moves the cells that lie there", async (given) => {
    const { width, height, x, y, tiles } = given;
    const [across, down] = [Math.round(width / 12), Math.round(height / 12)];
    const found = await movedCells(vlm(), { width, height }, [x, y, across, down]);
    const centre = [x + across / 2, y + down / 2] as const;
    expect(found.cells.length).toBeGreaterThan(16 * tiles);
    if (tiles > 0) expect(holds(mostMoved(found, 0, 16 * tiles), centre)).toBe(true);
    expect(holds(mostMoved(found, 16 * tiles), centre)).toBe(true);
  });

  test("transformers.js's own resize gives as many views, and other pixels", async () => {
    const picture = await loadPicture(join(FOLDER, "pictures", "wide.png"));
    const parts = { picture, rendered: "<image>", pixelValuesPath: null };
    const python = await modelInputs(vlm(), { ...parts, resize: "pil" });
    const own = await modelInputs(vlm(), { ...parts, resize: "transformers.js" });
    for (const name of ["pixel_attention_mask", "spatial_shapes"]) {
      expect(own.inputs[name]?.data).toEqual(python.inputs[name]?.data);
    }
    expect(own.ids).toEqual(python.ids);
    expect(own.inputs["pixel_values"]?.data).not.toEqual(python.inputs["pixel_values"]?.data);
  });

  test("another question about the same picture does not go on from a convolution's state", async () => {
    const ask = async (prompt: string) => {
      const imagePath = join(FOLDER, "pictures", "wide.png");
      const request = explainRequest({ imagePath, prompt, rawPrompt: false, maxNewTokens: 4 });
      const { arrays } = await explainAnswer(vlm(), request, () => undefined, neverAborted);
      return { ids: [...arrays.inputIds], gradient: [...(arrays.gradient ?? [])] };
    };
    const alone = await ask("Where is the dog?");
    await ask("Where is the cat?");
    expect(await ask("Where is the dog?")).toEqual(alone);
  });
});
