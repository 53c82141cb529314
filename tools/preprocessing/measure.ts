import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Processor, Tensor } from "@huggingface/transformers";
import { familyOf } from "../../src/runtime/families/index.js";
import type { Family, ImageToken, ModelConfigs } from "../../src/runtime/families/family.js";
import { PilImage, rawImage } from "../../src/runtime/image/pilImage.js";
import { imageToken, openProcessor, readConfigs } from "../../src/runtime/model/loadModel.js";
import { goldenPicture, type Direction } from "./pictures.js";

const ROOT = join(import.meta.dirname, "../..");
const FIXTURES = join(ROOT, "test/fixtures/preprocessing");
/** Places between which samples lie, as in the recipe. */
const GOLDEN_RATIO = 0.6180339887498949;
const LARGE = [1200, 900] as const;

/** Processor settings as models of the hub have them. */
export interface HubSettings {
  readonly name: string;
  /** Folder of test/families whose tokenizer and configuration it goes with. */
  readonly family: string;
  readonly processor: string;
  readonly large?: readonly [number, number];
  /** Fields of other files of the model folder. */
  readonly files?: Readonly<Record<string, object>>;
  readonly config: Readonly<Record<string, unknown>> & { readonly image_std: readonly number[] };
}

/** A recorded result of Python. */
export interface GoldenCase {
  readonly settings: string;
  readonly picture: string;
  readonly direction: Direction;
  /** Of `pixel_values`. */
  readonly shape: readonly number[];
  /** Values at places spread over all of them. */
  readonly samples: Float32Array;
}

/** How far our pixel values are from Python's, in steps of the 255 of a byte. */
export interface PixelDifference {
  readonly mean: number;
  readonly most: number;
}

interface GoldensFile {
  readonly transformers: string;
  readonly pillow: string;
  readonly samples: number;
  readonly pictures: Readonly<Record<string, string>>;
  readonly cases: readonly Omit<GoldenCase, "samples">[];
}

/** What was recorded: settings, pictures and results. */
export function readGoldens() {
  const text = (name: string): string => readFileSync(join(FIXTURES, name), "utf8");
  const settings = JSON.parse(text("settings.json")) as HubSettings[];
  const file = JSON.parse(text("goldens.json")) as GoldensFile;
  const bytes = readFileSync(join(FIXTURES, "goldens.bin"));
  const values = new Float32Array(Uint8Array.from(bytes).buffer);
  const cases = file.cases.map((golden, index): GoldenCase => {
    const samples = values.subarray(index * file.samples, (index + 1) * file.samples);
    return { ...golden, samples };
  });
  return { settings, cases, pictures: file.pictures, transformers: file.transformers, pillow: file.pillow };
}

/** A family's processor under the settings of models on the hub; `close` removes what it took. */
export interface HubProcessor {
  measure(golden: GoldenCase, picture: string, resize: "pil" | "transformers.js"): Promise<PixelDifference>;
  close(): void;
}

/** Opens the processor of a family's tiny model with other settings of its pictures. */
export async function openHubProcessor(settings: HubSettings): Promise<HubProcessor> {
  const dir = mkdtempSync(join(tmpdir(), "dexar-preprocessing-"));
  cpSync(join(ROOT, "test/families", settings.family), dir, {
    recursive: true,
    filter: (path) => !/(onnx|goldens|overlays|pictures)$/.test(path),
  });
  for (const [name, fields] of Object.entries({
    ...settings.files,
    "preprocessor_config.json": settings.config,
  })) {
    const tiny = JSON.parse(readFileSync(join(dir, name), "utf8")) as object;
    writeFileSync(join(dir, name), JSON.stringify({ ...tiny, ...fields }));
  }
  const configs = readConfigs(dir);
  const family = familyOf(configs);
  const processor = await openProcessor(dir, family, configs);
  const token = family.imageToken?.(configs, processor) ?? imageToken(configs, processor);
  const opened = { family, configs, processor, imageToken: token };
  return {
    measure: (golden, picture, resize) => measure(opened, settings, { golden, picture, resize }),
    close: () => rmSync(dir, { recursive: true }),
  };
}

interface Opened {
  readonly family: Family;
  readonly configs: ModelConfigs;
  readonly processor: Processor;
  readonly imageToken: ImageToken;
}

async function measure(
  { family, configs, processor, imageToken }: Opened,
  settings: HubSettings,
  asked: { golden: GoldenCase; picture: string; resize: "pil" | "transformers.js" },
): Promise<PixelDifference> {
  const { golden, resize } = asked;
  const picture = await goldenPicture(asked.picture, golden.direction, settings.large ?? LARGE);
  const image = resize === "pil" ? PilImage.fromPicture(picture) : rawImage(picture);
  const text = family.placeholder?.(imageToken, processor) ?? imageToken.text;
  const call = { processor, configs, image, text, imageToken, addSpecialTokens: false };
  const made: Tensor | undefined = (await family.process(call))["pixel_values"];
  const count = golden.shape.reduce((all, side) => all * side, 1);
  if (!made || made.size !== count)
    throw new Error(
      `pixel values of shape [${made?.dims.join(", ")}] instead of [${golden.shape.join(", ")}]`,
    );
  return difference(made.data as Float32Array, golden.samples, Math.max(...settings.config.image_std));
}

function difference(values: Float32Array, samples: Float32Array, deviation: number): PixelDifference {
  const steps = Array.from(samples, (sample, index) => {
    const own = values[Math.floor((((index + 1) * GOLDEN_RATIO) % 1) * values.length)] ?? NaN;
    return 255 * deviation * Math.abs(own - sample);
  });
  return { mean: steps.reduce((sum, step) => sum + step, 0) / steps.length, most: Math.max(...steps) };
}
