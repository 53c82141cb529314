import { basename } from "node:path";
import type { InspectedPicture } from "../../protocol/inspection.js";
import type { Family, ModelConfigs } from "../families/family.js";
import { loadPicture } from "../image/picture.js";

const EXAMPLE = { name: null, width: 640, height: 480 };

/** A picture and how it becomes image tokens, in numbers and in words. */
export interface PictureLayout {
  readonly picture: InspectedPicture;
  readonly words: string;
}

/**
 * Where the image tokens of a picture lie: of a file, or of an example.
 * @throws DexarError of the picture, `image-layout-unknown`, `image-too-narrow`
 */
export async function inspectPicture(
  family: Family,
  configs: ModelConfigs,
  imagePath: string | undefined,
): Promise<PictureLayout> {
  const { name, width, height } = imagePath === undefined ? EXAMPLE : await sizeOf(imagePath);
  const { summary, seen, cells } = family.layout({ width, height }, configs, "python");
  const [x, y, seenWidth, seenHeight] = seen.map(Math.round) as [number, number, number, number];
  const whole = seenWidth === width && seenHeight === height;
  const part = whole ? "all of it" : `${seenWidth} x ${seenHeight} pixels from (${x}, ${y})`;
  const what = name === null ? `a ${width} x ${height} picture` : `${name} (${width} x ${height})`;
  return {
    picture: { name, width, height, seen, cells },
    words: `${summary} = ${cells.length} tokens; of ${what} the model sees ${part}`,
  };
}

async function sizeOf(imagePath: string) {
  const { width, height } = await loadPicture(imagePath);
  return { name: basename(imagePath), width, height };
}
