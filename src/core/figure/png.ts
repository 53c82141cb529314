import { crc32 } from "../crc32.js";
import { deflate, joinBytes } from "../run/deflate.js";

const SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
/** Signature and header: where the chunks after the header begin. */
const AFTER_HEADER = 33;
const INCH_IN_METRES = 0.0254;

/** RGBA pixels with straight alpha [height * width * 4] as a PNG file. */
export async function encodePng(
  pixels: Uint8ClampedArray,
  width: number,
  height: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const header = new DataView(new ArrayBuffer(13));
  header.setUint32(0, width);
  header.setUint32(4, height);
  header.setUint8(8, 8); // bits a channel
  header.setUint8(9, 6); // RGBA
  const rows = new Uint8Array(height * (1 + 4 * width));
  for (let row = 0; row < height; row += 1)
    rows.set(pixels.subarray(4 * width * row, 4 * width * (row + 1)), row * (1 + 4 * width) + 1);
  return joinBytes([
    Uint8Array.from(SIGNATURE),
    chunk("IHDR", new Uint8Array(header.buffer)),
    chunk("IDAT", await deflate(rows)),
    chunk("IEND", new Uint8Array()),
  ]);
}

/** The PNG with its resolution written in, so that it takes its size on paper. */
export function withResolution(png: Uint8Array, dpi: number): Uint8Array<ArrayBuffer> {
  const data = new DataView(new ArrayBuffer(9));
  const perMetre = Math.round(dpi / INCH_IN_METRES);
  data.setUint32(0, perMetre);
  data.setUint32(4, perMetre);
  data.setUint8(8, 1); // metres
  return joinBytes([
    png.subarray(0, AFTER_HEADER),
    chunk("pHYs", new Uint8Array(data.buffer)),
    ...chunksAfterHeader(png).filter((part) => nameOf(part) !== "pHYs"),
  ]);
}

function chunksAfterHeader(png: Uint8Array): Uint8Array[] {
  const view = new DataView(png.buffer, png.byteOffset, png.byteLength);
  const parts: Uint8Array[] = [];
  for (let start = AFTER_HEADER; start + 12 <= png.length;) {
    const end = start + 12 + view.getUint32(start);
    parts.push(png.subarray(start, end));
    start = end;
  }
  return parts;
}

function nameOf(part: Uint8Array): string {
  return String.fromCharCode(...part.subarray(4, 8));
}

function chunk(name: string, data: Uint8Array): Uint8Array {
  const framed = new Uint8Array(data.length + 12);
  const view = new DataView(framed.buffer);
  view.setUint32(0, data.length);
  framed.set(
    Array.from(name, (letter) => letter.charCodeAt(0)),
    4,
  );
  framed.set(data, 8);
  view.setUint32(data.length + 8, crc32([framed.subarray(4, data.length + 8)]));
  return framed;
}
