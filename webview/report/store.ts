import type { AttributionSettings } from "../../src/core/attribution/settings.js";
import type { ReportData } from "../../src/core/run/reportData.js";
import type { ShownAttribution } from "../../src/core/run/shownAttribution.js";
import type { FilterView } from "../charts/filterTable.js";
import type { MapStyle } from "./imageView.js";
import type { HeadMeasure, HeadPlace, Subject } from "./selection.js";

/** Everything a person can change on the page. */
export interface PageState {
  /** The pinned token; null for the whole answer. */
  readonly selected: number | null;
  /** The token under the pointer; undefined when there is none. */
  readonly previewed: number | null | undefined;
  readonly pinnedHead: HeadPlace | null;
  readonly previewedHead: HeadPlace | null;
  readonly measure: HeadMeasure;
  readonly filtered: boolean;
  readonly style: MapStyle;
  readonly table: FilterView;
  readonly settings: AttributionSettings;
  readonly attribution: ShownAttribution;
}

/** Holds the state and tells the parts of the page what changed. */
export interface Store {
  readonly data: ReportData;
  readonly state: PageState;
  /** Changes fields; listeners get the names of those that differ from before. */
  set(change: Partial<PageState>): void;
  listen(listener: (changed: ReadonlySet<keyof PageState>) => void): void;
}

/** Makes a store with the run as it was saved. */
export function createStore(data: ReportData): Store {
  const listeners: ((changed: ReadonlySet<keyof PageState>) => void)[] = [];
  let state: PageState = {
    selected: null,
    previewed: undefined,
    pinnedHead: null,
    previewedHead: null,
    measure: "weight",
    filtered: true,
    style: { colourMap: "viridis", smooth: true, opacity: 0.75, grey: false },
    table: { column: "weight", descending: true, show: "all", limit: 100 },
    settings: data.info.settings,
    attribution: data.attribution,
  };
  return {
    data,
    get state() {
      return state;
    },
    set(change) {
      const names = Object.keys(change) as (keyof PageState)[];
      const changed = new Set(names.filter((name) => !Object.is(state[name], change[name])));
      if (changed.size === 0) return;
      state = { ...state, ...change };
      for (const listener of listeners) listener(changed);
    },
    listen(listener) {
      listeners.push(listener);
    },
  };
}

/** The token and head to show now: what is previewed, else what is pinned. */
export function presentSubject({ data, state }: Store): { subject: Subject; head: HeadPlace | null } {
  const token = state.previewed === undefined ? state.selected : state.previewed;
  return {
    subject: { data, attribution: state.attribution, layers: state.settings.layers, token },
    head: state.previewedHead ?? state.pinnedHead,
  };
}

/** The pinned token alone, for the parts that do not follow the pointer. */
export function pinnedSubject({ data, state }: Store): Subject {
  return { data, attribution: state.attribution, layers: state.settings.layers, token: state.selected };
}
