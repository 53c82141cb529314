import { BaseStreamer, InterruptableStoppingCriteria } from "@huggingface/transformers";
import type { ExplainRequest } from "../../protocol/modelProcess.js";
import { preparePrompt } from "../../runtime/answer/prompt.js";
import type { LoadedVlm } from "../../runtime/model/loadModel.js";
import type { AnswerTime } from "./timeAnswer.js";

/** The same model as transformers.js itself loads and runs it, with its own session settings. */
export interface TransformersPeer {
  /** Generates an answer from the inputs that our own generation gets; it ends early when the signal aborts. */
  time(request: ExplainRequest, signal: AbortSignal): Promise<AnswerTime>;
  dispose(): Promise<void>;
}

/** Loads the files of a model that is open already a second time. */
export async function openTransformersPeer(vlm: LoadedVlm): Promise<TransformersPeer> {
  const model = await vlm.family.modelClass.from_pretrained(vlm.dir, {
    device: "cpu",
    dtype: Object.fromEntries(vlm.parts.all.map(({ file, dtype }) => [file, dtype])) as never,
    local_files_only: true,
  });
  return {
    async time(request, signal) {
      const start = performance.now();
      const { inputs } = await preparePrompt(vlm, request);
      const prepared = performance.now();
      const streamer = new FirstTokenClock();
      const criterion = new InterruptableStoppingCriteria();
      const stop = () => {
        criterion.interrupt();
      };
      signal.addEventListener("abort", stop);
      const options = { max_new_tokens: request.maxNewTokens, do_sample: false };
      const generating = model.generate({
        ...inputs,
        ...options,
        streamer,
        stopping_criteria: criterion,
      } as never);
      await generating.finally(() => {
        signal.removeEventListener("abort", stop);
      });
      return {
        prepare: prepared - start,
        prefill: streamer.firstToken - prepared,
        whole: performance.now() - prepared,
        gradient: 0,
        ids: streamer.ids,
      };
    },
    dispose: async () => {
      await model.dispose();
    },
  };
}

/** Notes the ids and when the first of them came; the first call brings the prompt. */
class FirstTokenClock extends BaseStreamer {
  readonly ids: number[] = [];
  firstToken = NaN;
  private prompt = true;

  override put(value: bigint[][]): void {
    if (!this.prompt) {
      if (this.ids.length === 0) this.firstToken = performance.now();
      this.ids.push(Number(value[0]?.[0]));
    }
    this.prompt = false;
  }

  override end(): void {
    this.prompt = true;
  }
}
