import type { RunInfo } from "../../core/run/types.js";
import type { Block } from "./drawHeader.js";
import { tag } from "../../core/figure/xml.js";
import { INK, textPath } from "./svg.js";
import { typeface } from "./typeface.js";

/** Which explanations the drawing needs. */
export interface LegendNeeds {
  readonly hollow: boolean;
  readonly unseen: boolean;
  readonly stop: boolean;
}

/** What a drawing of these tokens needs explained. */
export function legendNeeds(info: RunInfo, deltas: ArrayLike<number>): LegendNeeds {
  const { seen, width, height } = info.image;
  return {
    hollow: info.tokens.some((_, index) => deltas[index] === 0),
    unseen: seen[2] < width || seen[3] < height,
    stop: info.tokens.some((token) => token.stop) && !info.settings.includeStop,
  };
}

/** The notes at the foot of a drawing, wrapped to `width`. */
export function drawLegend(needs: LegendNeeds, x: number, y: number, width: number): Block {
  const items: { swatch: string | null; text: string }[] = [
    {
      swatch: null,
      text: "Every map has its own colour scale; its smallest and largest value stand at the bar.",
    },
    {
      swatch: null,
      text: "δ: how far the picture beat the text; the whole answer is the sum of the maps weighted by δ.",
    },
  ];
  if (needs.hollow)
    items.push({
      swatch: "dashed",
      text: "δ = 0: the text won; the map, drawn fainter, does not count in the whole answer.",
    });
  if (needs.unseen) items.push({ swatch: "hatch", text: "The model never saw this part." });
  if (needs.stop) items.push({ swatch: null, text: "The end token is not summed into the whole answer." });
  const face = typeface("regular");
  const parts: string[] = [];
  let left = x;
  let baseline = y + 12;
  for (const { swatch, text } of items) {
    const itemWidth = (swatch ? 20 : 0) + face.measure(text, 11);
    if (left > x && left + itemWidth > x + width) {
      left = x;
      baseline += 18;
    }
    if (swatch) parts.push(drawSwatch(swatch, left, baseline - 10));
    parts.push(
      textPath(text, left + (swatch ? 20 : 0), baseline, { size: 11, fill: INK.muted, maxWidth: width }),
    );
    left += itemWidth + 24;
  }
  return { svg: parts.join(""), height: baseline + 4 - y };
}

function drawSwatch(kind: string, x: number, y: number): string {
  const box = { x: x + 0.5, y: y + 0.5, width: 13, height: 11 };
  if (kind === "dashed")
    return tag("rect", { ...box, fill: "none", stroke: INK.faint, "stroke-dasharray": "3 2" });
  return tag("rect", { ...box, fill: "url(#hatch)", stroke: INK.line });
}
