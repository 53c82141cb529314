import type { AttributionSettings } from "../../src/core/attribution/settings.js";
import type { SourceHeads } from "../../src/core/attribution/sources.js";
import type { DroppedMaps, TokenGradient } from "../../src/core/attribution/types.js";
import type { ColourMapName } from "../../src/core/heatmap/colourMap.js";
import type { ReportData } from "../../src/core/run/reportData.js";
import type { ShownAttribution } from "../../src/core/run/shownAttribution.js";
import type { Rectangle } from "../../src/core/run/types.js";
import type { FilterView } from "../charts/filterTable.js";
import { PageAttribution } from "./pageAttribution.js";
import type { HeadMeasure, HeadPlace, Subject } from "./selection.js";

/** How the map lies on the picture. */
export interface MapStyle {
  /** For maps without sign. */
  readonly colourMap: ColourMapName;
  readonly smooth: boolean;
  /** 0 to 1 */
  readonly opacity: number;
  /** The picture in grey below the map. */
  readonly grey: boolean;
  /** Lines between the cells. */
  readonly grid: boolean;
  /** Frames around the tiles, where the model cut the picture into some. */
  readonly tiles: boolean;
}

/** How a map lies on the picture until someone chooses otherwise. */
export const DEFAULT_STYLE: MapStyle = {
  colourMap: "viridis",
  smooth: true,
  opacity: 0.75,
  grey: false,
  grid: false,
  tiles: true,
};

/** What part of the picture is seen: `scale` 1 shows all of it; x and y are the middle of the view, as shares of it. */
export interface ZoomView {
  readonly scale: number;
  readonly x: number;
  readonly y: number;
}

/** Which heads make the map: those the filter kept (weighted, Eq. 5), those it dropped, or all (both weighing 1). */
export type ShownHeads = "kept" | "dropped" | "all";

/** Another token in the place of one of the answer's: explained instead of it, or against it (this minus that). */
export interface WhatIf {
  readonly token: number;
  readonly kind: "instead" | "contrast";
  readonly tokenId: number;
  readonly text: string;
  readonly logprob: number;
  /** What replaces the token's row: the other token's gradient, or the difference. */
  readonly row: TokenGradient;
}

/** What the words of prompt and answer are tinted by. */
export type WordTint = "wins" | SourceHeads;

/** The inspector's parts, tabs where there is little room. */
export type InspectorTab = "layers" | "heads" | "filter" | "prompt";

/** Everything a person can change in the view of a run. */
export interface PageState {
  /** The pinned token; null for the whole answer. */
  readonly selected: number | null;
  /** The token under the pointer; undefined when there is none. */
  readonly previewed: number | null | undefined;
  readonly pinnedHead: HeadPlace | null;
  readonly previewedHead: HeadPlace | null;
  readonly measure: HeadMeasure;
  readonly shownHeads: ShownHeads;
  /** A head's own map and a contrast with their negative part, in two-sided colours. */
  readonly signed: boolean;
  readonly style: MapStyle;
  readonly zoom: ZoomView;
  /** The cell of the picture pointed at; -1 for none. */
  readonly cell: number;
  /** A part of the picture, in its pixels, whose tokens are ranked. */
  readonly region: Rectangle | null;
  /** Sub-words joined to words in the token stream. */
  readonly words: boolean;
  /** What the prompt's words are tinted by: heads whose text score they won, or what they contribute to some heads. */
  readonly wordTint: WordTint;
  /** A position of the sequence (prompt or answer) pointed at in a table or list; shown among the prompt's words. */
  readonly position: number | null;
  readonly whatIf: WhatIf | null;
  readonly table: FilterView;
  readonly tab: InspectorTab;
  readonly settings: AttributionSettings;
  /** Follows from data, settings and whatIf; only the store sets it. */
  readonly attribution: ShownAttribution;
}

/** What the parts of the page may set. */
export type PageChange = Partial<Omit<PageState, "attribution">>;

/** A field of the state, or `data`: the run itself grew (a live run) or was completed. */
export type Changed = ReadonlySet<keyof PageState | "data">;

/** Holds the run and the state of its view, and tells the parts of the page what changed. */
export interface Store {
  /** Replaced as a whole by `update`: read it anew at each drawing. */
  readonly data: ReportData;
  readonly state: PageState;
  /** Changes fields; listeners get the names of those that differ from before. Settings that need the gradient are
   * worked out at once; where that fails (`no-reference-gradient`) it throws and nothing has changed. */
  set(change: PageChange): void;
  /** Puts the same run with more tokens, or complete, in place of the present one. */
  update(data: ReportData): void;
  /** Maps of the heads that the filter dropped under the present settings; null when the page has no gradient. */
  droppedMaps(): DroppedMaps | null;
  /** Calls the listener after each change; returns what stops it. */
  listen(listener: (changed: Changed) => void): () => void;
}

/** Makes a store with the run as it was saved; `start` holds what a person had chosen before. */
export function createStore(run: ReportData, start: PageChange = {}): Store {
  const listeners = new Set<(changed: Changed) => void>();
  let data = run;
  let page = new PageAttribution(run);
  let state: PageState = { ...defaults(run), ...start };
  const recompute = (): void => {
    state = { ...state, attribution: page.attribute(state) };
  };
  const tell = (names: readonly (keyof PageState | "data")[]): void => {
    const changed = new Set(names);
    for (const listener of listeners) listener(changed);
  };
  recompute();
  return {
    get data() {
      return data;
    },
    get state() {
      return state;
    },
    set(change) {
      const names = (Object.keys(change) as (keyof PageChange)[]).filter(
        (name) => !Object.is(state[name], change[name]),
      );
      if (names.length === 0) return;
      const attributes = names.includes("settings") || names.includes("whatIf");
      // Worked out first: a change that cannot be explained throws and leaves everything as it was.
      const next = { ...state, ...change };
      state = attributes ? { ...next, attribution: page.attribute(next) } : next;
      tell(attributes ? [...names, "attribution"] : names);
    },
    update(next) {
      // Settings that nobody changed stay the run's own: nothing needs working out again.
      const settings = state.settings === data.info.settings ? next.info.settings : state.settings;
      page = new PageAttribution(next);
      state = { ...state, settings };
      data = next;
      recompute();
      tell(["data", "attribution"]);
    },
    droppedMaps: () => page.droppedMaps(state),
    listen(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

function defaults(data: ReportData): PageState {
  return {
    selected: null,
    previewed: undefined,
    pinnedHead: null,
    previewedHead: null,
    measure: "weight",
    shownHeads: "kept",
    signed: false,
    style: DEFAULT_STYLE,
    zoom: { scale: 1, x: 0.5, y: 0.5 },
    cell: -1,
    region: null,
    words: false,
    wordTint: "wins",
    position: null,
    whatIf: null,
    table: { column: "weight", descending: true, show: "all", search: "", winner: null },
    tab: "layers",
    settings: data.info.settings,
    attribution: data.attribution,
  };
}

/** The token and head to show now: what is previewed, else what is pinned. */
export function presentSubject({ data, state }: Store): { subject: Subject; head: HeadPlace | null } {
  const token = state.previewed === undefined ? state.selected : state.previewed;
  return {
    subject: { ...pinnedSubject({ data, state }), token },
    head: state.previewedHead ?? state.pinnedHead,
  };
}

/** The pinned token alone, for the parts that do not follow the pointer. */
export function pinnedSubject({ data, state }: Pick<Store, "data" | "state">): Subject {
  const { attribution, settings, whatIf, selected } = state;
  return { data, attribution, settings, whatIf, token: selected };
}
