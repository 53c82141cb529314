import * as l10n from "@vscode/l10n";
import { shareText } from "../compare/shareText.js";
import { element } from "../components/element.js";

/** A token of the answer and the share of its heatmap inside a region, 0 to 1. */
export interface RegionToken {
  readonly index: number;
  readonly label: string;
  readonly share: number;
}

/** What a person did in the list. */
export interface RegionEvents {
  select(index: number): void;
  preview(index: number | undefined): void;
}

/** Draws the tokens as a list of buttons with a bar each, and a line where chance is (0 to 1). */
export function drawRegionTokens(
  tokens: readonly RegionToken[],
  chance: number,
  selected: number | null,
  events: RegionEvents,
): HTMLElement {
  const longest = Math.max(chance, ...tokens.map(({ share }) => share), 1e-12);
  const rows = tokens.map(({ index, label, share }) => {
    const bar = element("span.bar");
    bar.style.width = `${(100 * share) / longest}%`;
    const line = element("span.chance");
    line.style.left = `${(100 * chance) / longest}%`;
    const row = element(
      "button.region-token",
      {
        attributes: {
          type: "button",
          "aria-pressed": String(index === selected),
          "data-index": index,
          title: l10n.t("{0}: {1} of its heatmap inside", label, shareText(share)),
        },
        on: {
          click: () => events.select(index),
          mouseenter: () => events.preview(index),
          mouseleave: () => events.preview(undefined),
        },
      },
      element("span.label", {}, label),
      element("span.track", {}, bar, line),
      element("span.share", {}, shareText(share)),
    );
    return element("li", {}, row);
  });
  return element("ol.region-list", {}, ...rows);
}
