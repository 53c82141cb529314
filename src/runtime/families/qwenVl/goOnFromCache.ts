import type { PreTrainedModel } from "@huggingface/transformers";

type Inputs = Record<string, unknown>;

/**
 * Lets a model go on from a cache with more than one new token: transformers.js sets the pixel values of such a prompt
 * to null, and its forward pass then gives the vision encoder that null.
 */
export function goOnFromCache(model: PreTrainedModel): void {
  const prepare = model.prepare_inputs_for_generation.bind(model) as (...args: unknown[]) => Inputs;
  model.prepare_inputs_for_generation = (...args: unknown[]) => {
    const { pixel_values, ...inputs } = prepare(...args);
    return pixel_values ? { ...inputs, pixel_values } : inputs;
  };
}
