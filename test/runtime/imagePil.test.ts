import { AutoProcessor, env, type ImageProcessor, type Processor, RawImage } from "@huggingface/transformers";
import { beforeAll, describe, expect, test } from "vitest";
import { PilImage, rawImage } from "../../src/runtime/image/pilImage.js";
import { usePythonSizes } from "../../src/runtime/image/resizedSize.js";
import { loadPicture } from "../../src/runtime/image/picture.js";
import { REFERENCE, REFERENCE_NAMES, referencePixelValues } from "../helpers/referenceImages.js";

const MEAN = [0.48145466, 0.4578275, 0.40821073];
const STD = [0.26862954, 0.26130258, 0.27577711];

function imageProcessorOf({ image_processor }: Processor): ImageProcessor {
  if (image_processor === undefined) throw new Error("the processor has no image processor");
  return image_processor;
}

/** Its data are 0, 1, 2, … */
function counting(width: number, height: number, channels: 1 | 3 = 1): PilImage {
  const data = Uint8Array.from({ length: width * height * channels }, (_, i) => i);
  return new PilImage(data, width, height, channels);
}

describe("PilImage in a transformers.js processor", () => {
  let processor: Processor;

  beforeAll(async () => {
    env.allowRemoteModels = false;
    env.allowLocalModels = true;
    processor = await AutoProcessor.from_pretrained(`${REFERENCE}/models/p1`);
  });

  async function pixelValues(image: RawImage) {
    const inputs = (await processor(image)) as { pixel_values: { dims: number[]; data: Float32Array } };
    return inputs.pixel_values;
  }

  test.each(REFERENCE_NAMES)("gives Python's pixel values for %s", async (name) => {
    const image = PilImage.fromPicture(await loadPicture(`${REFERENCE}/images/${name}.png`));
    const { dims, data } = await pixelValues(image);
    expect(dims).toEqual([1, 3, 336, 336]);
    expect(largestDifference(data, await referencePixelValues(name, MEAN, STD))).toBeLessThan(1e-5);
  });

  test.each(["shapes", "street", "cat"] as const)(
    "transformers.js's own resize differs for %s",
    async (name) => {
      const image = rawImage(await loadPicture(`${REFERENCE}/images/${name}.png`));
      const { data } = await pixelValues(image);
      expect(largestDifference(data, await referencePixelValues(name, MEAN, STD))).toBeGreaterThan(0.05);
    },
  );

  test("usePythonSizes: a side just below a whole pixel is not rounded up; other kinds of size stay", async () => {
    const before = imageProcessorOf(processor);
    const after = imageProcessorOf(await AutoProcessor.from_pretrained(`${REFERENCE}/models/p1`));
    usePythonSizes(after);
    const image = new PilImage(new Uint8Array(863 * 283), 863, 283, 1);
    // 384 * 863 / 283 = 1170.996
    expect(before.get_resize_output_image_size(image, { shortest_edge: 384 })).toEqual([1171, 384]);
    expect(after.get_resize_output_image_size(image, { shortest_edge: 384 })).toEqual([1170, 384]);
    // transformers.js's own pictures keep its own sizes, so both resizes can be compared in one process
    const own = new RawImage(new Uint8Array(863 * 283), 863, 283, 1);
    expect(after.get_resize_output_image_size(own, { shortest_edge: 384 })).toEqual([1171, 384]);
    expect(after.get_resize_output_image_size(image, { height: 10, width: 20 })).toEqual([20, 10]);
    expect(after.get_resize_output_image_size(image, { longest_edge: 100 })).toEqual(
      before.get_resize_output_image_size(image, { longest_edge: 100 }),
    );
  });
});

describe("PilImage", () => {
  test("stays a PilImage through every method", async () => {
    const image = counting(6, 4, 3);
    const results = [
      image.clone(),
      image.clone().rgba(),
      image.clone().rgba().rgb(),
      image.clone().grayscale(),
      image.clone().convert(4),
      ...image.split(),
      await image.resize(3, 3, { resample: 3 }),
      await image.resize(3, -1),
      await image.pad([1, 2, 3, 4]),
      await image.crop([1, 1, 3, 2]),
      await image.center_crop(3, 9),
    ];
    expect(results.map((result) => result.constructor.name)).toEqual(results.map(() => "PilImage"));
    expect(
      results.map(({ width, height, channels, data }) => width * height * channels === data.length),
    ).toEqual(results.map(() => true));
  });

  test("is a copy of the picture: processors may change it", () => {
    const data = new Uint8Array(3).fill(9);
    PilImage.fromPicture({ data, width: 1, height: 1 }).data.fill(0);
    expect([...data]).toEqual([9, 9, 9]);
  });

  test("keeps the proportions when one side is left out", async () => {
    expect((await counting(6, 4).resize(3, -1)).size).toEqual([3, 2]);
    expect((await counting(6, 4).resize(null, 8)).size).toEqual([12, 8]);
    expect((await counting(6, 4).resize(-1, -1)).size).toEqual([6, 4]);
  });

  test("refuses an unknown filter, and a picture that would become too large", async () => {
    await expect(counting(2, 2).resize(3, 3, { resample: 9 })).rejects.toThrow(
      /unknown resampling filter: 9/,
    );
    await expect(counting(1, 200).resize(1000, 200_000)).rejects.toMatchObject({
      code: "image-too-narrow",
      message: expect.stringContaining("1000x200000 = 200,000,000 pixels") as unknown,
    });
  });

  test("crops with both ends included and inside the picture", async () => {
    const cropped = await counting(4, 3).crop([1, 1, 9, 2]);
    expect([cropped.width, cropped.height, ...cropped.data]).toEqual([3, 2, 5, 6, 7, 9, 10, 11]);
  });

  test("pads with black", async () => {
    const padded = await counting(2, 1).pad([1, 0, 0, 1]);
    expect([padded.width, padded.height, ...padded.data]).toEqual([3, 2, 0, 0, 1, 0, 0, 0]);
  });

  // The expected values are those of transformers.image_transforms.center_crop (transformers 4.45).
  test("centre-crops as Python does: the odd pixel of a cut stays right, the odd pixel of padding goes left", async () => {
    expect([...(await counting(5, 1).center_crop(2, 1)).data]).toEqual([1, 2]);
    expect([...(await counting(2, 1).center_crop(5, 1)).data]).toEqual([0, 0, 0, 1, 0]);
    const mixed = await counting(5, 2).center_crop(2, 3);
    expect([...mixed.data]).toEqual([0, 0, 1, 2, 6, 7]);
  });
});

function largestDifference(a: Float32Array, b: Float32Array): number {
  expect(a.length).toBe(b.length);
  return a.reduce((largest, value, i) => Math.max(largest, Math.abs(value - (b[i] ?? Number.NaN))), 0);
}
