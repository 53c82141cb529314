import { encodePng } from "./encode.js";
import { encodeJpeg, previewPicture, type JpegQuality } from "./preview.js";

/** A picture file that every browser shows. */
export interface ViewPicture {
  readonly type: "image/png" | "image/jpeg";
  readonly bytes: Uint8Array;
}

/** How large a picture for a page may be. */
interface ViewLimits extends JpegQuality {
  /** Pixels. */
  readonly side: number;
  /** Above it, JPEG. */
  readonly pngBytes: number;
}

const FOR_PANEL: ViewLimits = { side: 1600, pngBytes: 1_500_000, quality: 90, chromaSubsampling: "4:4:4" };
/** A notebook keeps one of these for each picture of each cell. */
const FOR_DIGEST: ViewLimits = { side: 1024, pngBytes: 100_000, quality: 75, chromaSubsampling: "4:2:0" };

/** The picture of a run for a page: upright, at most 1600 px a side, as PNG where that is not large, else as JPEG. */
export async function viewPicture(bytes: Uint8Array): Promise<ViewPicture> {
  return limitedPicture(bytes, FOR_PANEL);
}

/** The same at most 1024 px a side and 100 kB as PNG, for a run's digest; `shown` where that is small enough. */
export async function digestPicture(bytes: Uint8Array, shown: ViewPicture | null): Promise<ViewPicture> {
  if (shown !== null && shown.bytes.length <= FOR_DIGEST.pngBytes) return shown;
  return limitedPicture(bytes, FOR_DIGEST);
}

async function limitedPicture(bytes: Uint8Array, limits: ViewLimits): Promise<ViewPicture> {
  const pixels = await previewPicture(bytes, limits.side);
  const png = await encodePng(pixels);
  if (png.length <= limits.pngBytes) return { type: "image/png", bytes: png };
  return { type: "image/jpeg", bytes: await encodeJpeg(pixels, limits) };
}
