import { join } from "node:path";
import type { ExplainRequest } from "../../src/protocol/modelProcess.js";
import { explainRequest } from "./explainRequest.js";

const ROOT = join(import.meta.dirname, "../..");

/** Folder of the bundled model. */
export const BUNDLED_MODEL = join(ROOT, "models/emoji-llava");
/** A picture that it answers well. */
export const EXAMPLE_PICTURE = join(ROOT, "examples/dog-and-frog.png");

/** Asks the bundled model about the example picture, through its chat template. */
export function bundledRequest(change: Partial<ExplainRequest> = {}): ExplainRequest {
  return explainRequest({
    imagePath: EXAMPLE_PICTURE,
    prompt: "what do you see?",
    rawPrompt: false,
    maxNewTokens: 40,
    captureEvery: 16,
    ...change,
  });
}
