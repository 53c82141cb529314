import { encodePng } from "./encode.js";
import { encodeJpeg, previewPicture } from "./preview.js";

/** A picture file that every browser shows. */
export interface ViewPicture {
  readonly type: "image/png" | "image/jpeg";
  readonly bytes: Uint8Array;
}

const MAX_SIDE = 1600;
const MAX_PNG_BYTES = 1_500_000;

/** The picture of a run for a page: upright, at most 1600 px a side, as PNG where that is not large, else as JPEG. */
export async function viewPicture(bytes: Uint8Array): Promise<ViewPicture> {
  const pixels = await previewPicture(bytes, MAX_SIDE);
  const png = await encodePng(pixels);
  if (png.length <= MAX_PNG_BYTES) return { type: "image/png", bytes: png };
  return { type: "image/jpeg", bytes: await encodeJpeg(pixels, 90) };
}
