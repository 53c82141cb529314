import { describe, expect, test } from "vitest";
import type { Rectangle } from "../../src/core/run/types.js";
import { imageLayout, type GridProcessorConfig } from "../../src/runtime/families/grid/geometry.js";
import { readJson, REFERENCE, REFERENCE_NAMES, referenceImages } from "../helpers/referenceImages.js";

const P1 = readJson(`${REFERENCE}/models/p1/preprocessor_config.json`) as GridProcessorConfig;

function expectRectangle(actual: Rectangle | undefined, expected: Rectangle): void {
  expect(actual).toHaveLength(4);
  expected.forEach((value, i) => expect(actual?.[i]).toBeCloseTo(value, 9));
}

describe("imageLayout", () => {
  test.each(REFERENCE_NAMES)("sees the crop that images.json gives for %s", (name) => {
    const { size, crop_in_original } = referenceImages()[name];
    const [left, top, right, bottom] = crop_in_original;
    const layout = imageLayout({ width: size[0], height: size[1] }, P1, 14);
    expect([layout.rows, layout.cols, layout.cells.length]).toEqual([24, 24, 576]);
    expectRectangle(layout.seen, [left, top, right - left, bottom - top]);
    const side = (bottom - top) / 24;
    expectRectangle(layout.cells[0], [left, top, side, side]);
    expectRectangle(layout.cells[24 * 3 + 5], [left + 5 * side, top + 3 * side, side, side]);
    expectRectangle(layout.cells[575], [right - side, bottom - side, side, side]);
  });

  test("cells tile the seen part without gaps, row by row", () => {
    const { rows, cols, seen, cells } = imageLayout({ width: 701, height: 333 }, P1, 14);
    const area = cells.reduce((sum, [, , width, height]) => sum + width * height, 0);
    expect(area).toBeCloseTo(seen[2] * seen[3], 6);
    cells.forEach(([x, y], i) => {
      expect(x).toBeCloseTo(seen[0] + ((i % cols) * seen[2]) / cols, 6);
      expect(y).toBeCloseTo(seen[1] + (Math.floor(i / cols) * seen[3]) / rows, 6);
    });
  });

  test("a size of its own for width and height stretches the picture: nothing hidden, cells not square", () => {
    const layout = imageLayout({ width: 400, height: 200 }, { size: { width: 64, height: 96 } }, 16);
    expect([layout.rows, layout.cols]).toEqual([6, 4]);
    expectRectangle(layout.seen, [0, 0, 400, 200]);
    expectRectangle(layout.cells[5], [100, 200 / 6, 100, 200 / 6]);
  });

  test("without resize or crop, the pixels beyond the last whole patch are not seen", () => {
    const layout = imageLayout({ width: 50, height: 35 }, { do_resize: false }, 16);
    expect([layout.rows, layout.cols]).toEqual([2, 3]);
    expectRectangle(layout.seen, [0, 0, 48, 32]);
  });

  test("shortest edge without a crop: the grid follows the picture's proportions", () => {
    const layout = imageLayout({ width: 200, height: 100 }, { size: { shortest_edge: 28 } }, 14);
    expect([layout.rows, layout.cols]).toEqual([2, 4]);
    expectRectangle(layout.cells[7], [150, 50, 50, 50]);
  });

  test("a non-square crop cuts the sides that stick out, the odd pixel on the right", () => {
    const config = { do_resize: false, do_center_crop: true, crop_size: { width: 4, height: 2 } };
    expectRectangle(imageLayout({ width: 9, height: 5 }, config, 2).seen, [2, 1, 4, 2]);
  });

  test("padding is clipped away: cells shrink at the border and have no area beyond it", () => {
    const config = { do_resize: false, do_center_crop: true, crop_size: 8 };
    const { seen, cells } = imageLayout({ width: 3, height: 8 }, config, 2);
    expectRectangle(seen, [0, 0, 3, 8]);
    // 5 columns of padding, 3 of them left: x of the picture is -3 in the first cell.
    expect(cells.slice(0, 4)).toEqual([
      [0, 0, 0, 2],
      [0, 0, 1, 2],
      [1, 0, 2, 2],
      [3, 0, 0, 2],
    ]);
  });

  test("a picture of one pixel is one large pixel to the model", () => {
    const { seen, cells } = imageLayout({ width: 1, height: 1 }, P1, 14);
    expectRectangle(seen, [0, 0, 1, 1]);
    expectRectangle(cells[0], [0, 0, 1 / 24, 1 / 24]);
  });

  test("rounds the resized size as Python does, or as transformers.js does", () => {
    const config = { ...P1, size: { shortest_edge: 384 }, crop_size: 384 };
    // 384 * 863 / 283 = 1170.996: 1170 in Python, 1171 in transformers.js.
    expect(imageLayout({ width: 863, height: 283 }, config, 16).seen[0]).toBeCloseTo((393 * 863) / 1170, 9);
    expect(imageLayout({ width: 863, height: 283 }, config, 16, "transformers.js").seen[0]).toBeCloseTo(
      (393 * 863) / 1171,
      9,
    );
  });

  test.each([
    [{ size: { longest_edge: 384 } }, "size"],
    [{ size: { shortest_edge: 300, longest_edge: 384 } }, "size"],
    [{}, "size"],
    [{ size: 336, do_pad: true, pad_size: { height: 400, width: 400 } }, "pad_size"],
    [{ size: 336, do_pad: true, image_processor_type: "LlavaImageProcessorFast" }, "do_pad"],
    [{ size: 336, do_center_crop: true }, "crop_size"],
    [{ size: 336, do_center_crop: true, crop_size: { shortest_edge: 3 } }, "crop_size"],
  ])("refuses a config with other steps: %j", (config, field) => {
    expect(() => imageLayout({ width: 10, height: 10 }, config, 14)).toThrow(
      expect.objectContaining({
        code: "image-layout-unknown",
        message: expect.stringContaining(` ${field} `) as unknown,
      }),
    );
  });

  test("refuses a picture so narrow that resizing its shortest edge makes too many pixels", () => {
    expect(() => imageLayout({ width: 10, height: 10_000 }, P1, 14)).toThrow(
      expect.objectContaining({
        code: "image-too-narrow",
        message: expect.stringContaining("336x336000") as unknown,
      }),
    );
  });

  test("refuses a picture in which not one patch fits", () => {
    expect(() => imageLayout({ width: 100, height: 9 }, { do_resize: false }, 14)).toThrow(
      expect.objectContaining({ code: "image-too-narrow" }),
    );
  });
});
