import { DexarError } from "../../core/errors.js";
import { saysOutOfMemory } from "../../core/outOfMemory.js";
import type { LoadRequest } from "../../protocol/modelProcess.js";
import type { EmitEvent } from "../engineTypes.js";
import { DEVICE_TITLES } from "../session/device.js";
import { movedToCpu, placeSessions, type Placement } from "../session/placement.js";
import { loadModel, type LoadedVlm, type LoadOptions } from "./loadModel.js";

/** The one model of an engine. */
export class ModelHolder {
  private request: LoadRequest | null = null;
  private vlm: LoadedVlm | null = null;

  constructor(private readonly options: LoadOptions) {}

  /** Loads a model in place of the one before; its devices are checked first. */
  async load(request: LoadRequest, emit: EmitEvent): Promise<LoadedVlm> {
    const placement = this.options.placement ?? (await placeSessions(request));
    emit({ kind: "stage", stage: "loading", detail: request.modelDir });
    await this.dispose();
    this.request = request;
    return this.open(request, placement);
  }

  /**
   * Works with the model. A decoder that turns out not to fit on the device that `auto` chose is loaded again on the
   * CPU, unless some of the answer has been told already.
   */
  async use<T>(emit: EmitEvent, work: (vlm: LoadedVlm, emit: EmitEvent) => Promise<T>): Promise<T> {
    const { vlm, request } = this;
    if (vlm === null || request === null) {
      throw new DexarError("no-model", "No model is loaded.", "Load a model first.");
    }
    const answer = { told: false };
    const watched: EmitEvent = (event) => {
      answer.told ||= event.kind === "token";
      emit(event);
    };
    try {
      return await work(vlm, watched);
    } catch (error) {
      if (answer.told || !vlm.placement.movable.includes("decoder") || !doesNotFit(error)) throw error;
      const why = error instanceof Error ? error.message : String(error);
      const notice = `The decoder runs on the CPU: it did not fit with ${DEVICE_TITLES[vlm.device.name]} (${why})`;
      await this.dispose();
      this.request = request;
      return work(await this.open(request, movedToCpu(vlm.placement, ["decoder"], notice)), emit);
    }
  }

  async dispose(): Promise<void> {
    const { vlm } = this;
    this.vlm = null;
    this.request = null;
    await vlm?.dispose();
  }

  private async open({ modelDir, dtype }: LoadRequest, placement: Placement): Promise<LoadedVlm> {
    this.vlm = await loadModel(modelDir, dtype, { ...this.options, placement });
    return this.vlm;
  }
}

function doesNotFit(error: unknown): boolean {
  const known = error instanceof DexarError && ["session-failed", "out-of-memory"].includes(error.code);
  return known || saysOutOfMemory(String(error));
}
