import type { TokenChoice } from "../core/compare/side.js";
import type { PictureBytes, PanelPreferences } from "./panel.js";
import type { SerializedError } from "../core/serializedError.js";

/** Where a run of a comparison comes from. */
export type CompareSource =
  | { readonly kind: "run"; readonly id: string }
  /** A run file, as the text of its address. */
  | { readonly kind: "file"; readonly uri: string };

/** One side as the page gets it. */
export interface ComparedFile {
  /** What a reader calls it. */
  readonly name: string;
  readonly file: Uint8Array;
  readonly picture: PictureBytes;
}

/** The two sides. */
export type Both<T> = readonly [a: T, b: T];

/** What the extension says to a comparison's page. */
export type ToCompare =
  | {
      readonly kind: "init";
      /** Translations; null: English. */
      readonly strings: Readonly<Record<string, string>> | null;
      readonly preferences: Pick<PanelPreferences, "colourMap" | "opacity" | "smooth">;
    }
  | {
      readonly kind: "runs";
      readonly sources: Both<CompareSource>;
      readonly a: ComparedFile;
      /** Null: the same run as A. */
      readonly b: ComparedFile | null;
      /** What is looked at first, unless the page remembers. */
      readonly choice: Both<TokenChoice>;
    }
  /** The runs cannot be read. */
  | { readonly kind: "failure"; readonly error: SerializedError }
  /** A picture was saved under this name; null when the user changed their mind. */
  | { readonly kind: "saved"; readonly name: string | null };

/** What a comparison's page says. */
export type FromCompare =
  | { readonly kind: "ready" }
  | { readonly kind: "savePng"; readonly content: Uint8Array; readonly suffix: string }
  | { readonly kind: "openRun"; readonly source: CompareSource }
  /** The page shows them the other way round from now on. */
  | { readonly kind: "swapped"; readonly sources: Both<CompareSource> };

/** What a page keeps across reloads (`setState`, and the serializer): what is looked at, never data. */
export interface CompareViewState {
  readonly version: 1;
  readonly sources: Both<CompareSource>;
  /** The page's own: tokens, settings, view. */
  readonly page: unknown;
}
