import * as l10n from "@vscode/l10n";
import checkIcon from "@vscode/codicons/src/icons/check.svg";
import closeIcon from "@vscode/codicons/src/icons/close.svg";
import { formatNumber } from "../../src/core/run/formatNumber.js";
import { element } from "../components/element.js";
import { icon } from "../components/icon.js";
import type { FilterColumn, FilterView } from "./filterTable.js";
import { headDecision, isKept, type FilterRow } from "./headDecision.js";

/** What a person did in the table. */
export interface FilterTableEvents {
  readonly sort: (column: FilterColumn) => void;
  readonly pin: (row: FilterRow) => void;
  /** The text token that won a head: shown among the prompt's words. */
  readonly showWord: (position: number) => void;
  readonly force: (row: FilterRow, decision: "keep" | "drop" | null) => void;
}

/** Name of a head as the table and the matrix write it. */
export function headName({ layer, head }: Pick<FilterRow, "layer" | "head">): string {
  return `L${layer} H${head}`;
}

function columns(): { column: FilterColumn; text: string; title: string }[] {
  return [
    { column: "head", text: l10n.t("Head"), title: l10n.t("Layer and head") },
    { column: "image", text: "S_img", title: l10n.t("Largest gradient on an image token") },
    { column: "text", text: "S_text", title: l10n.t("Largest gradient on a text token") },
    { column: "weight", text: "w", title: l10n.t("Head weight: S_img - S_text, or 0") },
    {
      column: "winner",
      text: l10n.t("Text token"),
      title: l10n.t("The text token with the largest gradient"),
    },
    { column: "kept", text: l10n.t("Decision"), title: l10n.t("Kept heads make up the map") },
  ];
}

/** The row of headings; each sorts by its column. */
export function drawHeadings(view: FilterView, sort: FilterTableEvents["sort"]): HTMLElement {
  const headings = columns().map(({ column, text, title }) => {
    const sorted = column === view.column;
    const arrow = sorted ? (view.descending ? "▾" : "▴") : "";
    const direction = view.descending ? "descending" : "ascending";
    return element(
      `div.${column}`,
      { attributes: { role: "columnheader", "aria-sort": sorted ? direction : undefined } },
      element(
        "button",
        { attributes: { type: "button", title, "data-sort": column }, on: { click: () => sort(column) } },
        text,
        element("span.arrow", { attributes: { "aria-hidden": "true" } }, arrow),
      ),
    );
  });
  const hand = element(
    "div.hand",
    { attributes: { role: "columnheader", title: l10n.t("Keep or drop a head by hand") } },
    l10n.t("By hand"),
  );
  return element("div.row.headings", { attributes: { role: "row" } }, ...headings, hand);
}

/** How one row is drawn. */
export interface RowOptions {
  readonly index: number;
  /** The head whose own map is on the picture. */
  readonly pinned: boolean;
  /** Its controls are those that the Tab key reaches. */
  readonly active: boolean;
  /** False where the filter cannot change. */
  readonly canForce: boolean;
}

/** One head's numbers, the decision with its reason, and the controls that force it. */
export function drawFilterRow(row: FilterRow, options: RowOptions, events: FilterTableEvents): HTMLElement {
  const name = headName(row);
  const tabindex = options.active ? 0 : -1;
  const cell = (kind: string, ...content: (Node | string)[]): HTMLElement =>
    element(`div.${kind}`, { attributes: { role: "gridcell" } }, ...content);
  const pin = element(
    "button",
    {
      attributes: {
        type: "button",
        tabindex,
        "data-part": "head",
        title: l10n.t("Show the map of {0}", name),
      },
      on: { click: () => events.pin(row) },
    },
    name,
  );
  const made = element(
    "div.row",
    { attributes: { role: "row", "aria-rowindex": options.index + 2, "data-head": name } },
    element("div.head", { attributes: { role: "rowheader" } }, pin),
    cell("image", formatNumber(row.image)),
    cell("text", formatNumber(row.text)),
    cell("weight", formatNumber(row.weight)),
    cell("winner", ...drawWinner(row, tabindex, events)),
    element("div.kept", { attributes: { role: "gridcell", title: headDecision(row) } }, ...drawDecision(row)),
    cell("hand", ...(options.canForce ? drawForce(row, tabindex, events) : [])),
  );
  made.classList.toggle("dropped", !isKept(row));
  made.classList.toggle("by-hand", row.forced !== null);
  if (options.pinned) made.setAttribute("aria-current", "true");
  return made;
}

function drawWinner(row: FilterRow, tabindex: number, events: FilterTableEvents): (Node | string)[] {
  const { winner } = row;
  if (!winner) return ["–"];
  const title = l10n.t("{0}, position {1}: show it among the prompt words", winner.label, winner.position);
  return [
    element(
      "button.word",
      {
        attributes: {
          ...{ type: "button", tabindex, title },
          ...{ "data-part": "winner", "data-position": winner.position },
        },
        on: { click: () => events.showWord(winner.position) },
      },
      winner.label,
    ),
  ];
}

/** The decision in a few words; the numbers that decided are left out where there is little room. */
function drawDecision(row: FilterRow): Node[] {
  const kept = isKept(row);
  if (row.forced === "keep") return [element("span", {}, l10n.t("kept by hand"))];
  if (row.forced === "drop") return [element("span", {}, l10n.t("dropped by hand"))];
  if (row.whole) return [element("span", {}, l10n.t("kept in {0} of {1}", row.keptTokens, row.tokens))];
  const [image, text] = [formatNumber(row.image), formatNumber(row.text)];
  if (!kept && row.image === 0 && row.text === 0)
    return [element("span", {}, l10n.t("dropped: no gradient"))];
  const reason = kept ? l10n.t("kept: picture won") : l10n.t("dropped: text won");
  const figures = kept ? ` ${image} > ${text}` : ` ${text} ≥ ${image}`;
  return [element("span", {}, reason), element("span.figures", {}, figures)];
}

let icons: { readonly keep: SVGElement; readonly drop: SVGElement } | null = null;

function drawForce(row: FilterRow, tabindex: number, events: FilterTableEvents): Node[] {
  icons ??= { keep: icon(checkIcon), drop: icon(closeIcon) };
  const { keep, drop } = icons;
  const toggle = (decision: "keep" | "drop", drawn: SVGElement, label: string): HTMLElement => {
    const pressed = row.forced === decision;
    return element(
      "button",
      {
        attributes: {
          ...{ type: "button", tabindex, title: label, "aria-label": label },
          ...{ "aria-pressed": String(pressed), "data-part": decision },
        },
        on: { click: () => events.force(row, pressed ? null : decision) },
      },
      drawn.cloneNode(true),
    );
  };
  const name = headName(row);
  return [
    toggle("keep", keep, l10n.t("Keep {0} by hand", name)),
    toggle("drop", drop, l10n.t("Drop {0} by hand", name)),
  ];
}
