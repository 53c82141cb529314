/** How a BMP is written. */
export interface BmpOptions {
  readonly bits: 1 | 4 | 8 | 16 | 24 | 32;
  readonly topDown?: boolean;
  /** OS/2's short header. */
  readonly old?: boolean;
  /** Bits of red, green and blue; 16 and 32 bits only. */
  readonly masks?: readonly [number, number, number];
}

/** A BMP file of RGB pixels; up to 8 bits its palette holds their colours in the order of appearance. */
export function makeBmp(
  rgb: Uint8Array,
  { width, height }: { readonly width: number; readonly height: number },
  options: BmpOptions,
): Uint8Array<ArrayBuffer> {
  const { bits, masks, old = false, topDown = false } = options;
  const pixels = Array.from({ length: width * height }, (_, i) => [...rgb.subarray(i * 3, i * 3 + 3)]);
  const palette = bits > 8 ? [] : [...new Map(pixels.map((pixel) => [pixel.join(), pixel])).values()];
  const entry = old ? 3 : 4;
  const colours = palette.length === 0 ? 0 : old ? 2 ** bits : palette.length;
  const paletteAt = 14 + (old ? 12 : 40) + (masks ? 12 : 0);
  const pixelsAt = paletteAt + colours * entry;
  const stride = Math.ceil((width * bits) / 32) * 4;
  const file = new Uint8Array(pixelsAt + stride * height);
  const view = new DataView(file.buffer);
  file.set([0x42, 0x4d]);
  view.setUint32(2, file.length, true);
  view.setUint32(10, pixelsAt, true);
  view.setUint32(14, old ? 12 : 40, true);
  if (old) {
    [width, height, 1, bits].forEach((value, i) => view.setUint16(18 + i * 2, value, true));
  } else {
    view.setInt32(18, width, true);
    view.setInt32(22, topDown ? -height : height, true);
    view.setUint16(26, 1, true);
    view.setUint16(28, bits, true);
    view.setUint32(30, masks ? 3 : 0, true);
    view.setUint32(46, colours, true);
    masks?.forEach((mask, i) => view.setUint32(54 + i * 4, mask, true));
  }
  palette.forEach((colour, i) => file.set([...colour].reverse(), paletteAt + i * entry));
  pixels.forEach((pixel, i) => {
    const [x, y] = [i % width, Math.floor(i / width)];
    const row = pixelsAt + stride * (topDown ? y : height - 1 - y);
    writePixel(view, row, x, {
      bits,
      masks,
      pixel,
      index: palette.findIndex((c) => c.join() === pixel.join()),
    });
  });
  return file;
}

function writePixel(
  view: DataView,
  row: number,
  x: number,
  what: Pick<BmpOptions, "bits"> & {
    readonly masks: BmpOptions["masks"] | undefined;
    readonly pixel: readonly number[];
    readonly index: number;
  },
): void {
  const { bits, pixel, index } = what;
  if (bits <= 8) {
    const at = row + Math.floor((x * bits) / 8);
    view.setUint8(at, view.getUint8(at) | (index << (8 - bits - ((x * bits) % 8))));
    return;
  }
  if (bits === 24) {
    [...pixel].reverse().forEach((value, c) => view.setUint8(row + x * 3 + c, value));
    return;
  }
  const masks = what.masks ?? (bits === 16 ? [0x7c00, 0x3e0, 0x1f] : [0xff0000, 0xff00, 0xff]);
  let value = 0;
  masks.forEach((mask, c) => {
    const step = 2 ** Math.log2((mask & -mask) >>> 0);
    // The inverse of stretching: the highest bits of the channel.
    value += Math.floor(((pixel[c] ?? 0) * (mask / step + 1)) / 256) * step;
  });
  if (bits === 16) view.setUint16(row + x * 2, value, true);
  else view.setUint32(row + x * 4, value, true);
}
