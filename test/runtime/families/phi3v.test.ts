import { readFileSync } from "node:fs";
import { join } from "node:path";
import { AutoImageProcessor, RawImage, type ImageProcessor, type Tensor } from "@huggingface/transformers";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Rectangle } from "../../../src/core/run/types.js";
import type { ModelConfigs } from "../../../src/runtime/families/family.js";
import { hdGrid, hdLayout, imageTokens, TILE } from "../../../src/runtime/families/phi3v/geometry.js";
import { hdPixels } from "../../../src/runtime/families/phi3v/pixels.js";
import { preparePrompt } from "../../../src/runtime/answer/prompt.js";
import { loadPicture } from "../../../src/runtime/image/picture.js";
import { PilImage } from "../../../src/runtime/image/pilImage.js";
import type { LoadedVlm } from "../../../src/runtime/model/loadModel.js";
import { explainRequest } from "../../helpers/explainRequest.js";
import { familyFolder } from "../../helpers/familyFolder.js";
import { loadedModel } from "../../helpers/loadedModel.js";
import { holds, mostMoved, movedCells } from "../../helpers/movedCells.js";
import { thrownBy } from "../../helpers/thrownBy.js";

const FOLDER = familyFolder("phi3v");

const configsOf = (crops: unknown, order = "sub_glb"): ModelConfigs => ({
  config: { embd_layer: { hd_transform_order: order } },
  image: { num_crops: crops },
  processor: {},
});
const area = (cells: readonly Rectangle[]) => cells.reduce((sum, [, , w, h]) => sum + w * h, 0);

interface Sample {
  readonly picture: string;
  readonly crops: number;
  readonly size: readonly [height: number, width: number];
  readonly stride: number;
  readonly values: readonly number[];
  readonly means: readonly number[];
}
const { samples } = JSON.parse(readFileSync(join(FOLDER, "hd.json"), "utf8")) as { samples: Sample[] };

describe("tiles", () => {
  test.each(samples)("$picture in at most $crops: every value as Python's", async (sample) => {
    const picture = await loadPicture(join(FOLDER, sample.picture));
    const config = JSON.parse(readFileSync(join(FOLDER, "preprocessor_config.json"), "utf8")) as object;
    const grid = hdGrid(picture, sample.crops, "python");
    expect([grid.rows * TILE, grid.cols * TILE]).toEqual(sample.size);
    const image = PilImage.fromPicture(picture);
    const pixels = await hdPixels(image, grid, sample.crops, config);
    expect(pixels.dims).toEqual([1, 1 + sample.crops, 3, TILE, TILE]);
    const own = pixels.data as Float32Array;
    // A step of a byte is 0.015: a portrait picture is resized along its sides in the other order.
    sample.values.forEach((value, i) => {
      expect(Math.abs((own[i * sample.stride] ?? NaN) - value)).toBeLessThan(0.016);
    });
    const size = 3 * TILE ** 2;
    sample.means.forEach((mean, tile) => {
      const sum = own.subarray(tile * size, (tile + 1) * size).reduce((all, value) => all + value, 0);
      expect(sum / size).toBeCloseTo(mean, 3);
    });
  });

  test("and whole cover the picture exactly, in the order of the tokens; separators have no area", () => {
    const side = fc.integer({ min: 20, max: 2000 });
    fc.assert(
      fc.property(side, side, fc.constantFrom(1, 4, 9, 16), (width, height, crops) => {
        const { rows, cols } = hdGrid({ width, height }, crops, "python");
        fc.pre(rows * cols <= crops);
        const { cells, seen } = hdLayout({ width, height }, configsOf(crops), "python");
        expect(seen).toEqual([0, 0, width, height]);
        expect(cells).toHaveLength(imageTokens({ rows, cols }));
        const tiles = cells.slice(0, rows * 12 * (cols * 12 + 1));
        const whole = cells.slice(tiles.length + 1);
        expect(area(tiles) / (width * height)).toBeCloseTo(1, 6);
        expect(area(whole) / (width * height)).toBeCloseTo(1, 6);
        const separators = [
          ...tiles.filter((_, i) => (i + 1) % (cols * 12 + 1) === 0),
          ...cells.slice(tiles.length, tiles.length + 1),
          ...whole.filter((_, i) => (i + 1) % 13 === 0),
        ];
        expect(separators).toHaveLength(rows * 12 + 1 + 12);
        expect(area(separators)).toBe(0);
        const glb = hdLayout({ width, height }, configsOf(crops, "glb_sub"), "python");
        expect(glb.cells).toEqual([...whole, [0, 0, 0, 0], ...tiles]);
      }),
      { numRuns: 25 },
    );
  });

  test.each([
    { width: 60, height: 60 },
    { width: 90, height: 40 },
    { width: 40, height: 90 },
  ])("of transformers.js for $width x $height: as many tokens as it counts", async ({ width, height }) => {
    const processor: ImageProcessor = await AutoImageProcessor.from_pretrained(FOLDER);
    const image = new RawImage(new Uint8ClampedArray(3 * width * height), width, height, 3);
    const made = (await processor(image)) as { num_img_tokens: number[]; image_sizes: Tensor };
    const grid = hdGrid({ width, height }, 4, "transformers.js");
    expect([imageTokens(grid)]).toEqual(made.num_img_tokens);
    expect(Array.from(made.image_sizes.data as BigInt64Array, Number)).toEqual([
      grid.rows * TILE,
      grid.cols * TILE,
    ]);
    expect(hdLayout({ width, height }, configsOf(4), "transformers.js").cells).toHaveLength(
      imageTokens(grid),
    );
  });

  test("a configuration that does not say is refused", () => {
    const layout = (configs: ModelConfigs) =>
      thrownBy(() => hdLayout({ width: 9, height: 9 }, configs, "python"));
    expect(layout(configsOf(undefined)).code).toBe("model-config-damaged");
    expect(layout(configsOf(4, "sideways")).message).toContain("sideways");
    const narrow = thrownBy(() => hdLayout({ width: 3000, height: 2 }, configsOf(4), "python"));
    expect(narrow.code).toBe("image-too-narrow");
  });
});

