import { DexarError } from "../../core/errors.js";

/** Families that transformers.js runs and the explanation cannot read yet: model type, name, and what stands in the way. */
const REFUSED: ReadonlyMap<string, { readonly name: string; readonly why: string }> = new Map([
  [
    "multi_modality",
    {
      name: "Janus",
      why: "its language-model head is in a file of its own (lm_head.onnx), and the gradients are taken through head and decoder in one graph",
    },
  ],
  [
    "gemma3n",
    {
      name: "Gemma 3n",
      why: "its decoder takes an embedding for each layer (input per_layer_inputs) and layers share one another's cache",
    },
  ],
  [
    "gemma4",
    {
      name: "Gemma 4",
      why: "its decoder takes an embedding for each layer (input per_layer_inputs) and layers share one another's cache",
    },
  ],
]);

/** Throws DexarError `unsupported-family` for a model that is known, and known not to work. */
export function refuseFamily(modelType: unknown): void {
  const found = REFUSED.get(String(modelType));
  if (!found) return;
  throw new DexarError(
    "unsupported-family",
    `${found.name} models (model_type "${String(modelType)}") cannot be explained yet: ${found.why}.`,
    "Choose a model of another family: `dexar models list` names some that are known to work.",
  );
}
