import sharp, { type Sharp } from "sharp";
import { decodeBmp, readBmpHeader } from "./bmp.js";
import type { PictureFormat } from "./fileKind.js";
import { MAX_PIXELS } from "./pictureErrors.js";

/** sharp over the bytes of a picture file: first frame, upright, in sRGB's numbers, drawings (SVG) on white. */
export function openPicture(bytes: Uint8Array, format: PictureFormat): Sharp {
  if (format === "bmp") {
    // sharp does not read BMP.
    const { data, width, height, channels } = decodeBmp(bytes, readBmpHeader(bytes));
    return sharp(data, { raw: { width, height, channels } });
  }
  const options = {
    autoOrient: true,
    failOn: "error",
    // PIL keeps the numbers of an RGB picture whatever its profile. CMYK is converted by its profile all the same.
    ignoreIcc: true,
    limitInputPixels: MAX_PIXELS,
  } as const;
  const input = sharp(bytes, options).toColourspace("srgb");
  return format === "svg" ? input.flatten({ background: "#ffffff" }) : input;
}
