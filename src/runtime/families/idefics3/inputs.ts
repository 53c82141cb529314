import type { Tensor } from "@huggingface/transformers";
import { PilImage } from "../../image/pilImage.js";
import type { ProcessorCall } from "../family.js";
import { tileGrid, tokensPerTile } from "./geometry.js";
import { pilTiles } from "./tiles.js";

const AROUND = "<fake_token_around_image>";
const WHOLE = "<global-img>";

/** Tiles, and the prompt with the tokens of every tile and its marks in place of the placeholder. */
export async function tileInputs(call: ProcessorCall): Promise<Record<string, Tensor>> {
  const { processor, configs, image, text, imageToken, addSpecialTokens } = call;
  const python = image instanceof PilImage;
  const grid = tileGrid(image, configs.image, python ? "python" : "transformers.js");
  const pixels = python
    ? await pilTiles(image, grid, processor.image_processor?.config ?? configs.image)
    : ((await processor.image_processor?.(image)) as Record<"pixel_values" | "pixel_attention_mask", Tensor>);
  const one = imageToken.text.repeat(tokensPerTile(configs));
  const expanded = text.replace(imageToken.text, () => tileText(grid.rows, grid.cols, one));
  const tokens = processor.tokenizer?.(expanded, { add_special_tokens: addSpecialTokens });
  const { pixel_values, pixel_attention_mask } = pixels;
  return { ...(tokens as Record<string, Tensor>), pixel_values, pixel_attention_mask };
}

/** What stands for a picture of `rows` x `cols` tiles in the prompt; `one` are the tokens of a tile. */
function tileText(rows: number, cols: number, one: string): string {
  const whole = AROUND + WHOLE + one + AROUND;
  if (rows === 0) return whole;
  const tile = (row: number, col: number) => `${AROUND}<row_${row + 1}_col_${col + 1}>${one}`;
  const lines = Array.from({ length: rows }, (_, row) =>
    Array.from({ length: cols }, (__, col) => tile(row, col)).join(""),
  );
  return `${lines.join("\n")}\n\n${whole}`;
}
