import { formatNumber } from "../../src/core/run/formatNumber.js";
import { element } from "../components/element.js";

/** The filter's decision about one head, for the pinned token or on average over the answer. */
export interface FilterRow {
  readonly layer: number;
  readonly head: number;
  readonly image: number;
  readonly text: number;
  /** The text token with the largest gradient, as a label; null over several tokens. */
  readonly winner: string | null;
  readonly weight: number;
  readonly kept: boolean;
  /** In how many of how many tokens the head was kept. */
  readonly keptTokens: number;
  readonly tokens: number;
}

export type FilterColumn = "head" | "image" | "text" | "winner" | "weight" | "kept";
export type FilterShow = "all" | "kept" | "dropped";

/** How the table is ordered and which rows it shows. */
export interface FilterView {
  readonly column: FilterColumn;
  readonly descending: boolean;
  readonly show: FilterShow;
  /** Most rows drawn at once; the rest come with a button. */
  readonly limit: number;
}

/** The rows to draw, and how many there are of each kind. */
export interface FilterTableLayout {
  readonly rows: readonly FilterRow[];
  readonly matching: number;
  readonly kept: number;
  readonly total: number;
}

/** Selects and orders the rows; equal values stay in layer and head order. */
export function layoutFilterTable(rows: readonly FilterRow[], view: FilterView): FilterTableLayout {
  const matching = rows.filter((row) => view.show === "all" || row.kept === (view.show === "kept"));
  const sign = view.descending ? -1 : 1;
  const ordered = [...matching].sort((a, b) => sign * compare(a, b, view.column) || compare(a, b, "head"));
  return {
    rows: ordered.slice(0, view.limit),
    matching: matching.length,
    kept: rows.filter((row) => row.kept).length,
    total: rows.length,
  };
}

function compare(a: FilterRow, b: FilterRow, column: FilterColumn): number {
  switch (column) {
    case "head":
      return a.layer - b.layer || a.head - b.head;
    case "image":
      return a.image - b.image;
    case "text":
      return a.text - b.text;
    case "winner":
      return (a.winner ?? "").localeCompare(b.winner ?? "");
    case "weight":
      return a.weight - b.weight;
    case "kept":
      return a.keptTokens - b.keptTokens;
    default:
      return column satisfies never;
  }
}

const COLUMNS: readonly { readonly column: FilterColumn; readonly text: string; readonly title: string }[] = [
  { column: "head", text: "Head", title: "Layer and head" },
  { column: "image", text: "S_img", title: "Largest gradient on an image token" },
  { column: "text", text: "S_text", title: "Largest gradient on a text token" },
  { column: "winner", text: "Text token", title: "The text token with the largest gradient" },
  { column: "weight", text: "w", title: "Head weight: S_img - S_text, or 0" },
  { column: "kept", text: "Kept", title: "Kept heads make up the map" },
];

/** What a person did in the table. */
export interface FilterTableEvents {
  readonly sort: (column: FilterColumn) => void;
  readonly showAll: () => void;
  readonly pin: (row: FilterRow) => void;
  readonly preview: (row: FilterRow | null) => void;
}

/** Draws the table; `pinned` is the head whose own map is on the picture. */
export function drawFilterTable(
  layout: FilterTableLayout,
  view: FilterView,
  pinned: { readonly layer: number; readonly head: number } | null,
  events: FilterTableEvents,
): HTMLElement {
  const winners = layout.rows.some((row) => row.winner !== null);
  const headings = COLUMNS.filter(({ column }) => winners || column !== "winner");
  const body = element(
    "tbody",
    { on: { mouseleave: () => events.preview(null) } },
    ...layout.rows.map((row) =>
      drawRow(row, row.layer === pinned?.layer && row.head === pinned.head, events, winners),
    ),
  );
  const table = element(
    "table.numbers.filter",
    {},
    element("caption", {}, `Heads: ${layout.kept} of ${layout.total} kept`),
    element("thead", {}, element("tr", {}, ...headings.map((heading) => drawHeading(heading, view, events)))),
    body,
  );
  const scroller = element("div.table-scroll", {}, table);
  if (layout.matching > layout.rows.length) {
    scroller.append(
      element("button.more", { on: { click: events.showAll } }, `Show all ${layout.matching} heads`),
    );
  }
  if (layout.matching === 0) scroller.append(element("p.note", {}, "No head matches."));
  return scroller;
}

function drawHeading(
  heading: (typeof COLUMNS)[number],
  view: FilterView,
  events: FilterTableEvents,
): HTMLElement {
  const sorted = heading.column === view.column;
  const direction = view.descending ? "descending" : "ascending";
  return element(
    "th",
    { attributes: { scope: "col", "aria-sort": sorted ? direction : undefined, class: heading.column } },
    element(
      "button",
      {
        attributes: { title: heading.title, "data-sort": heading.column },
        on: { click: () => events.sort(heading.column) },
      },
      heading.text,
      element(
        "span.arrow",
        { attributes: { "aria-hidden": "true" } },
        sorted ? (view.descending ? "▾" : "▴") : "",
      ),
    ),
  );
}

function drawRow(row: FilterRow, pinned: boolean, events: FilterTableEvents, winners: boolean): HTMLElement {
  const name = `L${row.layer} H${row.head}`;
  return element(
    "tr",
    {
      attributes: { class: row.kept ? undefined : "dropped", "aria-current": pinned ? "true" : undefined },
      on: { mouseenter: () => events.preview(row) },
    },
    element(
      "th",
      { attributes: { scope: "row" } },
      element(
        "button",
        {
          attributes: { title: `Show the map of ${name}`, "data-head": name },
          on: { click: () => events.pin(row) },
        },
        name,
      ),
    ),
    element("td", {}, formatNumber(row.image)),
    element("td", {}, formatNumber(row.text)),
    ...(winners
      ? [element("td.winner", { attributes: { title: row.winner ?? undefined } }, row.winner ?? "–")]
      : []),
    element("td", {}, formatNumber(row.weight)),
    element("td.kept", {}, keptText(row)),
  );
}

function keptText({ kept, keptTokens, tokens }: FilterRow): string {
  if (tokens === 1) return kept ? "yes" : "no";
  return `${keptTokens}/${tokens}`;
}
