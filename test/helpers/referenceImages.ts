import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import sharp from "sharp";
import type { Pixels } from "../../src/runtime/image/pixels.js";

/** The committed part of the LLaVA reference pack. */
export const REFERENCE = fileURLToPath(new URL("../fixtures/llava-reference", import.meta.url));
/** The whole pack, where a checkout has it. */
export const WHOLE_PACK = fileURLToPath(new URL("../../../shared/fixtures/llava-reference", import.meta.url));

export const REFERENCE_NAMES = ["shapes", "street", "cat", "portrait"] as const;
export type ReferenceName = (typeof REFERENCE_NAMES)[number];

/** One picture's entry in images.json: sizes as [width, height], the crop as [left, top, right, bottom]. */
export interface ReferenceImage {
  readonly size: readonly [number, number];
  readonly resized: readonly [number, number];
  readonly crop_in_original: readonly [number, number, number, number];
}

export function referenceImages(): Record<ReferenceName, ReferenceImage> {
  return readJson(`${REFERENCE}/images/images.json`) as Record<ReferenceName, ReferenceImage>;
}

export function readJson(path: string): unknown {
  return JSON.parse(readFileSync(path, "utf8"));
}

/** Python's pixel values [3, 336, 336]: from the pack where it is there, else from PIL's resized crop (within 3e-7 of them). */
export async function referencePixelValues(
  name: ReferenceName,
  mean: readonly number[],
  std: readonly number[],
) {
  const stored = `${WHOLE_PACK}/images/${name}.pixel_values.bin`;
  if (existsSync(stored)) {
    const bytes = readFileSync(stored);
    return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
  }
  const { data, width, height } = await readPixels(`${REFERENCE}/images/${name}.crop336.png`);
  const area = width * height;
  return Float32Array.from({ length: 3 * area }, (_, i) => {
    const c = Math.floor(i / area);
    return ((data[(i % area) * 3 + c] ?? 0) / 255 - (mean[c] ?? 0)) / (std[c] ?? 1);
  });
}

/** A picture file as RGB pixels, by sharp alone. */
export async function readPixels(path: string): Promise<Pixels> {
  const { data, info } = await sharp(path)
    .removeAlpha()
    .toColourspace("srgb")
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { data: new Uint8Array(data), width: info.width, height: info.height, channels: 3 };
}
