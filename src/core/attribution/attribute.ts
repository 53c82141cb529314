import { Attributor } from "./attributor.js";
import type { AttributionSettings } from "./settings.js";
import type { Attribution, AttributionInput } from "./types.js";

/**
 * Explains once what will not be explained again under other settings (then `Attributor` is quicker).
 * @param settings checked ones (`resolveSettings`)
 * @throws DexarError `bad-attribution-input`, `bad-setting`, `no-reference-gradient`, `gradient-not-finite`
 */
export function attribute(input: AttributionInput, settings: AttributionSettings): Attribution {
  return new Attributor(input, 0).attribute(settings);
}
