import { attribute } from "../attribution/attribute.js";
import { attributionInput } from "../attribution/attributionInput.js";
import type { Attribution, StoredAttribution } from "../attribution/types.js";
import type { Run } from "./types.js";

/** What can be shown of a run: the stored arrays, and who won and layer shares when the gradient is there. */
export type ShownAttribution = StoredAttribution & Partial<Attribution>;

/** Completes a stored attribution from the run's gradient under the run's own settings; without one returns it as it is. */
export function shownAttribution(run: Run, stored: ShownAttribution): ShownAttribution {
  if (stored.reasons || run.arrays.gradient === null) return stored;
  return { ...attribute(attributionInput(run), run.info.settings), ...stored };
}
