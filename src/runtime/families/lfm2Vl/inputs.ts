import type { Tensor } from "@huggingface/transformers";
import { PilImage } from "../../image/pilImage.js";
import type { ProcessorCall } from "../family.js";
import { viewGrid, type ViewGrid } from "./geometry.js";
import { imageConfig, type ImageConfig } from "./imageConfig.js";
import { pilViews, type ViewInputs } from "./views.js";

/** Views, and the prompt with the tokens of every view and its mark in place of the placeholder. */
export async function viewInputs(call: ProcessorCall): Promise<Record<string, Tensor>> {
  const { processor, configs, image, text, imageToken, addSpecialTokens } = call;
  const python = image instanceof PilImage;
  const config = imageConfig(configs.image);
  const grid = viewGrid(image, config, python ? "python" : "transformers.js");
  const { pixel_values, pixel_attention_mask, spatial_shapes } = python
    ? await pilViews(image, grid, config, configs.image)
    : ((await processor.image_processor?.(image)) as ViewInputs);
  const expanded = text.replace(imageToken.text, () => viewText(grid, config, imageToken.text));
  const tokens = processor.tokenizer?.(expanded, { add_special_tokens: addSpecialTokens });
  return { ...(tokens as Record<string, Tensor>), pixel_values, pixel_attention_mask, spatial_shapes };
}

/** What stands for a picture in the prompt. */
function viewText(
  { rows, cols, small, seesWhole }: ViewGrid,
  { tile, unit }: ImageConfig,
  token: string,
): string {
  const whole = token.repeat((small.width / unit) * (small.height / unit));
  if (rows * cols === 1) return `<|image_start|>${whole}<|image_end|>`;
  const one = token.repeat((tile / unit) ** 2);
  const tiles = Array.from({ length: rows * cols }, (_, i) => {
    return `<|img_row_${Math.floor(i / cols) + 1}_col_${(i % cols) + 1}|>${one}`;
  });
  const thumbnail = seesWhole ? `<|img_thumbnail|>${whole}` : "";
  return `<|image_start|>${tiles.join("")}${thumbnail}<|image_end|>`;
}
