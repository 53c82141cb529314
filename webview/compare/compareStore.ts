import type { AttributionSettings } from "../../src/core/attribution/settings.js";
import { alignTokens, type TokenPair } from "../../src/core/compare/alignTokens.js";
import { changesOf } from "../../src/core/compare/compareRuns.js";
import type { Change } from "../../src/core/compare/change.js";
import { compareSides, type SideComparison } from "../../src/core/compare/compareSides.js";
import type { ComparedRun, TokenChoice } from "../../src/core/compare/side.js";
import type { ReportData } from "../../src/core/run/reportData.js";
import type { Both } from "../../src/protocol/compare.js";
import { PageAttribution } from "../panel/pageAttribution.js";
import type { MapStyle } from "../panel/store.js";

/** Which picture is seen where there is one at a time. */
export type Front = "a" | "b" | "difference";

/** Everything a person can change in a comparison. */
export interface CompareState {
  readonly choice: Both<TokenChoice>;
  readonly settings: Both<AttributionSettings>;
  /** Three pictures beside each other, or one at a time. */
  readonly view: "beside" | "one";
  readonly front: Front;
  /** A and B in the same colours for the same shares. */
  readonly oneScale: boolean;
  readonly style: Pick<MapStyle, "colourMap" | "smooth" | "opacity">;
  /** The head pointed at, layer by layer; null for none. */
  readonly head: number | null;
  /** The cell of the maps pointed at; null for none. */
  readonly cell: number | null;
}

/** A field of the state, or `comparison`: what follows from tokens and settings. */
export type CompareChanged = ReadonlySet<keyof CompareState | "comparison">;

/** Holds two runs and the state of their view, and tells the parts of the page what changed. */
export interface CompareStore {
  readonly data: Both<ReportData>;
  /** What a reader calls the runs. */
  readonly names: Both<string>;
  readonly state: CompareState;
  readonly pairs: readonly TokenPair[];
  /** Both runs under the settings of their side. */
  readonly runs: Both<ComparedRun>;
  readonly comparison: SideComparison;
  readonly changes: readonly Change[];
  /** Throws and changes nothing when a run cannot be worked out under the settings. */
  set(change: Partial<CompareState>): void;
  listen(listener: (changed: CompareChanged) => void): () => void;
}

/** Makes the store of two runs. */
export function createCompareStore(
  data: Both<ReportData>,
  names: Both<string>,
  start: Partial<CompareState> = {},
): CompareStore {
  const listeners = new Set<(changed: CompareChanged) => void>();
  const pages = [new PageAttribution(data[0]), new PageAttribution(data[1])] as const;
  const pairs = alignTokens(data[0].info.tokens, data[1].info.tokens);
  let state: CompareState = { ...defaults(data), ...start };
  const runOf = (side: 0 | 1, settings: AttributionSettings): ComparedRun => ({
    info: data[side].info,
    settings,
    attribution: pages[side].attribute({ settings, whatIf: null }),
  });
  let runs: Both<ComparedRun> = [runOf(0, state.settings[0]), runOf(1, state.settings[1])];
  let comparison = compareSides(...runs, state.choice);
  return {
    data,
    names,
    pairs,
    get state() {
      return state;
    },
    get runs() {
      return runs;
    },
    get comparison() {
      return comparison;
    },
    get changes() {
      return changesOf(...runs);
    },
    set(change) {
      const fields = (Object.keys(change) as (keyof CompareState)[]).filter(
        (name) => !Object.is(state[name], change[name]),
      );
      if (fields.length === 0) return;
      const next = { ...state, ...change };
      const changed = new Set<keyof CompareState | "comparison">(fields);
      // Worked out first: a change that cannot be explained throws and leaves everything as it was.
      if (changed.has("settings")) {
        const side = (index: 0 | 1): ComparedRun =>
          next.settings[index] === runs[index].settings ? runs[index] : runOf(index, next.settings[index]);
        runs = [side(0), side(1)];
      }
      if (changed.has("settings") || changed.has("choice")) {
        comparison = compareSides(...runs, next.choice);
        changed.add("comparison");
      }
      // The cells may be others now.
      state = changed.has("comparison") ? { ...next, cell: null } : next;
      for (const listener of listeners) listener(changed);
    },
    listen(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

function defaults([a, b]: Both<ReportData>): CompareState {
  return {
    choice: [null, null],
    settings: [a.info.settings, b.info.settings],
    view: "beside",
    front: "a",
    oneScale: false,
    style: { colourMap: "viridis", smooth: true, opacity: 0.75 },
    head: null,
    cell: null,
  };
}