describe("a loaded model", () => {
  const vlm = loadedModel(FOLDER);

  test("has the picture's tokens as negative ids, and the words are found after them", async () => {
    const prompt = await preparePrompt(
      vlm(),
      explainRequest({
        imagePath: join(FOLDER, "pictures", "wide.png"),
        prompt: "What is it?",
        rawPrompt: false,
      }),
    );
    expect(prompt.rendered).toBe("<|user|>\n<|image_1|>\nWhat is it?<|end|>\n<|assistant|>\n");
    expect(prompt.warnings).toEqual([]);
    expect(prompt.imagePositions).toHaveLength(prompt.layout.cells.length);
    expect(prompt.imagePositions.every((at) => prompt.ids[at] === vlm().imageToken.id)).toBe(true);
    expect(vlm().imageToken.id).toBeLessThan(0);
    const words = prompt.tokens.filter(({ kind }) => kind === "text");
    expect([words[0]?.span?.[0], words.at(-1)?.span?.[1]]).toEqual([0, "What is it?".length]);
  });

  test.each([
    { width: 200, height: 100, x: 20, y: 25 },
    { width: 90, height: 190, x: 60, y: 150 },
  ])("a square on $width x $height at $x, $y moves its cells most", async ({ width, height, x, y }) => {
    const found = await movedFeatures(vlm(), { width, height }, [x, y, 9, 9]);
    const whole = found.cells.length - 12 * 13;
    const centre = [x + 4.5, y + 4.5] as const;
    expect(holds(mostMoved(found, 0, whole), centre)).toBe(true);
    expect(holds(mostMoved(found, whole), centre)).toBe(true);
  });

  // In a picture twice as wide as high, its two tiles are the upper half of the canvas.
  test.each([
    { square: [17, 25, 8, 4], seen: true },
    { square: [167, 34, 8, 3], seen: true },
    { square: [100, 75, 8, 4], seen: false },
  ] as const)("of transformers.js's own tiles one shows a square at $square: $seen", async (marked) => {
    const [x, y, across, down] = marked.square;
    const size = { width: 200, height: 100 };
    const found = await movedFeatures(vlm(), size, marked.square, { resize: "transformers.js" });
    const whole = found.cells.length - 12 * 13;
    const centre = [x + across / 2, y + down / 2] as const;
    expect(holds(mostMoved(found, whole), centre)).toBe(true);
    expect(found.cells.slice(0, whole).some((cell) => holds(cell, centre))).toBe(marked.seen);
    if (marked.seen) expect(holds(mostMoved(found, 0, whole), centre)).toBe(true);
  });
});

/** `movedCells` for a vision encoder that is asked by the model itself. */
function movedFeatures(vlm: LoadedVlm, ...rest: OwnParameters) {
  return movedCells(
    {
      ...vlm,
      plain: async () => {
        const model = await vlm.plain();
        const { vision_encoder: vision } = model.sessions as unknown as Record<string, VisionSession>;
        const encode = async ({ pixel_values, image_sizes }: Record<string, Tensor>) =>
          (await vision?.run({ pixel_values, image_sizes }))?.["image_features"];
        return { encode_image: encode } as never;
      },
    },
    ...rest,
  );
}

type OwnParameters = Parameters<typeof movedCells> extends [unknown, ...infer Rest] ? Rest : never;

interface VisionSession {
  run(feeds: Record<string, Tensor | undefined>): Promise<Record<string, Tensor>>;
}
