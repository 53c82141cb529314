import type { Pixels } from "./pixels.js";

/** What the headers of a BMP file say; positions in bytes from its start. */
export interface BmpHeader {
  readonly width: number;
  readonly height: number;
  /** Rows are stored from the top; most files store them from the bottom. */
  readonly topDown: boolean;
  readonly bits: number;
  /** 0: none, 1 and 2: run lengths, 3 and 6: colour masks. */
  readonly compression: number;
  readonly pixelsAt: number;
  readonly palette: { readonly at: number; readonly entryBytes: number; readonly colours: number };
  /** Bits of red, green and blue in pixels of 16 or 32 bits. */
  readonly masks: readonly [red: number, green: number, blue: number];
}

const MASKED: ReadonlySet<number> = new Set([3, 6]);

/**
 * Reads the headers: OS/2's of 12 bytes, Windows' of 40 bytes and more.
 * @throws RangeError when the file ends inside them, Error when they contradict themselves
 */
export function readBmpHeader(bytes: Uint8Array): BmpHeader {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const pixelsAt = view.getUint32(10, true);
  const headerBytes = view.getUint32(14, true);
  const old = headerBytes === 12;
  if (!old && headerBytes < 40) throw new Error(`a header of ${headerBytes} bytes is not known`);
  const [width, height] = old
    ? [view.getUint16(18, true), view.getUint16(20, true)]
    : [view.getInt32(18, true), view.getInt32(22, true)];
  if (width <= 0 || height === 0) throw new Error(`it says that it is ${width}x${height} pixels`);
  const bits = view.getUint16(old ? 24 : 28, true);
  const compression = old ? 0 : view.getUint32(30, true);
  const masked = MASKED.has(compression);
  return {
    width,
    height: Math.abs(height),
    topDown: height < 0,
    bits,
    compression,
    pixelsAt,
    palette: {
      at: 14 + headerBytes + masksAfter(headerBytes, compression),
      entryBytes: old ? 3 : 4,
      colours: (old ? 0 : view.getUint32(46, true)) || 2 ** Math.min(bits, 8),
    },
    masks: masked ? storedMasks(view) : bits === 16 ? [0x7c00, 0x3e0, 0x1f] : [0xff0000, 0xff00, 0xff],
  };
}

/** In the shortest of the newer headers the masks follow it, in longer ones they are part of it: the same place. */
function storedMasks(view: DataView): BmpHeader["masks"] {
  return [view.getUint32(54, true), view.getUint32(58, true), view.getUint32(62, true)];
}

function masksAfter(headerBytes: number, compression: number): number {
  if (headerBytes !== 40 || !MASKED.has(compression)) return 0;
  return compression === 6 ? 16 : 12;
}

/** Why {@link decodeBmp} does not read such a file, in words; null: it does. */
export function bmpProblem({ bits, compression }: BmpHeader): string | null {
  if (compression !== 0 && !MASKED.has(compression)) return "compressed";
  return [1, 2, 4, 8, 16, 24, 32].includes(bits) ? null : `${bits} bits a pixel`;
}

/**
 * The RGB pixels of an uncompressed BMP, as PIL's `convert("RGB")` gives them: the alpha channel is dropped.
 * @throws Error when the file is cut off
 */
export function decodeBmp(bytes: Uint8Array, header: BmpHeader): Pixels {
  const { width, height, bits, topDown, pixelsAt } = header;
  const stride = Math.ceil((width * bits) / 32) * 4;
  // The last row's padding is often left out.
  const needed = pixelsAt + stride * (height - 1) + Math.ceil((width * bits) / 8);
  if (bytes.length < needed) throw new Error(`it has ${bytes.length} of ${needed} bytes`);
  const readPixel = pixelReader(bytes, header);
  const data = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y++) {
    const row = pixelsAt + stride * (topDown ? y : height - 1 - y);
    for (let x = 0; x < width; x++) readPixel(row, x, data, (y * width + x) * 3);
  }
  return { data, width, height, channels: 3 };
}

type PixelReader = (row: number, x: number, target: Uint8Array, at: number) => void;

function pixelReader(bytes: Uint8Array, header: BmpHeader): PixelReader {
  const { bits } = header;
  if (bits <= 8) return paletteReader(bytes, header);
  if (bits === 24)
    return (row, x, target, at) => {
      const from = row + x * 3;
      for (let c = 0; c < 3; c++) target[at + c] = bytes[from + 2 - c] ?? 0;
    };
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const channels = [...header.masks.entries()].map(([c, mask]) => {
    const step = (mask & -mask) >>> 0 || 1;
    return [c, { mask, step, largest: Math.max(1, mask / step) }] as const;
  });
  return (row, x, target, at) => {
    const pixel = bits === 16 ? view.getUint16(row + x * 2, true) : view.getUint32(row + x * 4, true);
    for (const [c, { mask, step, largest }] of channels) {
      target[at + c] = Math.floor((((pixel & mask) >>> 0) / step) * (255 / largest) + 1e-9);
    }
  };
}

function paletteReader(bytes: Uint8Array, { bits, palette }: BmpHeader): PixelReader {
  const { at: start, entryBytes, colours } = palette;
  const perByte = 8 / bits;
  return (row, x, target, at) => {
    const byte = bytes[row + Math.floor(x / perByte)] ?? 0;
    const index = (byte >> (8 - bits * ((x % perByte) + 1))) & (2 ** bits - 1);
    // A colour outside the palette is black, as in PIL.
    if (index >= colours) return;
    for (let c = 0; c < 3; c++) target[at + c] = bytes[start + index * entryBytes + 2 - c] ?? 0;
  };
}
