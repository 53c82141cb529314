import { resolveSettings } from "../../src/core/attribution/resolveSettings.js";
import type { AttributionSettings } from "../../src/core/attribution/settings.js";
import type { TokenChoice } from "../../src/core/compare/side.js";
import type { ReportData } from "../../src/core/run/reportData.js";
import type { Both } from "../../src/protocol/compare.js";
import type { CompareState, CompareStore } from "./compareStore.js";

/** What is kept of a comparison's state; settings only where a person changed them. */
export interface KeptView extends Pick<CompareState, "choice" | "view" | "front" | "oneScale"> {
  readonly settings: Both<AttributionSettings | null>;
}

/** The part of the state to keep. */
export function keepView({ state, data }: CompareStore): KeptView {
  const { choice, view, front, oneScale, settings } = state;
  const changed = (side: 0 | 1): AttributionSettings | null =>
    settings[side] === data[side].info.settings ? null : settings[side];
  return { choice, view, front, oneScale, settings: [changed(0), changed(1)] };
}

/** What was kept, as far as it is right for these runs. */
export function readKeptView(kept: unknown, data: Both<ReportData>): Partial<CompareState> {
  if (!isRecord(kept)) return {};
  const { choice, view, front, oneScale, settings } = kept;
  return {
    ...(isChoices(choice, data) ? { choice } : {}),
    ...(view === "beside" || view === "one" ? { view } : {}),
    ...(front === "a" || front === "b" || front === "difference" ? { front } : {}),
    ...(typeof oneScale === "boolean" ? { oneScale } : {}),
    ...(Array.isArray(settings)
      ? { settings: [settingsOf(settings[0], data[0]), settingsOf(settings[1], data[1])] as const }
      : {}),
  };
}

function settingsOf(kept: unknown, { info, arrays }: ReportData): AttributionSettings {
  if (arrays.gradient === null || !isRecord(kept)) return info.settings;
  try {
    return resolveSettings(kept, info.model.layers, info.model.heads);
  } catch {
    return info.settings; // of another version: the run's own settings are shown
  }
}

function isChoices(value: unknown, [a, b]: Both<ReportData>): value is Both<TokenChoice> {
  if (!Array.isArray(value) || value.length !== 2) return false;
  return isChoice(value[0], a.info.tokens.length) && isChoice(value[1], b.info.tokens.length);
}

function isChoice(value: unknown, count: number): boolean {
  const isToken = (token: unknown): boolean =>
    Number.isInteger(token) && Number(token) >= 0 && Number(token) < count;
  return value === null || (Array.isArray(value) && value.every(isToken));
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}
