import { configCount } from "../configCount.js";
import type { ModelConfigs } from "../family.js";

/** The fields of a preprocessor_config.json that decide into which views a picture is cut. */
export interface ImageConfig {
  /** Side of the encoder's patch in pixels. */
  readonly patch: number;
  /** Patches along the side of an image token. */
  readonly factor: number;
  /** Side of an image token in pixels: patch * factor. */
  readonly unit: number;
  /** Side of a tile in pixels. */
  readonly tile: number;
  readonly minTokens: number;
  readonly maxTokens: number;
  readonly minTiles: number;
  readonly maxTiles: number;
  /** How many times the tokens of one view a picture may have before it is cut. */
  readonly tolerance: number;
  readonly splits: boolean;
  readonly thumbnail: boolean;
}

/**
 * The settings of a model's pictures; what its file leaves out is as in transformers' Lfm2VlImageProcessor.
 * @throws DexarError `model-config-damaged`
 */
export function imageConfig(config: ModelConfigs["image"]): ImageConfig {
  const count = (name: string, fallback: number) =>
    configCount({ [name]: fallback, ...config }, name, "preprocessor_config.json");
  const [patch, factor] = [count("encoder_patch_size", 16), count("downsample_factor", 2)];
  const [minTiles, maxTiles] = [count("min_tiles", 2), count("max_tiles", 10)];
  const tolerance = config["max_pixels_tolerance"];
  return {
    patch,
    factor,
    unit: patch * factor,
    tile: count("tile_size", 512),
    minTokens: count("min_image_tokens", 64),
    maxTokens: count("max_image_tokens", 256),
    minTiles,
    maxTiles,
    tolerance: typeof tolerance === "number" ? tolerance : 2,
    splits: config["do_image_splitting"] !== false && maxTiles > 1,
    thumbnail: config["use_thumbnail"] !== false,
  };
}
