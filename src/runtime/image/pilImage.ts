import { RawImage } from "@huggingface/transformers";
import { MAX_PIXELS, pictureTooNarrow } from "./pictureErrors.js";
import { placePixels } from "./placePixels.js";
import type { PilKernel } from "./pilKernels.js";
import type { Pixels } from "./pixels.js";
import { resizePil } from "./resizePil.js";

/** Pillow's numbers for its filters, as processor configs store them in `resample`. */
const KERNEL_OF_NUMBER: readonly PilKernel[] = [
  "nearest",
  "lanczos",
  "bilinear",
  "bicubic",
  "box",
  "hamming",
];

/**
 * A transformers.js image whose geometry is Pillow's and numpy's: any processor that is given one
 * makes the pixel values of the model's Python processor. Stays a PilImage through every method.
 */
export class PilImage extends RawImage {
  /** A copy of the RGB pixels [height, width, 3] as an image. */
  static fromPicture(picture: Omit<Pixels, "channels">): PilImage {
    return new PilImage(picture.data.slice(), picture.width, picture.height, 3);
  }

  static #of(image: Pixels): PilImage {
    return new PilImage(image.data, image.width, image.height, image.channels);
  }

  get #pixels(): Pixels {
    const { data, width, height, channels } = this;
    return { data: new Uint8Array(data.buffer, data.byteOffset, data.length), width, height, channels };
  }

  /** Pillow's resize (DexarError `image-too-narrow` beyond the pixel limit); a null, undefined or -1 side keeps the proportions, as in RawImage. */
  override async resize(
    width: number | null,
    height: number | null,
    { resample = 2 }: { resample?: number | string } = {},
  ): Promise<PilImage> {
    const size = this.#resolve(width ?? -1, height ?? -1);
    if (size.width === this.width && size.height === this.height) return this;
    if (size.width * size.height > MAX_PIXELS) throw pictureTooNarrow(this, size);
    return PilImage.#of(resizePil(this.#pixels, size.width, size.height, kernelOf(resample)));
  }

  #resolve(width: number, height: number): { width: number; height: number } {
    if (width === -1 && height === -1) return { width: this.width, height: this.height };
    if (width === -1) return { width: Math.max(1, Math.round((height / this.height) * this.width)), height };
    if (height === -1) return { width, height: Math.max(1, Math.round((width / this.width) * this.height)) };
    return { width, height };
  }

  /** Adds black pixels; negative amounts count as 0. */
  override async pad([left, right, top, bottom]: [number, number, number, number]): Promise<PilImage> {
    const [l, r, t, b] = [left, right, top, bottom].map((side) => Math.max(0, side)) as [
      number,
      number,
      number,
      number,
    ];
    return this.#place({ width: this.width + l + r, height: this.height + t + b, left: l, top: t });
  }

  /** Keeps columns xMin to xMax and rows yMin to yMax, both ends included. */
  override async crop([xMin, yMin, xMax, yMax]: [number, number, number, number]): Promise<PilImage> {
    const [left, top] = [Math.max(0, xMin), Math.max(0, yMin)];
    const width = Math.min(xMax, this.width - 1) - left + 1;
    const height = Math.min(yMax, this.height - 1) - top + 1;
    return this.#place({ width, height, left: -left, top: -top });
  }

  /** Cuts or pads to the size with the rounding of transformers' `center_crop`: an odd padding pixel goes left and top. */
  override async center_crop(width: number, height: number): Promise<PilImage> {
    const left = -Math.floor((this.width - width) / 2);
    const top = -Math.floor((this.height - height) / 2);
    return this.#place({ width, height, left, top });
  }

  override clone(): PilImage {
    return new PilImage(this.data.slice(), this.width, this.height, this.channels);
  }

  /** One grey image for each channel. */
  override split(): PilImage[] {
    return super.split().map((band) => new PilImage(band.data, band.width, band.height, 1));
  }

  #place(canvas: { width: number; height: number; left: number; top: number }): PilImage {
    const same = canvas.width === this.width && canvas.height === this.height;
    return same && canvas.left === 0 && canvas.top === 0
      ? this
      : PilImage.#of(placePixels(this.#pixels, canvas));
  }
}

/** The picture as transformers.js would hold it: resized without antialiasing, for comparison only. */
export function rawImage(picture: Omit<Pixels, "channels">): RawImage {
  return new RawImage(picture.data.slice(), picture.width, picture.height, 3);
}

function kernelOf(resample: number | string): PilKernel {
  const kernel = KERNEL_OF_NUMBER.find((name, number) => name === resample || number === resample);
  if (kernel === undefined)
    throw new RangeError(`The image processor asks for an unknown resampling filter: ${resample}`);
  return kernel;
}
