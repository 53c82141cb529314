import type { ModelConfigs } from "../family.js";
import { configCount } from "../configCount.js";
import type { PixelBudget } from "./smartResize.js";

/** What Python's Qwen2VLImageProcessor takes where preprocessor_config.json is silent. */
const PYTHON_DEFAULTS = {
  do_resize: true,
  size: { shortest_edge: 56 * 56, longest_edge: 28 * 28 * 1280 },
  resample: 3,
  do_rescale: true,
  rescale_factor: 1 / 255,
  do_normalize: true,
  image_mean: [0.48145466, 0.4578275, 0.40821073],
  image_std: [0.26862954, 0.26130258, 0.27577711],
  do_convert_rgb: true,
  patch_size: 14,
  temporal_patch_size: 2,
  merge_size: 2,
};

/** preprocessor_config.json as Python reads it: published ones leave most steps out, which transformers.js would not do. */
export function imageConfig(image: ModelConfigs["image"]): Record<string, unknown> {
  const given = Object.entries(image).filter(([, value]) => value !== null);
  return { ...PYTHON_DEFAULTS, ...Object.fromEntries(given) };
}

/**
 * How pictures are resized.
 * @throws DexarError `model-config-damaged` where a size is no whole number above 0
 */
export function pixelBudget(image: ModelConfigs["image"]): PixelBudget {
  const config = imageConfig(image);
  const count = (path: string) => configCount(config, path, "preprocessor_config.json");
  return {
    factor: count("patch_size") * count("merge_size"),
    minPixels: count("min_pixels" in config ? "min_pixels" : "size.shortest_edge"),
    maxPixels: count("max_pixels" in config ? "max_pixels" : "size.longest_edge"),
  };
}
