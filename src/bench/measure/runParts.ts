import path from "node:path";
import { attribute } from "../../core/attribution/attribute.js";
import { attributionInput } from "../../core/attribution/attributionInput.js";
import type { ExplainRequest } from "../../protocol/modelProcess.js";
import { explainAlternative } from "../../runtime/answer/explainAlternative.js";
import { saveRun } from "../../runtime/files/saveRun.js";
import type { LoadedVlm } from "../../runtime/model/loadModel.js";
import { timeExplained } from "./timeAnswer.js";

/** What is done with a finished run, in milliseconds by round. */
export interface RunParts {
  /** The arithmetic from gradients to maps, for the whole answer. */
  readonly attribution: readonly number[];
  /** Attribution, packing and writing of the run file. */
  readonly save: readonly number[];
  /** Explaining another token at the last step of the run in the file. */
  readonly anotherToken: readonly number[];
  /** Size of the run file. */
  readonly fileBytes: number;
}

/** Measures what is done with a run that has just been made. */
export async function timeRunParts(
  vlm: LoadedVlm,
  request: ExplainRequest,
  rounds: number,
  scratch: string,
  signal: AbortSignal,
): Promise<RunParts> {
  const { run } = await timeExplained(vlm, request, signal);
  const runPath = path.join(scratch, "bench.dexar");
  const input = attributionInput(run);
  const index = run.info.tokens.length - 1;
  // Any other token will do.
  const tokenId = run.info.tokens[index]?.id === 2 ? 3 : 2;
  const times = { attribution: [] as number[], save: [] as number[], anotherToken: [] as number[] };
  const attribution = attribute(input, run.info.settings);
  let fileBytes = 0;
  for (let round = 0; round < rounds; round++) {
    times.attribution.push(await milliseconds(async () => attribute(input, run.info.settings)));
    times.save.push(
      await milliseconds(async () => ({ bytes: fileBytes } = await saveRun(run, runPath, attribution))),
    );
    await vlm.lastAnswer.savedAs(runPath);
    times.anotherToken.push(
      await milliseconds(() => explainAlternative(vlm, { runPath, index, tokenId }, signal)),
    );
  }
  return { ...times, fileBytes };
}

/** How long some work takes. */
export async function milliseconds(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}
