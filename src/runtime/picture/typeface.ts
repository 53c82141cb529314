import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import opentype, { type Font } from "opentype.js";
import type { Measure } from "../../core/figure/textWidth.js";
import { escapeCodePoint } from "../../core/run/tokenLabel.js";

/** The faces a picture is lettered in; their files come with the `dejavu-fonts-ttf` package. */
export type FaceName = "regular" | "bold";

/** Every font file a package of this project has to carry. */
export const FONT_FILES: Readonly<Record<FaceName, string>> = {
  regular: "DejaVuSans.ttf",
  bold: "DejaVuSans-Bold.ttf",
};

/** Letters as outlines, so that a picture looks the same whatever fonts the machine has. */
export interface Typeface {
  /** Width of a line. */
  readonly measure: Measure;
  /** SVG path data of a line that starts at `x` on the baseline `y`. */
  outline(text: string, x: number, y: number, size: number): string;
}

/** Path of a font file of `FONT_FILES`. */
export function fontPath(file: string): string {
  return createRequire(import.meta.url).resolve(`dejavu-fonts-ttf/ttf/${file}`);
}

const loaded = new Map<FaceName, Typeface>();

/** Returns a face, reading its file on first use. */
export function typeface(name: FaceName): Typeface {
  const known = loaded.get(name);
  if (known) return known;
  const bytes = readFileSync(fontPath(FONT_FILES[name]));
  const face = makeTypeface(
    opentype.parse(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength)),
  );
  loaded.set(name, face);
  return face;
}

function makeTypeface(font: Font): Typeface {
  return {
    measure: (text, size) => layOut(font, text, size).width,
    outline: (text, x, y, size) =>
      layOut(font, text, size)
        .glyphs.map((placed) => placed.glyph.getPath(x + placed.x, y, size).toPathData(2))
        .join(""),
  };
}

// Glyph by glyph, not font.getPath: opentype.js 2.0 rejects the chained substitutions in DejaVu's tables.
function layOut(font: Font, text: string, size: number) {
  const scale = size / font.unitsPerEm;
  let x = 0;
  const glyphs = drawable(font, text).map((character) => {
    const glyph = font.charToGlyph(character);
    const placed = { glyph, x };
    x += (glyph.advanceWidth ?? 0) * scale;
    return placed;
  });
  return { glyphs, width: x };
}

/** The characters to draw: one the font lacks (CJK, most emoji) becomes its escaped code point. */
function drawable(font: Font, text: string): string[] {
  return Array.from(text).flatMap((character) =>
    font.charToGlyphIndex(character) > 0 ? [character] : Array.from(escapeCodePoint(character)),
  );
}
