import type { ExplainRequest } from "../../src/protocol/modelProcess.js";

/** A request with the usual values: greedy, twelve tokens, raw prompt, explained every five tokens. */
export function explainRequest(
  request: Partial<ExplainRequest> & Pick<ExplainRequest, "imagePath" | "prompt">,
): ExplainRequest {
  return {
    rawPrompt: true,
    target: null,
    maxNewTokens: 12,
    temperature: 0,
    topK: 0,
    seed: null,
    resize: "pil",
    pixelValuesPath: null,
    captureEvery: 5,
    settings: {},
    ...request,
  };
}

/** A signal that is never aborted. */
export const neverAborted = new AbortController().signal;
