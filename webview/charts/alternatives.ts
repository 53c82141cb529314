import * as l10n from "@vscode/l10n";
import { formatProbability } from "../../src/core/run/formatNumber.js";
import { tokenLabel } from "../../src/core/run/tokenLabel.js";
import type { Alternative } from "../../src/core/run/types.js";
import { element } from "../components/element.js";
import { linkButton } from "../components/linkButton.js";

/** One row of the list. */
export interface AlternativeRow {
  readonly other: Alternative;
  /** The token that the model chose. */
  readonly chosen: boolean;
  /** Which of its buttons is active. */
  readonly active: "instead" | "contrast" | null;
  readonly busy: boolean;
}

/** Draws what the model could have said, most probable first, with a bar each; buttons ask about the others. */
export function drawAlternatives(
  rows: readonly AlternativeRow[],
  ask: ((other: Alternative, kind: "instead" | "contrast") => void) | null,
): HTMLElement {
  return element("ol.alternatives", {}, ...rows.map((row) => drawRow(row, ask)));
}

function drawRow(
  { other, chosen, active, busy }: AlternativeRow,
  ask: ((other: Alternative, kind: "instead" | "contrast") => void) | null,
): HTMLElement {
  const bar = element("span.bar");
  bar.style.width = `${100 * Math.exp(other.logprob)}%`;
  const label = tokenLabel(other.text);
  const buttons = element("span.asks");
  if (ask !== null && !chosen) {
    const questions = [
      [
        "instead",
        l10n.t("explain instead"),
        l10n.t("Explain {0} in the place of the token that was chosen", label),
      ],
      ["contrast", l10n.t("why not this"), l10n.t("Why the token that was chosen, and not {0}", label)],
    ] as const;
    for (const [kind, text, title] of questions) {
      const button = linkButton(text, title, () => ask(other, kind));
      button.disabled = busy;
      button.dataset["kind"] = kind;
      button.setAttribute("aria-pressed", String(active === kind));
      buttons.append(button);
    }
  }
  const row = element(
    "li",
    {},
    element("span.label", {}, label),
    element("span.track", {}, bar),
    element("span.share", {}, formatProbability(other.logprob)),
    buttons,
  );
  row.classList.toggle("chosen", chosen);
  return row;
}
