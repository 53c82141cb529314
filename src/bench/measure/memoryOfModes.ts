import path from "node:path";
import type { ExplainRequest } from "../../protocol/modelProcess.js";
import type { ModelProcessClient } from "../../modelClient/client.js";
import { OWN_MODES, requestOf, type Mode } from "./modes.js";
import { watchMemory, type ProcessMemory } from "./processMemory.js";
import type { Subject } from "./subject.js";

/** The part of a model process that is needed. */
export type BenchClient = Pick<
  ModelProcessClient,
  "pid" | "load" | "generate" | "explainToFile" | "dispose" | "kill"
>;

/** Starts a model process. */
export type StartClient = (signal: AbortSignal) => Promise<BenchClient>;

/** Peak memory of each mode, each in a model process of its own, from loading to the finished answer. */
export async function memoryOfModes(
  subject: Subject,
  request: ExplainRequest,
  ids: readonly number[],
  start: StartClient,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, ProcessMemory>> {
  const memory = new Map<string, ProcessMemory>();
  for (const mode of OWN_MODES) {
    memory.set(mode.id, await memoryOfMode(subject, mode, requestOf(mode, request, ids), start, signal));
  }
  return memory;
}

/** Peak memory of one mode, in a model process of its own. */
export async function memoryOfMode(
  { modelDir, dtype, scratch }: Subject,
  mode: Mode,
  request: ExplainRequest,
  start: StartClient,
  signal: AbortSignal,
): Promise<ProcessMemory> {
  const client = await start(signal);
  try {
    if (client.pid === undefined) throw new Error("the model process has no id");
    const files = {
      runPath: path.join(scratch, `${mode.id}.dexar`),
      picturePath: path.join(scratch, `${mode.id}.png`),
      digestPath: path.join(scratch, `${mode.id}.digest`),
    };
    const work = async () => {
      await client.load({ modelDir, device: "cpu", dtype }, { signal });
      if (mode.captureEvery === null) await client.generate(request, { signal });
      else await client.explainToFile({ ...request, files }, { signal });
    };
    return await watchMemory(client.pid, work());
  } finally {
    await client.dispose();
  }
}
