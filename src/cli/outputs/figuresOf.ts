import { FIGURE_TEXTS, runFigure } from "../../core/figure/runFigure.js";
import { DEFAULT_PAPER } from "../../core/figure/types.js";
import { toBase64 } from "../../core/run/packArrays.js";
import type { ShownAttribution } from "../../core/run/shownAttribution.js";
import type { Run } from "../../core/run/types.js";
import { viewPicture } from "../../runtime/image/viewPicture.js";
import { pictureStyle } from "../../runtime/picture/options.js";

/**
 * The figures of a run as SVG documents, in the style of its PNGs and the width of one column.
 * @returns draws the figure of a token, or of the whole answer (null)
 */
export async function figuresOf(
  { info, image }: Run,
  attribution: ShownAttribution,
): Promise<(token: number | null) => Promise<string>> {
  const { type, bytes } = await viewPicture(image);
  const picture = `data:${type};base64,${toBase64(bytes)}`;
  const style = { ...pictureStyle({}), grey: false, grid: false, tiles: true };
  const look = { picture, style, paper: DEFAULT_PAPER, texts: FIGURE_TEXTS };
  return async (token) => (await runFigure(info, attribution, { ...look, token })).svg;
}
