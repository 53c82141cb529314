import { withResolution } from "../../core/figure/png.js";
import type { RenderFigureRequest } from "../../protocol/modelProcess.js";
import { figurePng } from "../image/figurePng.js";
import { FONT_FILES, fontPath } from "./typeface.js";

/** A figure (`core/figure`) as a PNG file that knows its size on paper. */
export async function renderFigure({ svg, dpi }: RenderFigureRequest): Promise<Uint8Array> {
  const fonts = [FONT_FILES.regular, FONT_FILES.bold].map(fontPath);
  return withResolution(await figurePng(svg, fonts), dpi);
}
