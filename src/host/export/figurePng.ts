import { pixelSize, svgInPixels } from "../../core/figure/pixelSize.js";
import type { Figure } from "../../core/figure/types.js";
import { withBareProcess, type BareProcessOptions } from "../modelHost/bareProcess.js";

/** Draws a figure as a PNG file at the resolution of the settings. */
export type DrawPng = (figure: Figure) => Promise<Uint8Array>;

/** Pictures are drawn where their libraries are: in a model process. */
export function makeDrawPng(options: BareProcessOptions): DrawPng {
  return (figure) => {
    const size = pixelSize(figure, options.readSettings().paper.dpi);
    return withBareProcess(options, (client) =>
      client.renderFigure({ svg: svgInPixels(figure.svg, size), dpi: size.dpi }),
    );
  };
}
