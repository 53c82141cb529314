import * as l10n from "@vscode/l10n";
import { element } from "../components/element.js";

/** What the two colours of a chart stand for. @param of what is measured */
export function drawSideLegend(of: string): HTMLElement {
  const key = (side: "a" | "b", text: string): HTMLElement =>
    element("span.key", {}, element("span", { attributes: { class: `swatch side-${side}` } }), text);
  return element(
    "div.legend",
    {},
    key("a", l10n.t("A, or A has more")),
    key("b", l10n.t("B, or B has more")),
    element("span", {}, of),
  );
}
