import type { Metadata } from "sharp";
import type { PictureFormat } from "./fileKind.js";
import type { Pixels } from "./pixels.js";

/** Says in a sentence each what the way to 8-bit sRGB RGB lost or changed. `decoded` may still have its alpha channel. */
export function pictureWarnings(format: PictureFormat, metadata: Metadata, decoded: Pixels): string[] {
  const warnings = [
    frames(format, metadata),
    depth(metadata),
    format === "svg"
      ? `The drawing (SVG) was turned into ${decoded.width}x${decoded.height} pixels on white.`
      : transparency(decoded),
    colours(metadata),
  ];
  return warnings.filter((warning) => warning !== null);
}

function frames(format: PictureFormat, { pages }: Metadata): string | null {
  if (pages === undefined || pages <= 1) return null;
  return format === "tiff" || format === "avif"
    ? `The file holds ${pages} pictures; only the first is used.`
    : `The picture is animated (${pages} frames); only the first frame is used.`;
}

function depth(metadata: Metadata): string | null {
  switch (metadata.depth) {
    case "uchar":
      return null;
    case "ushort":
      return "The picture has 16 bits a channel; it was scaled to 8.";
    default:
      return `The picture's channels are of type ${metadata.depth}; they were brought to 8 bits.`;
  }
}

function transparency({ data, channels }: Pixels): string | null {
  if (channels === 3 || channels === 1) return null;
  for (let i = channels - 1; i < data.length; i += channels) {
    if (data[i] !== 255) {
      return "The picture has transparent parts; the model sees the colours stored beneath them, as it would in Python.";
    }
  }
  return null;
}

function colours({ space, icc }: Metadata): string | null {
  if (space === "cmyk") {
    return "The picture is CMYK; it was converted to sRGB by colour profile (Python's PIL converts without one, a little differently).";
  }
  const name = icc === undefined ? null : profileName(icc);
  // "c2" is how a much used miniature of the sRGB profile calls itself.
  if (name === null || /srgb|gr[ae]y|c2$/i.test(name)) return null;
  return `The picture's colour profile (${name}) is ignored, as in Python: the model sees its numbers as sRGB.`;
}

/** The description in an ICC profile (tag `desc`): ASCII in version 2, UTF-16 in the first language in version 4. */
function profileName(icc: Buffer): string {
  const tag = descriptionTag(icc);
  if (tag === null || tag + 28 > icc.length) return "without a name";
  const localised = icc.toString("latin1", tag, tag + 4) === "mluc";
  const start = localised ? tag + icc.readUInt32BE(tag + 24) : tag + 12;
  const length = icc.readUInt32BE(localised ? tag + 20 : tag + 8);
  // What is left of UTF-16 without its zero bytes is readable enough.
  const name = icc.toString("latin1", start, start + length).replace(/[^\x20-\x7e]/g, "");
  return name.trim() || "without a name";
}

/** Where the tag's data begin; the table of tags is at 128: their count, then name, position and length of each. */
function descriptionTag(icc: Buffer): number | null {
  for (let entry = 132; entry + 12 <= Math.min(icc.length, 132 + 12 * 100); entry += 12) {
    if (icc.toString("latin1", entry, entry + 4) === "desc") return icc.readUInt32BE(entry + 4);
  }
  return null;
}
