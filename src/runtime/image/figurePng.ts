import sharp from "sharp";
import { svgToPng } from "./preview.js";

const known = new Set<string>();

/**
 * A PNG file of an SVG document with plain words, at the size in pixels it states.
 * @param fonts font files to letter it in where the machine has none of those it names
 */
export async function figurePng(svg: string, fonts: readonly string[]): Promise<Uint8Array> {
  for (const font of fonts) await addFont(font);
  return svgToPng(svg);
}

/** Drawing a word in a font of a file makes the font known to this process, for SVG documents too. */
async function addFont(fontfile: string): Promise<void> {
  if (known.has(fontfile)) return;
  await sharp({ text: { text: "a", fontfile } })
    .png()
    .toBuffer();
  known.add(fontfile);
}
