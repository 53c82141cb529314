import { randomUUID } from "node:crypto";
import type { RunModel } from "../../core/run/types.js";
import type {
  AlternativeGradient,
  ExplainToFileRequest,
  ModelProcessEvent,
  SavedRun,
} from "../../protocol/modelProcess.js";
import type { ModelProcessHost } from "../modelHost/modelProcessHost.js";
import type { RunModels } from "../models/runModels.js";
import { runMissing } from "../runs/runMissing.js";
import type { StoredRuns } from "../runs/storedRuns.js";
import type { ExplainListener, ExplainService, ExplainTask, ModelChoice, RunEntry } from "../services.js";
import { localImages } from "./localImage.js";
import { phaseOf } from "./phaseOf.js";

/** Explains with the window's model process and keeps what comes out in the window's runs. */
export class Explainer implements ExplainService {
  constructor(
    private readonly model: Pick<ModelProcessHost, "use">,
    private readonly runs: StoredRuns,
    private readonly runModels: Pick<RunModels, "get">,
  ) {}

  async explain(task: ExplainTask, listener: ExplainListener, signal: AbortSignal): Promise<RunEntry> {
    const [image, ...others] = await localImages([task.image, ...(task.withImages ?? [])]);
    const id = randomUUID();
    try {
      const { runPath, picturePath, digestPath } = await this.runs.filesFor(id);
      const files = { runPath, picturePath, digestPath, withFigure: task.withFigure ?? false };
      const paths = [image, ...others].map(({ file }) => file);
      const several = others.length > 0 ? { imagePaths: paths } : {};
      const request = { ...task.request, imagePath: image.file, ...several, files };
      const saved = await this.ask(request, task.model, listener, signal);
      return await this.runs.add(id, saved, task);
    } catch (error) {
      await this.runs.discard(id);
      throw error;
    } finally {
      // A copy that cannot be deleted lies in the system's temporary folder: no failure of the run.
      for (const each of [image, ...others]) await each.dispose().catch(() => null);
    }
  }

  async alternative(
    runId: string,
    index: number,
    tokenId: number,
    signal: AbortSignal,
  ): Promise<AlternativeGradient> {
    await this.runs.ready;
    const entry = this.runs.get(runId);
    if (!entry) throw runMissing();
    const { runPath, info } = entry.saved;
    return this.alternativeIn({ runPath, model: info.model }, index, tokenId, signal);
  }

  /**
   * The same for a run file that is not kept here; loads the model that the run was made with.
   * @throws DexarError `model-not-installed` before a process is started
   */
  async alternativeIn(
    { runPath, model }: { readonly runPath: string; readonly model: RunModel },
    index: number,
    tokenId: number,
    signal: AbortSignal,
  ): Promise<AlternativeGradient> {
    const choice = await this.runModels.get(model);
    return this.model.use(
      (client, either) => client.explainAlternative({ runPath, index, tokenId }, { signal: either }),
      { signal, onPhase: () => {}, model: choice },
    );
  }

  private ask(
    request: ExplainToFileRequest,
    model: ModelChoice | undefined,
    listener: ExplainListener,
    signal: AbortSignal,
  ): Promise<SavedRun> {
    const onEvent = (event: ModelProcessEvent): void => {
      const phase = phaseOf(event);
      if (phase !== null) listener.onPhase(phase);
      listener.onEvent(event);
    };
    return this.model.use((client, either) => client.explainToFile(request, { signal: either, onEvent }), {
      signal,
      onPhase: (phase) => listener.onPhase(phase),
      ...(model && { model }),
    });
  }
}
