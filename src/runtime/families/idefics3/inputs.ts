import { cat, type RawImage, type Tensor } from "@huggingface/transformers";
import { PilImage } from "../../image/pilImage.js";
import type { ProcessorCall } from "../family.js";
import { tileGrid, tokensPerTile, type TileGrid } from "./geometry.js";
import { pilTiles } from "./tiles.js";

const AROUND = "<fake_token_around_image>";
const WHOLE = "<global-img>";

/** Tiles, and the prompt with the tokens of every tile and its marks in place of the placeholder. */
export async function tileInputs(call: ProcessorCall): Promise<Record<string, Tensor>> {
  const { processor, configs, image, others = [], text, imageToken, addSpecialTokens } = call;
  const tiled = await Promise.all([image, ...others].map((one) => tilesOf(one, call)));
  const one = imageToken.text.repeat(tokensPerTile(configs));
  const [before = "", ...after] = text.split(imageToken.text);
  const expanded = tiled.map(({ grid }, index) => tileText(grid.rows, grid.cols, one) + (after[index] ?? ""));
  const words = before + expanded.join("");
  const tokens = processor.tokenizer?.(words, { add_special_tokens: addSpecialTokens });
  // The tiles of all pictures follow each other.
  const joined = (name: keyof TilePixels): Tensor => {
    const [first, ...rest] = tiled.map(({ pixels }) => pixels[name]);
    if (!first) throw new RangeError("a prompt without a picture");
    return rest.length === 0 ? first : cat([first, ...rest], 1);
  };
  const pixel_values = joined("pixel_values");
  return {
    ...(tokens as Record<string, Tensor>),
    pixel_values,
    pixel_attention_mask: joined("pixel_attention_mask"),
  };
}

type TilePixels = Record<"pixel_values" | "pixel_attention_mask", Tensor>;

async function tilesOf(
  image: RawImage,
  { processor, configs }: ProcessorCall,
): Promise<{ grid: TileGrid; pixels: TilePixels }> {
  const python = image instanceof PilImage;
  const grid = tileGrid(image, configs.image, python ? "python" : "transformers.js");
  const pixels = python
    ? await pilTiles(image, grid, processor.image_processor?.config ?? configs.image)
    : ((await processor.image_processor?.(image)) as TilePixels);
  return { grid, pixels };
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
