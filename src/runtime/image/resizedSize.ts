import type { ImageProcessor, RawImage } from "@huggingface/transformers";
import { PilImage } from "./pilImage.js";

/** Width and height in whole pixels. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

/** `size` of a preprocessor_config.json that the plain resize understands; a bare number is the shortest edge. */
export type SizeConfig = number | { readonly shortest_edge: number } | Size;

/** Whose rounding: the model's Python processor, or transformers.js, which can be a pixel larger. */
export type SizeRule = "python" | "transformers.js";

/** Whether `size` is one that {@link resizedSize} knows (other kinds, such as `longest_edge`, it does not). */
export function isSizeConfig(size: unknown): size is SizeConfig {
  if (typeof size === "number") return Number.isInteger(size);
  if (typeof size !== "object" || size === null) return false;
  const keys = Object.keys(size).sort().join();
  return (keys === "shortest_edge" || keys === "height,width") && Object.values(size).every(Number.isInteger);
}

/** The size a picture is resized to: both sides given, or the shortest edge given and proportions kept. */
export function resizedSize(original: Size, size: SizeConfig, rule: SizeRule): Size {
  if (typeof size === "object" && "width" in size) return { width: size.width, height: size.height };
  const short = typeof size === "number" ? size : size.shortest_edge;
  const { width, height } = original;
  const long = (short * Math.max(width, height)) / Math.min(width, height);
  const rounded = Math.floor(rule === "python" ? long : Number(long.toFixed(2)));
  return width <= height ? { width: short, height: rounded } : { width: rounded, height: short };
}

/**
 * Makes a transformers.js image processor resize our pictures to the sizes of Python's; its own pictures, and
 * processors with other kinds of size, stay as they are. Called once per processor.
 */
export function usePythonSizes(processor: ImageProcessor): void {
  const original = processor.get_resize_output_image_size.bind(processor);
  processor.get_resize_output_image_size = (image: RawImage, size: unknown): [number, number] => {
    if (!(image instanceof PilImage) || !isSizeConfig(size)) return original(image, size);
    const { width, height } = resizedSize(image, size, "python");
    return [width, height];
  };
}
