import * as l10n from "@vscode/l10n";
import exportIcon from "@vscode/codicons/src/icons/save.svg";
import swapIcon from "@vscode/codicons/src/icons/arrow-swap.svg";
import type { Both } from "../../src/protocol/compare.js";
import { button } from "../components/button.js";
import { element } from "../components/element.js";
import { linkButton } from "../components/linkButton.js";
import { drawChangeList } from "./changeList.js";
import type { CompareStore } from "./compareStore.js";
import { drawHeadDifferences } from "./headDifferencesPanel.js";
import { drawLayerDifferencesPanel } from "./layerDifferencesPanel.js";
import { drawLikeness } from "./likenessPanel.js";
import { drawPictures } from "./picturesPanel.js";
import { drawSideSettings } from "./sideSettings.js";
import { drawTokensPanel } from "./tokensPanel.js";

/** What can be asked for beyond the view itself. */
export interface ComparisonEvents {
  readonly swap: () => void;
  readonly exportPng: () => void;
  /** Opens a side's run by itself; null where there is no editor. */
  readonly openRun: ((side: 0 | 1) => void) | null;
}

/** Draws everything of a comparison. */
export function drawComparison(
  store: CompareStore,
  pictures: Both<CanvasImageSource>,
  events: ComparisonEvents,
): Node[] {
  const swap = button(
    l10n.t("Swap"),
    { icon: swapIcon, title: l10n.t("A becomes B and B becomes A") },
    events.swap,
  );
  swap.classList.add("swap");
  const tools = element(
    "div.tools",
    {},
    swap,
    button(
      l10n.t("Save picture"),
      { icon: exportIcon, title: l10n.t("A, B and the difference as a PNG") },
      events.exportPng,
    ),
  );
  const header = element(
    "header.compare-header",
    {},
    element("div.compare-runs", {}, drawRun(store, 0, events), drawRun(store, 1, events)),
    tools,
  );
  return [
    header,
    drawChangeList(store),
    drawPictures(store, pictures),
    drawTokensPanel(store),
    element(
      "div.compare-panels",
      {},
      drawLikeness(store),
      drawLayerDifferencesPanel(store),
      drawHeadDifferences(store),
      drawSideSettings(store),
    ),
  ];
}

/** Which run a side is, in a line. */
function drawRun({ data, names }: CompareStore, side: 0 | 1, { openRun }: ComparisonEvents): HTMLElement {
  const { prompt, model } = data[side].info;
  const letter = element(
    "span.side-letter",
    { attributes: { class: `side-letter side-${side === 0 ? "a" : "b"}` } },
    side === 0 ? "A" : "B",
  );
  const name = openRun
    ? linkButton(names[side], l10n.t("Open this run"), () => openRun(side))
    : element("strong", {}, names[side]);
  const asked = prompt.text.trim() || l10n.t("(empty prompt)");
  // A run without a name of its own is called by picture and prompt.
  const isSaid = names[side].includes(asked);
  const facts = [...(isSaid ? [] : [asked]), model.name, model.dtype, model.device];
  return element(
    "p.compare-run",
    {},
    letter,
    element("span", {}, name, element("span.note", {}, ` ${facts.join(" · ")}`)),
  );
}
