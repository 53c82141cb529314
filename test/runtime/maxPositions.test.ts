import { expect, test } from "vitest";
import { maxPositions } from "../../src/runtime/model/maxPositions.js";

test.each([
  ["the decoder's part says it", { text_config: { max_position_embeddings: 77, model_type: "gemma" } }, 77],
  ["a flat config says it", { max_position_embeddings: 88 }, 88],
  ["PaliGemma's leaves it out: 4096 image tokens must fit", { text_config: { model_type: "gemma2" } }, 8192],
  ["Gemma 3's leaves it out", { text_config: { model_type: "gemma3_text" } }, 131_072],
  ["LLaVA's leaves it out", { text_config: { model_type: "llama" } }, 2048],
  ["a part by another name leaves it out", { llm_config: { model_type: "qwen2" } }, 32_768],
  ["nothing is known", {}, 2048],
])("%s", (_, config, expected) => {
  expect(maxPositions({ config })).toBe(expected);
});
