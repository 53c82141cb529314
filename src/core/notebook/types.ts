/** Plain data of a JSON object. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** A field that this version does not know: kept, and written again at its place. */
export interface UnknownField {
  /** The last known field before it; null: it comes first. */
  readonly after: string | null;
  readonly key: string;
  readonly value: unknown;
}

/** A notebook file (`*.vlmnb`), version 1. */
export interface Notebook {
  /** Defaults of its prompt cells (`model`, `image`, `images`), and whatever else somebody keeps there. */
  readonly metadata: JsonObject;
  readonly cells: readonly NotebookCell[];
  readonly unknown: readonly UnknownField[];
}

export interface NotebookCell {
  /** null: the file gives none. */
  readonly id: string | null;
  readonly kind: "prompt" | "markdown";
  readonly source: string;
  readonly metadata: JsonObject;
  /** null: it was never run. */
  readonly execution: CellExecution | null;
  readonly outputs: readonly NotebookOutput[];
  readonly unknown: readonly UnknownField[];
}

/** The last run of a cell; what is not known is null. */
export interface CellExecution {
  /** Whole number from 1. */
  readonly order: number | null;
  /** Milliseconds since 1970; ISO 8601 in the file. Known when the duration is. */
  readonly start: number | null;
  /** Milliseconds. Known when the start is. */
  readonly duration: number | null;
  readonly success: boolean | null;
  readonly unknown: readonly UnknownField[];
}

/** One output in its representations, each of another media type. */
export interface NotebookOutput {
  readonly metadata: JsonObject;
  readonly items: readonly NotebookOutputItem[];
  readonly unknown: readonly UnknownField[];
}

/** One representation, as the file holds it: JSON as it is, text in lines, everything else in base64. */
export type NotebookOutputItem = { readonly mime: string } & (
  | { readonly encoding: "json"; readonly value: unknown }
  | { readonly encoding: "text" | "base64"; readonly text: string }
);
