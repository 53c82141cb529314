import * as l10n from "@vscode/l10n";
import { figureSvg } from "../../src/core/figure/figureSvg.js";
import { pixelSize, svgInPixels } from "../../src/core/figure/pixelSize.js";
import { withResolution } from "../../src/core/figure/png.js";
import type { Figure } from "../../src/core/figure/types.js";
import { mapColours } from "../../src/core/heatmap/mapColours.js";
import type { PaperPreferences } from "../../src/protocol/panel.js";
import { pinnedMap } from "./presentMap.js";
import type { Store } from "./store.js";

/** What a page without preferences of its user draws for: one column of a paper, in print quality. */
export const DEFAULT_PREFERENCES: PaperPreferences = { widthMm: 84, fontSizePt: 8, dpi: 300 };

/**
 * The whole picture with the pinned map on it, whatever part of it is seen, as a figure for a paper.
 * @param picture the picture as a `data:` address
 */
export function exportFigure(store: Store, picture: string, paper: PaperPreferences): Promise<Figure> {
  const { data, state } = store;
  const map = pinnedMap(store);
  const { colourMap, ...style } = state.style;
  return figureSvg({
    info: data.info,
    picture,
    map: { ...map, label: mapLabel(store, map.signed) },
    style: { ...style, colourMap: mapColours(colourMap, map.signed) },
    paper: { widthMm: paper.widthMm, fontSizePt: paper.fontSizePt, background: "white" },
    answer: { weights: state.attribution.tokenWeight, selected: state.selected },
    region: state.region,
  });
}

/** The same figure as PNG: drawn from its SVG, so that the two agree. */
export async function exportPicture(store: Store, picture: string, paper: PaperPreferences): Promise<Blob> {
  const figure = await exportFigure(store, picture, paper);
  const size = pixelSize(figure, paper.dpi);
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svgInPixels(figure.svg, size))}`;
  await image.decode();
  const canvas = new OffscreenCanvas(size.width, size.height);
  const context = canvas.getContext("2d");
  if (!context) throw new Error("the browser gives no canvas to draw on");
  context.drawImage(image, 0, 0, size.width, size.height);
  const png = await (await canvas.convertToBlob({ type: "image/png" })).arrayBuffer();
  return new Blob([withResolution(new Uint8Array(png), size.dpi)], { type: "image/png" });
}

/** What the numbers on the colour bar are. */
function mapLabel({ state }: Store, signed: boolean): string {
  if (state.pinnedHead !== null || signed) return l10n.t("gradient");
  if (state.shownHeads !== "kept") return l10n.t("gradient, heads alike");
  return state.selected === null ? l10n.t("token maps weighted by δ") : l10n.t("weighted gradient");
}
