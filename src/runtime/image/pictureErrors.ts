import { DexarError } from "../../core/errors.js";
import type { FileKind } from "./fileKind.js";

const READABLE = "PNG, JPEG, WebP, GIF, BMP, TIFF, AVIF or SVG";
const GIVE_A_PICTURE = `Give a picture file (${READABLE}).`;

/** More pixels than this are refused before decoding: 100 million, 300 MB as RGB. */
export const MAX_PIXELS = 100_000_000;
/** Longer files are refused before reading: 1 GiB. */
export const MAX_FILE_BYTES = 2 ** 30;

/** A file system error (by its `code`) about a picture in words. */
export function pictureFileError(path: string, cause: unknown): DexarError {
  switch (errorCode(cause)) {
    case "ENOENT":
    case "ENOTDIR":
      return new DexarError("image-not-found", `There is no picture at ${path}.`, "Check the path.", {
        cause,
      });
    case "EISDIR":
      return pictureIsFolder(path);
    case "EACCES":
    case "EPERM":
      return new DexarError(
        "image-not-readable",
        `The picture ${path} may not be read: permission denied.`,
        "Give yourself the right to read the file, or copy it to a folder of your own.",
        { cause },
      );
    default:
      return new DexarError(
        "image-not-readable",
        `The picture ${path} cannot be read: ${messageOf(cause)}.`,
        "Check the path and that the disk is there.",
        { cause },
      );
  }
}

/** `image-is-folder` */
export function pictureIsFolder(path: string): DexarError {
  return new DexarError("image-is-folder", `${path} is a folder, not a picture.`, GIVE_A_PICTURE);
}

/** `image-empty` */
export function pictureEmpty(path: string): DexarError {
  return new DexarError(
    "image-empty",
    `The picture ${path} is empty (0 bytes).`,
    "Copy or download the file again, or give another picture.",
  );
}

/** `not-an-image` for a device, socket or pipe. */
export function pictureNotFile(path: string): DexarError {
  return new DexarError("not-an-image", `${path} is not a regular file.`, GIVE_A_PICTURE);
}

/** `not-an-image` or `image-format-unsupported`, naming what the file starts with. */
export function notReadableKind(
  path: string,
  kind: Exclude<FileKind, { kind: "picture" }>,
  start: Uint8Array,
): DexarError {
  switch (kind.kind) {
    case "other-picture":
      return unsupportedKind(path, kind.name);
    case "other":
      return new DexarError("not-an-image", `${path} is not a picture: it is ${kind.name}.`, GIVE_A_PICTURE);
    case "unknown": {
      const bytes = Buffer.from(start.subarray(0, 8))
        .toString("hex")
        .replace(/..(?=.)/g, "$& ");
      return new DexarError(
        "not-an-image",
        `${path} is not a picture that is known: it starts with the bytes ${bytes}.`,
        GIVE_A_PICTURE,
      );
    }
  }
}

/** `image-format-unsupported`; `format` in words. */
export function unsupportedKind(path: string, format: string): DexarError {
  return new DexarError(
    "image-format-unsupported",
    `${path} is a picture in ${format} format, which is not supported.`,
    "Save it as PNG or JPEG with any picture program and give that file.",
  );
}

/** `image-damaged` */
export function pictureDamaged(path: string, format: string, cause: unknown): DexarError {
  return new DexarError(
    "image-damaged",
    `The ${format} picture ${path} is truncated or damaged (${messageOf(cause)}).`,
    "Copy or download the file again, or save the picture anew.",
    { cause },
  );
}

/** `image-too-large`, by pixels. */
export function pictureTooLarge(path: string, width: number, height: number): DexarError {
  return new DexarError(
    "image-too-large",
    `The picture ${path} is too large: ${width}x${height} = ${grouped(width * height)} pixels; the limit is ${grouped(MAX_PIXELS)}.`,
    "Make a smaller copy of it; models look at a picture with 224 to 2,000 pixels a side anyway.",
  );
}

/** `image-too-large`, by length of the file. */
export function pictureFileTooLong(path: string, bytes: number): DexarError {
  return new DexarError(
    "image-too-large",
    `The picture file ${path} is too large: ${grouped(bytes)} bytes; the limit is ${grouped(MAX_FILE_BYTES)}.`,
    "Save a smaller copy of it, for example as JPEG.",
  );
}

/** `image-too-narrow`: the model's processor would blow the picture up beyond {@link MAX_PIXELS}. */
export function pictureTooNarrow(
  from: { width: number; height: number },
  to: { width: number; height: number },
): DexarError {
  return new DexarError(
    "image-too-narrow",
    `The picture (${from.width}x${from.height}) is too narrow: the model's processor would resize it to ` +
      `${to.width}x${to.height} = ${grouped(to.width * to.height)} pixels; the limit is ${grouped(MAX_PIXELS)}.`,
    "Cut the picture so that its sides are more alike.",
  );
}

function grouped(count: number): string {
  return count.toLocaleString("en-US");
}

function errorCode(cause: unknown): unknown {
  return typeof cause === "object" && cause !== null && "code" in cause ? cause.code : undefined;
}

/** The first line, without the punctuation that the sentence around it has. */
function messageOf(cause: unknown): string {
  const message = cause instanceof Error ? cause.message : String(cause);
  return (message.split("\n")[0] ?? "").replace(/[.:\s]+$/, "");
}
