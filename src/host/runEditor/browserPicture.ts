import type { RunFile } from "./readRunFile.js";

/** Larger pictures are made smaller first: a page would take hundreds of megabytes for one. */
const MOST_PIXELS = 24e6;

/** What the files start with that every browser shows, and as a still picture: bytes at an offset. */
const KNOWN: readonly (readonly [offset: number, text: string])[] = [
  [0, "\x89PNG\r\n\x1a\n"],
  [0, "\xff\xd8\xff"],
  [8, "WEBP"],
  [0, "BM"],
];

/** Whether a page shows the picture of a run as it is: its format and its size allow it. */
export function showsAsItIs({ image, info }: Pick<RunFile, "image" | "info">): boolean {
  const start = String.fromCharCode(...image.subarray(0, 16));
  const isKnown = KNOWN.some(([offset, text]) => start.startsWith(text, offset));
  return isKnown && info.image.width * info.image.height <= MOST_PIXELS;
}
