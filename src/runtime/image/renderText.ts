import sharp from "sharp";
import { placePixels } from "./placePixels.js";
import type { Pixels } from "./pixels.js";

/** How a line of text looks: size of the type in pixels, colour 0..255, font family, absolute path of its file. */
export interface TextStyle {
  readonly size: number;
  readonly colour: readonly [number, number, number];
  readonly font: string;
  readonly fontFile?: string;
}

/** Drawn before every text, invisible, so that all lines of a style have one height and one baseline. */
const STRUT = "Áj";

/** A line of text on a transparent ground, cut to its ink at the left and right: RGBA. Blank text is one column wide. */
export async function renderText(text: string, style: TextStyle): Promise<Pixels> {
  const hex = style.colour.map((c) => Math.round(c).toString(16).padStart(2, "0")).join("");
  const strut = `<span foreground="#000000" alpha="1">${STRUT} </span>`;
  const drawn = sharp({
    text: {
      text: `${strut}<span foreground="#${hex}">${escapeMarkup(text)}</span>`,
      font: `${style.font} ${style.size}`,
      ...(style.fontFile === undefined ? {} : { fontfile: style.fontFile }),
      rgba: true,
      dpi: 72,
    },
  });
  const { data, info } = await drawn.raw().toBuffer({ resolveWithObject: true });
  return cutSides({ data: new Uint8Array(data), width: info.width, height: info.height, channels: 4 });
}

function cutSides(image: Pixels): Pixels {
  const { data, width, height } = image;
  const inked = (x: number): boolean => {
    for (let y = 0; y < height; y++) if ((data[(y * width + x) * 4 + 3] ?? 0) > 0) return true;
    return false;
  };
  let first = 0;
  let end = width;
  while (first < end && !inked(first)) first++;
  while (end > first && !inked(end - 1)) end--;
  return placePixels(image, { width: Math.max(1, end - first), height, left: -first, top: 0 });
}

/** Pango reads markup, in which control characters are not allowed; line ends would break the one line. */
function escapeMarkup(text: string): string {
  const printable = text.replace(/[\u0000-\u001f]/g, " ");
  return printable.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
