import { Tensor } from "@huggingface/transformers";

/** Ids as a model takes them, none of them masked: input_ids and attention_mask [1, count]. */
export function textInputs(ids: readonly number[]): Record<"input_ids" | "attention_mask", Tensor> {
  const vector = (values: readonly number[]) =>
    new Tensor("int64", BigInt64Array.from(values, BigInt), [1, values.length]);
  return { input_ids: vector(ids), attention_mask: vector(ids.map(() => 1)) };
}
