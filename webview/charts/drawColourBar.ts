import * as l10n from "@vscode/l10n";
import { formatNumber } from "../../src/core/run/formatNumber.js";
import { element } from "../components/element.js";
import type { ColourBarLayout } from "../../src/core/heatmap/colourBar.js";

/** Draws the bar. @param format of its numbers */
export function drawColourBar(layout: ColourBarLayout, format = formatNumber): HTMLElement {
  const { stops, ends, middle } = layout;
  const ramp = element("span.ramp");
  const colours = stops.map(
    ({ place, red, green, blue, alpha }) =>
      `rgb(${Math.round(red)} ${Math.round(green)} ${Math.round(blue)} / ${alpha.toFixed(3)}) ${100 * place}%`,
  );
  ramp.style.backgroundImage = `linear-gradient(to right, ${colours.join(", ")})`;
  const numbers = [ends[0], ...(middle === null ? [] : [middle]), ends[1]].map((value) =>
    element("span", {}, format(value)),
  );
  const label = l10n.t("Colours from {0} to {1}", format(ends[0]), format(ends[1]));
  return element(
    "div.colour-bar",
    { attributes: { role: "img", "aria-label": label } },
    ramp,
    element("span.numbers", {}, ...numbers),
  );
}
