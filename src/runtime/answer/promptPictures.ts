import type { RawImage } from "@huggingface/transformers";
import { DexarError } from "../../core/errors.js";
import type { Rectangle } from "../../core/run/types.js";
import type { ImageLayout } from "../families/layout.js";
import { PilImage, rawImage } from "../image/pilImage.js";
import type { Picture } from "../image/picture.js";
import { pictureSheet } from "../image/pictureSheet.js";
import type { LoadedVlm } from "../model/loadModel.js";

/** One of several pictures of a prompt, on the sheet that shows them all. */
export interface PlacedPicture {
  readonly sha256: string;
  /** On the sheet, in pixels. */
  readonly place: Rectangle;
  /** The part of it that the model saw, on the sheet. */
  readonly seen: Rectangle;
  /** How many image tokens are its own. */
  readonly tokens: number;
}

/** The pictures of a prompt as the processor takes them, and as they are shown. */
export interface PromptPictures {
  /** The picture itself, or a sheet of all. */
  readonly picture: Picture;
  /** Cells of all pictures, in the tokens' order, in pixels of `picture`. */
  readonly layout: ImageLayout;
  readonly images: readonly [RawImage, ...RawImage[]];
  /** Only of several. */
  readonly placed: readonly PlacedPicture[] | null;
}

/**
 * Lays out the pictures of a prompt.
 * @throws DexarError `one-picture` for several where the family takes one, and those of layouts
 */
export async function promptPictures(
  vlm: LoadedVlm,
  picture: Picture,
  others: readonly Picture[],
  resize: "pil" | "transformers.js",
): Promise<PromptPictures> {
  const python = resize === "pil";
  // Before the processor: it refuses pictures that would be resized to an absurd size.
  const layoutOf = (one: Picture) =>
    vlm.family.layout(one, vlm.configs, python ? "python" : "transformers.js");
  const imageOf = (one: Picture) => (python ? PilImage.fromPicture(one) : rawImage(one));
  const layout = layoutOf(picture);
  if (others.length === 0) return { picture, layout, images: [imageOf(picture)], placed: null };
  if (vlm.family.severalPictures !== true) throw onePicture(vlm, others.length + 1);
  const all = [picture, ...others];
  const layouts = [layout, ...others.map(layoutOf)];
  const sheet = await pictureSheet(all);
  const placed = all.map(({ sha256 }, index): PlacedPicture => {
    const place = sheet.places[index] ?? [0, 0, 0, 0];
    const { seen = place, cells = [] } = layouts[index] ?? {};
    return { sha256, place, seen: moved(seen, place), tokens: cells.length };
  });
  const cells = layouts.flatMap((one, index) =>
    one.cells.map((cell) => moved(cell, sheet.places[index] ?? [0, 0, 0, 0])),
  );
  const { width, height } = sheet.picture;
  return {
    picture: sheet.picture,
    layout: { seen: [0, 0, width, height], cells, summary: layouts.map(({ summary }) => summary).join("; ") },
    images: [imageOf(picture), ...others.map(imageOf)],
    placed,
  };
}

function moved([x, y, width, height]: Rectangle, [left, top]: Rectangle): Rectangle {
  return [x + left, y + top, width, height];
}

function onePicture(vlm: LoadedVlm, count: number): DexarError {
  return new DexarError(
    "one-picture",
    `Models of the family ${vlm.family.name} take one picture in a prompt here; there are ${count}.`,
    "Ask about one picture at a time.",
  );
}
