import type { Size, SizeRule } from "../../image/resizedSize.js";
import type { ModelConfigs } from "../family.js";
import { imageLayout, type GridLayout } from "../grid/geometry.js";
import { imageConfig, pixelBudget } from "./imageConfig.js";
import { smartResize } from "./smartResize.js";

/**
 * The layout of a picture in a Qwen-VL model: the whole of it, stretched a little to a grid of merged patches whose
 * rows and columns follow its shape, row by row.
 * @throws DexarError `image-too-narrow`, `model-config-damaged`
 */
export function qwenLayout(picture: Size, { image }: ModelConfigs, rule: SizeRule): GridLayout {
  const budget = pixelBudget(image);
  const input = imageConfig(image)["do_resize"] === false ? picture : smartResize(picture, budget, rule);
  return imageLayout(picture, { size: input }, budget.factor);
}
