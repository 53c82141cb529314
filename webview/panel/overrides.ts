import type { AttributionSettings } from "../../src/core/attribution/settings.js";
import type { HeadPlace } from "./selection.js";

/** The same settings with one head kept or dropped by hand; null: the filter decides again. */
export function forceHead(
  settings: AttributionSettings,
  { layer, head }: HeadPlace,
  decision: "keep" | "drop" | null,
): AttributionSettings {
  const others = settings.overrides.filter((each) => each.layer !== layer || each.head !== head);
  return { ...settings, overrides: decision === null ? others : [...others, { layer, head, decision }] };
}

/** The same settings with every head left to the filter. */
export function freeHeads(settings: AttributionSettings): AttributionSettings {
  return { ...settings, overrides: [] };
}
