import { DexarError } from "../../../core/errors.js";
import type { Rectangle } from "../../../core/run/types.js";
import type { Size } from "../../image/resizedSize.js";
import { configCount } from "../configCount.js";
import { divide } from "../divide.js";
import type { ModelConfigs } from "../family.js";
import { configuredPatchSize } from "../grid/patchSize.js";
import type { ImageLayout } from "../layout.js";

/** The number of patches along each side of a patch that the decoder sees as one token. */
export function spatialMergeSize({ processor, image, config }: ModelConfigs): number {
  const file = [processor, image, config].find((json) => json["spatial_merge_size"] !== undefined);
  return file === undefined ? 1 : configCount(file, "spatial_merge_size", "The model's configuration");
}

/**
 * The layout of a picture that is made no larger than `size.longest_edge`, then stretched up to whole tokens: the
 * whole picture, in as many rows and columns as it takes. The marks at the ends of rows are text.
 * Throws `image-layout-unknown` where preprocessor_config.json does not give the longest edge.
 */
export function pixtralLayout(picture: Size, configs: ModelConfigs): ImageLayout {
  const token = configuredPatchSize(configs) * spatialMergeSize(configs);
  const shrink = Math.max(1, Math.max(picture.width, picture.height) / longestEdge(configs));
  const tokens = (side: number) => Math.floor((Math.floor(side / shrink) - 1) / token) + 1;
  const [cols, rows] = [tokens(picture.width), tokens(picture.height)];
  if (cols < 1 || rows < 1) throw tooNarrow(picture);
  const seen: Rectangle = [0, 0, picture.width, picture.height];
  return { seen, cells: divide(seen, cols, rows), summary: `${cols} x ${rows}` };
}

function longestEdge({ image }: ModelConfigs): number {
  const size = image["size"] as { readonly longest_edge?: unknown } | undefined;
  if (typeof size?.longest_edge === "number") return size.longest_edge;
  throw new DexarError(
    "image-layout-unknown",
    `The model's preprocessor_config.json has size ${JSON.stringify(size)}; Pixtral's has a longest_edge.`,
    "Take preprocessor_config.json from the model's page.",
  );
}

function tooNarrow({ width, height }: Size): DexarError {
  return new DexarError(
    "image-too-narrow",
    `The picture (${width}x${height}) is so narrow that nothing is left of it at the size the model takes.`,
    "Use a picture that is less narrow.",
  );
}
