type Json = Readonly<Record<string, unknown>>;

/** The part of config.json about the language model: the whole of it where it is written flat (Qwen2-VL, Phi-3.5). */
export function languageConfig(config: Json): Json {
  const own = config["text_config"] ?? config["language_config"] ?? config["llm_config"];
  return typeof own === "object" && own !== null ? (own as Json) : config;
}
