import { DexarError } from "../../../core/errors.js";
import type { Size, SizeRule } from "../../image/resizedSize.js";

/** How a Qwen-VL processor resizes. */
export interface PixelBudget {
  /** Sides become multiples of this: the side of one image token in pixels of the model's input. */
  readonly factor: number;
  readonly minPixels: number;
  readonly maxPixels: number;
}

/** Pictures whose sides differ more are refused by Python and by transformers.js. */
const MAX_ASPECT = 200;

/**
 * The size a Qwen-VL processor (`smart_resize`) gives a picture: sides multiples of the factor, pixels within the
 * budget, proportions kept as well as that allows.
 * @throws DexarError `image-too-narrow` for a picture more than 200 times as long as wide
 */
export function smartResize(picture: Size, budget: PixelBudget, rule: SizeRule): Size {
  const { factor, minPixels, maxPixels } = budget;
  const { width, height } = rule === "python" ? picture : enlarged(picture, factor);
  const aspect = Math.max(width, height) / Math.min(width, height);
  if (aspect > MAX_ASPECT) throw tooNarrow(picture);
  const round = rule === "python" ? halfToEven : Math.round;
  const sized = { width: round(width / factor) * factor, height: round(height / factor) * factor };
  const pixels = sized.width * sized.height;
  if (pixels > maxPixels) {
    const shrink = Math.sqrt((width * height) / maxPixels);
    const side = (length: number) => Math.max(factor, Math.floor(length / shrink / factor) * factor);
    return { width: side(width), height: side(height) };
  }
  if (pixels < minPixels) {
    const grow = Math.sqrt(minPixels / (width * height));
    const side = (length: number) => Math.ceil((length * grow) / factor) * factor;
    return { width: side(width), height: side(height) };
  }
  return sized;
}

/** transformers.js first enlarges a picture with a side below the factor. */
function enlarged({ width, height }: Size, factor: number): Size {
  if (width >= factor && height >= factor) return { width, height };
  const scale = Math.max(factor / width, factor / height);
  return { width: Math.round(width * scale), height: Math.round(height * scale) };
}

/** Python's `round`. */
export function halfToEven(value: number): number {
  const floor = Math.floor(value);
  if (value - floor !== 0.5) return Math.round(value);
  return floor % 2 === 0 ? floor : floor + 1;
}

function tooNarrow({ width, height }: Size): DexarError {
  return new DexarError(
    "image-too-narrow",
    `The picture (${width}x${height}) is too narrow: the model takes pictures at most ${MAX_ASPECT} times as long as wide.`,
    "Cut the picture so that its sides are more alike.",
  );
}
