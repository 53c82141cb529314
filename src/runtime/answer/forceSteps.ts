import { LogitsProcessor, type PreTrainedModel, type Tensor } from "@huggingface/transformers";
import type { ModelInputs } from "./prompt.js";

/**
 * Runs the prompt and then `ids` through the decoder one after another, as if the model had chosen them. For models
 * whose prompt attends to all of itself: there a token of the answer must not be in one forward pass with the prompt.
 */
export async function forceSteps(
  model: PreTrainedModel,
  prompt: ModelInputs,
  ids: readonly number[],
): Promise<void> {
  await model.generate({
    ...prompt.inputs,
    max_new_tokens: ids.length,
    do_sample: false,
    // A stop token among `ids` is one like any other.
    eos_token_id: null,
    logits_processor: [new ForcedTokens(ids)],
    // Otherwise the cache is freed before the last tokens are explained.
    return_dict_in_generate: true,
  } as never);
}

/** Leaves one token to choose from at each step, until `ids` are done. */
export class ForcedTokens extends LogitsProcessor {
  /** How many ids there are before the first that is forced: the prompt's, or those an encoder's decoder begins with. */
  private before: number | null = null;

  constructor(private readonly ids: readonly number[]) {
    super();
  }

  override _call(inputIds: bigint[][], logits: Tensor): Tensor {
    const length = inputIds[0]?.length ?? 0;
    this.before ??= length;
    const id = this.ids[length - this.before];
    if (id === undefined) return logits;
    const scores = logits.data as Float32Array;
    scores.fill(-Infinity);
    scores[id] = 0;
    return logits;
  }
}
