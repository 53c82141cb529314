import type { ExplainRequest } from "../../src/protocol/modelProcess.js";

/** A greedy request to the bundled model, explained every 32 tokens. */
export function bundledRequest(imagePath: string, prompt: string, maxNewTokens: number): ExplainRequest {
  return {
    imagePath,
    prompt,
    rawPrompt: false,
    target: null,
    maxNewTokens,
    temperature: 0,
    topK: 0,
    seed: null,
    resize: "pil",
    pixelValuesPath: null,
    captureEvery: 32,
    settings: {},
  };
}
