import { join } from "node:path";
import { expect } from "vitest";
import type { ExplainRequest } from "../../src/protocol/modelProcess.js";
import { explainAlternative } from "../../src/runtime/answer/explainAlternative.js";
import { explainToFile } from "../../src/runtime/answer/explainToFile.js";
import type { LoadedVlm } from "../../src/runtime/model/loadModel.js";
import { neverAborted } from "./explainRequest.js";
import { gradientDifference } from "./runGradient.js";

/** A question, and which other token to ask for. */
export interface AskedAgain {
  readonly request: ExplainRequest;
  /** Where the run is written. */
  readonly folder: string;
  readonly index: number;
  readonly tokenId: number;
}

/**
 * Expects that another token of an answer has the same gradient from what is kept of the answer and from its run file
 * alone; gives that file.
 */
export async function expectSameFromFile(
  vlm: LoadedVlm,
  { request, folder, index, tokenId }: AskedAgain,
): Promise<string> {
  const runPath = join(folder, "run.dexar");
  const files = { runPath, picturePath: join(folder, "run.png"), digestPath: join(folder, "run.digest") };
  await explainToFile(vlm, { ...request, files }, () => undefined, neverAborted);
  const ask = () => explainAlternative(vlm, { runPath, index, tokenId }, neverAborted);
  const kept = await ask();
  vlm.lastAnswer.clear();
  expect(gradientDifference((await ask()).gradient, kept.gradient)).toBeLessThan(1e-4);
  return runPath;
}
