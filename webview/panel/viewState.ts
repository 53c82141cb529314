import { resolveSettings } from "../../src/core/attribution/resolveSettings.js";
import type { AttributionSettings } from "../../src/core/attribution/settings.js";
import { SOURCE_HEADS } from "../../src/core/attribution/sources.js";
import { COLOUR_MAP_NAMES } from "../../src/core/heatmap/colourMap.js";
import type { ReportData } from "../../src/core/run/reportData.js";
import type { PanelPreferences } from "../../src/protocol/panel.js";
import {
  DEFAULT_STYLE,
  type MapStyle,
  type PageChange,
  type PageState,
  type Store,
  type ZoomView,
} from "./store.js";

/** What is kept of a page's state: what is looked at, never data. */
export type KeptPage = Pick<PageState, (typeof VIEW_OPTIONS)[number] | (typeof LOOKED_AT)[number]> & {
  /** Only when they were changed in the page. */
  readonly settings?: AttributionSettings;
};

const VIEW_OPTIONS = [
  "measure",
  "shownHeads",
  "signed",
  "style",
  "words",
  "wordTint",
  "table",
  "tab",
] as const;
const LOOKED_AT = ["selected", "pinnedHead", "region", "zoom"] as const;

/** The part of a page's state to keep. */
export function keepPage(state: PageState, data: ReportData): KeptPage {
  const { measure, shownHeads, signed, style, words, wordTint, table, tab } = state;
  const { selected, pinnedHead, region, zoom } = state;
  const options = { measure, shownHeads, signed, style, words, wordTint, table, tab };
  const kept = { ...options, selected, pinnedHead, region, zoom };
  return state.settings === data.info.settings ? kept : { ...kept, settings: state.settings };
}

/** The kept view options that are still right, for a page about any run. */
export function keptOptions(kept: unknown): PageChange {
  return pick(kept, VIEW_OPTIONS, {
    measure: oneOf(["weight", "image", "text"]),
    shownHeads: oneOf(["kept", "dropped", "all"]),
    signed: isBoolean,
    style: isStyle,
    words: isBoolean,
    wordTint: oneOf(["wins", ...SOURCE_HEADS]),
    table: isTable,
    tab: oneOf(["layers", "heads", "filter", "prompt"]),
  });
}

/** What was looked at in this very run, as far as it is still right. */
export function keptSelection(kept: unknown, { info, arrays }: ReportData): PageChange {
  const { layers, heads } = info.model;
  const change = pick(kept, LOOKED_AT, {
    selected: (value) => value === null || isIndex(value, info.tokens.length),
    pinnedHead: (value) =>
      value === null || (isRecord(value) && isIndex(value["layer"], layers) && isIndex(value["head"], heads)),
    region: (value) => value === null || (isNumbers(value) && value.length === 4),
    zoom: isZoom,
  });
  const settings = isRecord(kept) ? kept["settings"] : undefined;
  if (arrays.gradient === null || !isRecord(settings)) return change;
  try {
    return { ...change, settings: resolveSettings(settings, layers, heads) };
  } catch {
    return change; // of another version: the run's own settings are shown
  }
}

/** The user's settings of how a map is drawn. */
export type DrawingPreferences = Pick<PanelPreferences, "colourMap" | "opacity" | "smooth">;

/** The user's settings as the start of a page that keeps nothing. */
export function preferredOptions({ colourMap, opacity, smooth }: DrawingPreferences): PageChange {
  const style = { ...DEFAULT_STYLE, colourMap, opacity, smooth };
  return isStyle(style) ? { style } : {};
}

/** The settings of the page as a request takes them: only when a person changed the run's own. */
export function changedSettings({ data, state }: Store): Partial<AttributionSettings> {
  if (state.settings === data.info.settings) return {};
  const { layers, ...rest } = state.settings;
  // Another model may have another number of layers: all of them stay all of them.
  const all = layers[0] === 0 && layers[1] === data.info.model.layers;
  return all ? rest : { ...rest, layers };
}

type Check = (value: unknown) => boolean;

/** The named fields of `kept` that pass their check. */
function pick<K extends keyof PageChange>(
  kept: unknown,
  names: readonly K[],
  checks: Readonly<Record<K, Check>>,
): PageChange {
  if (!isRecord(kept)) return {};
  return Object.fromEntries(
    names.filter((name) => checks[name](kept[name])).map((name) => [name, kept[name]]),
  );
}

const oneOf =
  (names: readonly string[]): Check =>
  (value) =>
    names.some((name) => name === value);

const isBoolean: Check = (value) => typeof value === "boolean";

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}

function isNumbers(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.every((entry) => Number.isFinite(entry));
}

function isIndex(value: unknown, count: number): boolean {
  return typeof value === "number" && Number.isInteger(value) && value >= 0 && value < count;
}

function isStyle(value: unknown): value is MapStyle {
  if (!isRecord(value)) return false;
  const { colourMap, opacity } = value;
  const flags = ["smooth", "grey", "grid", "tiles"].every((name) => typeof value[name] === "boolean");
  return (
    flags && oneOf(COLOUR_MAP_NAMES)(colourMap) && typeof opacity === "number" && opacity >= 0 && opacity <= 1
  );
}

function isTable(value: unknown): boolean {
  if (!isRecord(value)) return false;
  const { column, show, descending, search, winner } = value;
  return (
    oneOf(["head", "image", "text", "winner", "weight", "kept"])(column) &&
    oneOf(["all", "kept", "dropped"])(show) &&
    typeof descending === "boolean" &&
    typeof search === "string" &&
    (winner === null || typeof winner === "number")
  );
}

function isZoom(value: unknown): value is ZoomView {
  if (!isRecord(value)) return false;
  const { scale, x, y } = value;
  return isNumbers([scale, x, y]) && typeof scale === "number" && scale >= 1;
}
