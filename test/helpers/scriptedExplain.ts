import { writeFile } from "node:fs/promises";
import type { StoredRuns } from "../../src/host/runs/storedRuns.js";
import type { ExplainListener, ExplainService, ExplainTask, RunEntry } from "../../src/host/services.js";
import type { AlternativeGradient, ModelProcessEvent } from "../../src/protocol/modelProcess.js";
import { cancelledError } from "../../src/core/serializedError.js";
import { addSampleRun } from "./hostServices.js";
import { sampleRun } from "./sampleRun.js";

/** One request of a panel, which the test drives. */
export interface ScriptedRequest {
  readonly task: ExplainTask;
  readonly signal: AbortSignal;
  readonly listener: ExplainListener;
  /** Reports picture and prompt. */
  prepare(): Promise<void>;
  token(index: number): void;
  /** Ends it with a run of this id in the store. */
  finish(id: string): Promise<void>;
  fail(error: unknown): void;
}

/** An ExplainService whose requests the test answers; a cancelled one rejects, unless the test was quicker. */
export class ScriptedExplain implements ExplainService {
  readonly requests: ScriptedRequest[] = [];
  alternativeAnswer: () => Promise<AlternativeGradient> = () => Promise.reject(new Error("no answer is set"));

  constructor(
    private readonly runs: StoredRuns,
    private readonly folder: string,
  ) {}

  get last(): ScriptedRequest {
    const request = this.requests.at(-1);
    if (!request) throw new Error("nothing was asked");
    return request;
  }

  explain(task: ExplainTask, listener: ExplainListener, signal: AbortSignal): Promise<RunEntry> {
    return new Promise((resolve, reject) => {
      const prepare = async (): Promise<void> => {
        const run = await sampleRun({ columns: 4, rows: 4, answer: [] });
        const picturePath = `${this.folder}/live.png`;
        await writeFile(picturePath, run.image);
        const { imagePositions } = run.arrays;
        listener.onEvent({ kind: "prepared", info: run.info, imagePositions, picturePath });
      };
      this.requests.push({
        task,
        signal,
        listener,
        prepare,
        token: (index) => listener.onEvent(tokenEvent(index)),
        finish: async (id) =>
          resolve(
            await addSampleRun(this.runs, id, {
              image: task.image.path,
              ...(task.source && { source: task.source }),
            }),
          ),
        fail: reject,
      });
      signal.addEventListener("abort", () => setImmediate(() => reject(cancelledError())));
    });
  }

  alternative(): Promise<AlternativeGradient> {
    return this.alternativeAnswer();
  }
}

/** A token as the model process reports it. */
export function tokenEvent(index: number): ModelProcessEvent {
  return { kind: "token", index, id: 100 + index, text: ` w${index}`, logprob: -0.1, alternatives: [] };
}
