import { DexarError } from "../../../core/errors.js";
import type { ModelConfigs } from "../family.js";

/** A part of config.json that is an object, `{}` when absent. */
export function subConfig(configs: ModelConfigs, name: string): Readonly<Record<string, unknown>> {
  return (configs.config[name] ?? {}) as Readonly<Record<string, unknown>>;
}

/**
 * The side of a patch in pixels, as processor_config.json or the vision tower's part of config.json says it.
 * @param fallback what holds when neither does; without one that is an error, `model-config-damaged`
 */
export function configuredPatchSize(configs: ModelConfigs, fallback?: number): number {
  const given =
    configs.processor["patch_size"] ?? subConfig(configs, "vision_config")["patch_size"] ?? fallback;
  const size = Number(given);
  if (Number.isInteger(size) && size > 0) return size;
  throw new DexarError(
    "model-config-damaged",
    given === undefined
      ? "Neither processor_config.json nor config.json says how large an image patch is (patch_size)."
      : `The patch_size of the model is ${JSON.stringify(given)}, not a whole number of pixels.`,
    "Take processor_config.json and config.json from the model's page.",
  );
}
