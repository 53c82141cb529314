import * as l10n from "@vscode/l10n";
import { formatNumber } from "../../src/core/run/formatNumber.js";
import { element } from "../components/element.js";
import { headDecision } from "../charts/headDecision.js";
import { filterRow } from "./filterRows.js";
import { keptHeadMap } from "./presentMap.js";
import type { HeadPlace, Subject } from "./selection.js";

/** One head's numbers and what became of it, for the read-out below the matrix. */
export function describeHead(subject: Subject, place: HeadPlace | null): (Node | string)[] {
  if (!place)
    return [l10n.t("Point at a head for its numbers and its own map; click to keep it on the picture.")];
  const row = filterRow(subject, place);
  const mass = keptHeadMap(subject, place, false)?.reduce((sum, value) => sum + value, 0);
  const numbers = [
    `w ${formatNumber(row.weight)}`,
    `S_img ${formatNumber(row.image)}`,
    `S_text ${formatNumber(row.text)}`,
    ...(mass === undefined ? [] : [`ΣG ${formatNumber(mass)}`]),
  ].join(" · ");
  const parts = [numbers, headDecision(row)];
  if (subject.token === null) parts.push(l10n.t("means over the answer"));
  if (mass === undefined) parts.push(l10n.t("no map of its own without the gradient"));
  return [element("strong", {}, `L${place.layer} H${place.head}`), ` ${parts.join(" · ")}`];
}
