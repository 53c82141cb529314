import { isKept, type FilterRow } from "./headDecision.js";

export type FilterColumn = "head" | "image" | "text" | "winner" | "weight" | "kept";
export type FilterShow = "all" | "kept" | "dropped" | "forced";

/** How the table is ordered and which rows it shows. */
export interface FilterView {
  readonly column: FilterColumn;
  readonly descending: boolean;
  readonly show: FilterShow;
  /** Words that a row's head (`L3 H4`) or text token must all hold. */
  readonly search: string;
  /** Only heads whose text score this position won; null: all. */
  readonly winner: number | null;
}

/** Which rows to show, in order, and how many there are of each kind. */
export interface FilterTableLayout {
  /** Indices into the rows. */
  readonly order: readonly number[];
  readonly kept: number;
  readonly forced: number;
  readonly total: number;
}

/**
 * Selects and orders the rows; equal values stay in layer and head order.
 * @param won whether the position of `view.winner` won each row; unused without one
 */
export function layoutFilterTable(
  rows: readonly FilterRow[],
  view: FilterView,
  won: (row: FilterRow) => boolean,
): FilterTableLayout {
  const words = view.search.toLowerCase().split(/\s+/).filter(Boolean);
  const matches = (row: FilterRow): boolean =>
    shows(row, view.show) && (view.winner === null || won(row)) && holds(row, words);
  const sign = view.descending ? -1 : 1;
  const order = rows
    .map((_, index) => index)
    .filter((index) => matches(at(rows, index)))
    .sort((a, b) => sign * compare(at(rows, a), at(rows, b), view.column) || a - b);
  return { order, ...countRows(rows) };
}

/** How many heads there are, are kept, and are decided by hand. */
export function countRows(rows: readonly FilterRow[]): Omit<FilterTableLayout, "order"> {
  return {
    kept: rows.filter(isKept).length,
    forced: rows.filter((row) => row.forced !== null).length,
    total: rows.length,
  };
}

function at(rows: readonly FilterRow[], index: number): FilterRow {
  const row = rows[index];
  if (!row) throw new RangeError(`no row ${index}`);
  return row;
}

function shows(row: FilterRow, show: FilterShow): boolean {
  switch (show) {
    case "all":
      return true;
    case "kept":
      return isKept(row);
    case "dropped":
      return !isKept(row);
    case "forced":
      return row.forced !== null;
  }
}

/** `l1` finds L1 but not L12; other words are found anywhere in the text token. */
function holds(row: FilterRow, words: readonly string[]): boolean {
  const names = [`l${row.layer}`, `h${row.head}`];
  const label = row.winner?.label.toLowerCase() ?? "";
  return words.every((word) => names.includes(word) || label.includes(word));
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
      return (a.winner?.label ?? "").localeCompare(b.winner?.label ?? "");
    case "weight":
      return a.weight - b.weight;
    case "kept":
      return a.keptTokens - b.keptTokens;
  }
}

/** The order after a click on a heading: the other way round, or numbers from the largest. */
export function nextOrder(
  present: Pick<FilterView, "column" | "descending">,
  column: FilterColumn,
): Pick<FilterView, "column" | "descending"> {
  if (present.column === column) return { column, descending: !present.descending };
  return { column, descending: column !== "head" && column !== "winner" };
}
