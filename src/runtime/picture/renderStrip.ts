import { shownAttribution, type ShownAttribution } from "../../core/run/shownAttribution.js";
import { tokenLabel } from "../../core/run/tokenLabel.js";
import type { Run } from "../../core/run/types.js";
import { svgToPng } from "../image/preview.js";
import type { PictureOptions } from "./options.js";
import { answerSvg, stripSvg, tokenSvg } from "./stripSvg.js";

/** The token strip as a PNG file; missing details of `attribution` are worked out from the run's gradient. */
export async function renderStrip(
  run: Run,
  attribution: ShownAttribution,
  options: PictureOptions = {},
): Promise<Uint8Array> {
  const drawing = await stripSvg(run, shownAttribution(run, attribution), options);
  return svgToPng(drawing.svg);
}

/** The picture with the map of the whole answer, as a small PNG file (about 20 kB). */
export async function renderAnswer(run: Run, attribution: ShownAttribution): Promise<Uint8Array> {
  const drawing = await answerSvg(run, shownAttribution(run, attribution), { scale: 1 });
  return svgToPng(drawing.svg, true);
}

/** The picture of token `index` alone as a PNG file. */
export async function renderToken(
  run: Run,
  attribution: ShownAttribution,
  index: number,
  options: PictureOptions = {},
): Promise<Uint8Array> {
  if (run.info.tokens[index] === undefined) throw new RangeError(`the run has no token ${index}`);
  const drawing = await tokenSvg(run, shownAttribution(run, attribution), index, options);
  return svgToPng(drawing.svg);
}

/** File name of a token's picture: its number and what of its text a file name can hold (`token-03-cat.png`). */
export function tokenFileName(run: Run, index: number, ending: "png" | "svg"): string {
  const digits = Math.max(2, String(Math.max(0, run.info.tokens.length - 1)).length);
  const number = String(index).padStart(digits, "0");
  const word = tokenLabel(run.info.tokens[index]?.text ?? "")
    .normalize("NFKC")
    .replace(/[^\p{L}\p{N}]+/gu, "-")
    .replace(/^-+|-+$/g, "")
    .slice(0, 24);
  return word === "" ? `token-${number}.${ending}` : `token-${number}-${word}.${ending}`;
}
