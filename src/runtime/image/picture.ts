import { createHash } from "node:crypto";
import sharp from "sharp";
import type { PictureFormat } from "./fileKind.js";
import { MAX_PIXELS, pictureDamaged, pictureTooLarge } from "./pictureErrors.js";
import { readPictureFile } from "./pictureFile.js";
import { pictureWarnings } from "./pictureWarnings.js";
import type { Pixels } from "./pixels.js";

/** A picture as the model's Python processor would hold it after PIL's `convert("RGB")`, turned upright. */
export interface Picture {
  /** Width of the upright picture in pixels. */
  readonly width: number;
  readonly height: number;
  /** 8-bit RGB [height, width, 3]. */
  readonly data: Uint8Array;
  /** The file's own bytes. */
  readonly bytes: Uint8Array;
  /** Of `bytes`, hexadecimal. */
  readonly sha256: string;
  /** Also the usual file extension. */
  readonly format: PictureFormat;
  /** What was lost or changed on the way to RGB, one sentence each. */
  readonly warnings: readonly string[];
}

/**
 * Reads a picture file. Throws DexarError: `image-not-found`, `image-is-folder`, `image-not-readable`, `image-empty`,
 * `not-an-image`, `image-format-unsupported`, `image-damaged`, `image-too-large`.
 */
export async function loadPicture(path: string): Promise<Picture> {
  const { bytes, format, formatName } = await readPictureFile(path);
  const damaged = (cause: unknown): never => {
    throw pictureDamaged(path, formatName, cause);
  };
  // The header alone first: a hostile one must be refused before any memory is taken.
  const metadata = await sharp(bytes, { limitInputPixels: false }).metadata().catch(damaged);
  if (metadata.width * metadata.height > MAX_PIXELS)
    throw pictureTooLarge(path, metadata.width, metadata.height);
  const decoded = await decode(bytes, format).catch(damaged);
  const { data, width, height } = withoutAlpha(decoded);
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  return { width, height, data, bytes, sha256, format, warnings: pictureWarnings(format, metadata, decoded) };
}

/** The first frame, upright, 8 bits a channel, sRGB, 3 channels or 4 with alpha. */
async function decode(bytes: Uint8Array, format: PictureFormat): Promise<Pixels> {
  const options = {
    autoOrient: true,
    failOn: "error",
    // PIL keeps the numbers of an RGB picture whatever its profile. CMYK is converted by its profile all the same.
    ignoreIcc: true,
    limitInputPixels: MAX_PIXELS,
  } as const;
  const input = sharp(bytes, options).toColourspace("srgb");
  const drawn = format === "svg" ? input.flatten({ background: "#ffffff" }) : input;
  const { data, info } = await drawn.raw().toBuffer({ resolveWithObject: true });
  const { width, height, channels } = info;
  return { data: new Uint8Array(data.buffer, data.byteOffset, data.length), width, height, channels };
}

/** Drops the alpha channel as PIL does: what was stored under clear pixels comes to light. */
function withoutAlpha(image: Pixels): Pixels {
  const { data, width, height, channels } = image;
  if (channels === 3) return image;
  const rgb = new Uint8Array(width * height * 3);
  const last = channels < 3 ? 0 : 2;
  for (let i = 0; i < width * height; i++) {
    for (let c = 0; c < 3; c++) rgb[i * 3 + c] = data[i * channels + Math.min(c, last)] ?? 0;
  }
  return { data: rgb, width, height, channels: 3 };
}
