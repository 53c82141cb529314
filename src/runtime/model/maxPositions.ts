import type { ModelConfigs } from "../families/family.js";
import { languageConfig } from "./languageConfig.js";

/** What Python's configurations take where a file leaves max_position_embeddings out, by the decoder's model_type. */
const DEFAULTS: ReadonlyMap<unknown, number> = new Map([
  ["gemma", 8192],
  ["gemma2", 8192],
  ["gemma3_text", 131_072],
  ["llama", 2048],
  ["mistral", 131_072],
  ["phi", 2048],
  ["phi3", 4096],
  ["qwen2", 32_768],
  ["qwen3", 32_768],
]);
const LEAST_DEFAULT = 2048;

/** Longest prompt and answer together, in tokens; older configs are flat (Qwen2-VL). */
export function maxPositions({ config }: Pick<ModelConfigs, "config">): number {
  const text = languageConfig(config);
  const given = text["max_position_embeddings"] ?? config["max_position_embeddings"];
  return Number(given ?? DEFAULTS.get(text["model_type"]) ?? LEAST_DEFAULT);
}
