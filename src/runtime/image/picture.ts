import { createHash } from "node:crypto";
import sharp, { type Metadata } from "sharp";
import { saysOutOfMemory, outOfMemoryError } from "../../core/outOfMemory.js";
import { bmpProblem, readBmpHeader } from "./bmp.js";
import type { PictureFormat } from "./fileKind.js";
import { openPicture } from "./openPicture.js";
import { MAX_PIXELS, pictureDamaged, pictureTooLarge, unsupportedKind } from "./pictureErrors.js";
import { pictureFileOf, readPictureFile, type PictureFile } from "./pictureFile.js";
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
 * `not-an-image`, `image-format-unsupported`, `image-damaged`, `image-too-large`, `out-of-memory`.
 */
export async function loadPicture(path: string): Promise<Picture> {
  return decodeFile(await readPictureFile(path), path);
}

/** The same from bytes that were read before; `name` stands for the file in messages. */
export async function decodePicture(bytes: Uint8Array, name: string): Promise<Picture> {
  return decodeFile(pictureFileOf(bytes, name), name);
}

async function decodeFile({ bytes, format, formatName }: PictureFile, path: string): Promise<Picture> {
  const damaged = (cause: unknown): never => {
    if (saysOutOfMemory(String(cause))) throw outOfMemoryError(`while the picture ${path} was read`, cause);
    throw pictureDamaged(path, formatName, cause);
  };
  // The header alone first: a hostile one must be refused before any memory is taken.
  const header = await readHeader(bytes, format).catch(damaged);
  if (header.width * header.height > MAX_PIXELS) throw pictureTooLarge(path, header.width, header.height);
  if (header.problem !== null) throw unsupportedKind(path, `${formatName} (${header.problem})`);
  const decoded = await decode(bytes, format).catch(damaged);
  const { data, width, height } = withoutAlpha(decoded);
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  const warnings = header.metadata === null ? [] : pictureWarnings(format, header.metadata, decoded);
  return { width, height, data, bytes, sha256, format, warnings };
}

interface Header {
  readonly width: number;
  readonly height: number;
  /** sharp's; null for BMP, which sharp does not read. */
  readonly metadata: Metadata | null;
  /** Why a picture of this kind cannot be read, in words. */
  readonly problem: string | null;
}

async function readHeader(bytes: Uint8Array, format: PictureFormat): Promise<Header> {
  if (format === "bmp") {
    const header = readBmpHeader(bytes);
    return { width: header.width, height: header.height, metadata: null, problem: bmpProblem(header) };
  }
  const metadata = await sharp(bytes, { limitInputPixels: false }).metadata();
  return { width: metadata.width, height: metadata.height, metadata, problem: null };
}

/** The first frame, upright, 8 bits a channel, sRGB, 3 channels or 4 with alpha. */
async function decode(bytes: Uint8Array, format: PictureFormat): Promise<Pixels> {
  const { data, info } = await openPicture(bytes, format).raw().toBuffer({ resolveWithObject: true });
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
