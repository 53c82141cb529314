/** 8-bit pixels, row-major, channels interleaved: 1 grey, 2 grey + alpha, 3 RGB, 4 RGBA (alpha not premultiplied). */
export interface Pixels {
  readonly data: Uint8Array;
  readonly width: number;
  readonly height: number;
  readonly channels: 1 | 2 | 3 | 4;
}

/** Throws a RangeError when the buffer does not hold exactly width * height * channels bytes of a non-empty picture. */
export function checkPixels({ data, width, height, channels }: Pixels): void {
  const sized = Number.isInteger(width) && Number.isInteger(height) && width > 0 && height > 0;
  if (!sized || data.length !== width * height * channels) {
    throw new RangeError(
      `${data.length} bytes are not a picture of ${width}x${height} with ${channels} channels`,
    );
  }
}
