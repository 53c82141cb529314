import type { LoadedModel, LoadRequest } from "../protocol/modelProcess.js";
import type { CliContext } from "./context.js";
import { withInterrupts } from "./interrupts.js";
import { Progress } from "./progress.js";
import type { ModelClient } from "./services.js";

/** A loaded model to work with until the command ends. */
export interface ModelSession {
  readonly client: ModelClient;
  readonly model: LoadedModel;
  readonly progress: Progress;
  /** Aborts at the first Ctrl-C. */
  readonly signal: AbortSignal;
}

/**
 * Starts a model process, loads a model, does the work and ends the process, whatever happens.
 * @throws DexarError of the process or the model; `cancelled` on Ctrl-C before the model is loaded
 */
export function withModel<T>(
  { io, services }: CliContext,
  request: LoadRequest,
  work: (session: ModelSession) => Promise<T>,
): Promise<T> {
  const rewrites = io.stderr.isTTY && io.env["TERM"] !== "dumb";
  const progress = new Progress(io.stderr, rewrites);
  return withInterrupts(io, async ({ signal, beforeForcedExit }) => {
    progress.begin("model", null);
    const client = await services.createClient(signal).finally(() => progress.clear());
    beforeForcedExit(() => client.kill());
    try {
      const model = await client.load(request, { signal, onEvent: (event) => progress.event(event) });
      if (model.deviceNotice !== undefined) {
        progress.clear();
        io.stderr.write(`${model.deviceNotice}\n`);
      }
      return await work({ client, model, progress, signal });
    } finally {
      progress.clear();
      await client.dispose();
    }
  });
}
