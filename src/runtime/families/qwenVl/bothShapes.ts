import type { ModelConfigs } from "../family.js";

/**
 * config.json with the decoder's settings both at the top and in `text_config`. Published ones have them in either
 * place, by the version of transformers that wrote them; transformers.js looks in one, another for each type.
 */
export function bothShapes({ config }: ModelConfigs): Record<string, unknown> {
  const text = (config["text_config"] ?? config) as Record<string, unknown>;
  return { ...text, ...config, text_config: { ...text, model_type: `${String(config["model_type"])}_text` } };
}
