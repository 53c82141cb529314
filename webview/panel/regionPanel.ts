import * as l10n from "@vscode/l10n";
import close from "@vscode/codicons/src/icons/close.svg";
import { regionShare } from "../../src/core/heatmap/regionShare.js";
import { shareText } from "../compare/shareText.js";
import { rowOf } from "../../src/core/run/textWinner.js";
import { tokenLabel } from "../../src/core/run/tokenLabel.js";
import { drawRegionTokens, type RegionToken } from "../charts/regionTokens.js";
import { iconButton } from "../components/button.js";
import { element } from "../components/element.js";
import { touches } from "./imageView.js";
import type { Store } from "./store.js";

/** Tokens shown without asking for more. */
const MOST_TOKENS = 12;

/** The tokens of the answer ranked by how much of their heatmap lies in the selected region; hidden without one. */
export function drawRegionPanel(store: Store): HTMLElement {
  const title = element("strong");
  const note = element("p.note");
  const list = element("div");
  const clear = iconButton(close, l10n.t("Clear the region"), () => store.set({ region: null }));
  const root = element(
    "section.region-tokens",
    { attributes: { "aria-label": l10n.t("Tokens that look at the region"), hidden: true } },
    element("div.head", {}, title, clear),
    note,
    list,
  );
  let asked = false;
  const draw = (): void => {
    asked = false;
    const { region, selected } = store.state;
    root.hidden = region === null;
    if (region === null) return;
    const { tokens, chance } = rankTokens(store);
    title.textContent = l10n.t("Tokens that look at the region");
    note.textContent = l10n.t(
      "Share of each token's heatmap inside; the line is what a flat map would give, {0}.",
      shareText(chance),
    );
    const shown = tokens.slice(0, MOST_TOKENS);
    list.replaceChildren(
      tokens.length === 0
        ? element("p.note", {}, l10n.t("No token of the answer has a heatmap."))
        : drawRegionTokens(shown, chance, selected, {
            select: (index) => store.set({ selected: store.state.selected === index ? null : index }),
            preview: (index) => store.set({ previewed: index }),
          }),
    );
  };
  store.listen((changed) => {
    if (asked || !touches(changed, ["region", "attribution", "selected"])) return;
    asked = true;
    requestAnimationFrame(draw);
  });
  draw();
  return root;
}

/** The tokens with a heatmap, the share of it inside the region falling; and the share of a flat map. */
function rankTokens({ data, state }: Store): { tokens: RegionToken[]; chance: number } {
  const { cells } = data.info;
  const { region, attribution } = state;
  if (region === null) return { tokens: [], chance: 0 };
  const shares = data.info.tokens.map((token, index) => ({
    index,
    label: tokenLabel(token.text),
    share: regionShare(rowOf(attribution.tokenHeatmap, index, cells.length), cells, region),
  }));
  const tokens = shares.filter(({ index }) => hasMap(attribution.tokenHeatmap, index, cells.length));
  const flat = new Float32Array(cells.length).fill(1);
  return { tokens: tokens.sort((a, b) => b.share - a.share), chance: regionShare(flat, cells, region) };
}

function hasMap(maps: Float32Array, token: number, size: number): boolean {
  return rowOf(maps, token, size).some((value) => value > 0);
}
