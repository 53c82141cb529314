import { cpSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ImageProcessor, Tensor } from "@huggingface/transformers";
import { describe, expect, test } from "vitest";
import { families } from "../../../src/runtime/families/index.js";
import { PilImage } from "../../../src/runtime/image/pilImage.js";
import { usePythonSizes } from "../../../src/runtime/image/resizedSize.js";
import { familyFolder } from "../../helpers/familyFolder.js";
import { readPixels, REFERENCE } from "../../helpers/referenceImages.js";

/** What Python makes of a picture, by tools/families/grid_samples.py. */
interface Sample {
  readonly modelType: string;
  readonly picture: string;
  readonly config: Readonly<Record<string, unknown>>;
  readonly shape: readonly number[];
  /** Every how many bytes one is kept. */
  readonly stride: number;
  readonly bytes: readonly number[];
  /** Mean byte of each channel. */
  readonly means: readonly number[];
}

const SAMPLES = new URL("../../families/gridSamples.json", import.meta.url);

describe("pixel values with the settings of published models", () => {
  const { samples } = JSON.parse(readFileSync(SAMPLES, "utf8")) as { samples: Sample[] };

  test.each(samples)("$modelType, $picture, $shape: every sampled byte as Python's", async (sample) => {
    const processor = await imageProcessorOf(sample);
    const picture = PilImage.fromPicture(await readPixels(`${REFERENCE}/images/${sample.picture}.png`));
    const { pixel_values: pixels } = (await processor(picture)) as { pixel_values: Tensor };
    expect(pixels.dims).toEqual(sample.shape);
    const [mean, std] = [sample.config["image_mean"] as number[], sample.config["image_std"] as number[]];
    const data = pixels.data as Float32Array;
    const area = data.length / 3;
    const bytes = data.map((value, i) => {
      const channel = Math.floor(i / area);
      return Math.round((value * (std[channel] ?? NaN) + (mean[channel] ?? NaN)) * 255);
    });
    expect(sample.bytes.map((_, i) => bytes[i * sample.stride])).toEqual(sample.bytes);
    sample.means.forEach((expected, channel) => {
      const own = bytes.subarray(channel * area, (channel + 1) * area);
      expect(own.reduce((sum, value) => sum + value, 0) / area).toBeCloseTo(expected, 3);
    });
  });
});

/** The image processor of a family's folder with a published preprocessor_config.json. */
async function imageProcessorOf({ modelType, config }: Sample): Promise<ImageProcessor> {
  const folder = mkdtempSync(join(tmpdir(), "dexar-settings-"));
  for (const name of ["tokenizer.json", "tokenizer_config.json", "config.json"]) {
    cpSync(join(familyFolder("llavaInterleave"), name), join(folder, name));
  }
  writeFileSync(join(folder, "preprocessor_config.json"), JSON.stringify(config));
  writeFileSync(
    join(folder, "processor_config.json"),
    JSON.stringify({ patch_size: config["patch_size"] ?? 14 }),
  );
  const family = families.find(({ modelTypes }) => modelTypes.includes(modelType));
  const processor = (await family?.openProcessor?.(folder))?.image_processor;
  if (!processor) throw new Error(`no image processor for ${modelType}`);
  usePythonSizes(processor);
  return processor;
}
