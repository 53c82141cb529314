import { DexarError } from "../../../core/errors.js";
import type { Picture } from "../../image/picture.js";
import type { SizeRule } from "../../image/resizedSize.js";
import type { ModelConfigs } from "../family.js";
import { imageLayout } from "../grid/geometry.js";
import type { ImageLayout } from "../layout.js";

/** What Florence-2 makes of its patches, in the order of its image tokens. */
const DEFAULT_SOURCES = ["spatial_avg_pool", "temporal_avg_pool"];

/**
 * The image tokens of Florence-2: the mean of all patches, which has no place in the picture (a cell without area), and
 * the patches row by row (`image_feature_source` of config.json says which of the two, in which order).
 * @throws DexarError `model-config-damaged` or `image-layout-unknown`
 */
export function florenceLayout(
  picture: Pick<Picture, "width" | "height">,
  configs: ModelConfigs,
  resize: SizeRule,
): ImageLayout {
  const grid = imageLayout(picture, configs.image, patchSize(configs), resize);
  const sources = visionSetting(configs, "image_feature_source") ?? DEFAULT_SOURCES;
  const parts = (sources as readonly unknown[]).map((source) => tokensOf(source, grid));
  return {
    seen: grid.seen,
    cells: parts.flatMap(({ cells }) => cells),
    summary: parts.map(({ words }) => words).join(" + "),
  };
}

function tokensOf(source: unknown, { cells, seen, summary }: ImageLayout) {
  // Of one picture (no video) the mean over time and the last frame are the patches themselves.
  if (source === "temporal_avg_pool" || source === "last_frame") return { cells, words: summary };
  if (source === "spatial_avg_pool") {
    return { cells: [[seen[0], seen[1], 0, 0]] as ImageLayout["cells"], words: "1 (their mean)" };
  }
  throw new DexarError(
    "image-layout-unknown",
    `config.json has the image_feature_source ${JSON.stringify(source)}, whose image tokens are not known.`,
    `Known are spatial_avg_pool, temporal_avg_pool and last_frame; report the model.`,
  );
}

/** Side of a patch in pixels of the model's input: each stage of the vision encoder merges some. */
function patchSize(configs: ModelConfigs): number {
  const strides = visionSetting(configs, "patch_stride");
  const size = Array.isArray(strides) ? strides.reduce<number>((a, b) => a * Number(b), 1) : NaN;
  if (Number.isInteger(size) && size > 0) return size;
  throw new DexarError(
    "model-config-damaged",
    "config.json does not say how the vision encoder cuts the picture (vision_config.patch_stride).",
    "Take config.json from the model's page.",
  );
}

function visionSetting({ config }: ModelConfigs, name: string): unknown {
  return (config["vision_config"] as Record<string, unknown> | undefined)?.[name];
}
