import { afterAll, beforeAll } from "vitest";
import { loadModel, type LoadedVlm } from "../../src/runtime/model/loadModel.js";

/** A model that is there for the tests of the surrounding `describe`, and given back after them. */
export function loadedModel(folder: string, dtype = "fp32"): () => LoadedVlm {
  let vlm: LoadedVlm | null = null;
  beforeAll(async () => {
    vlm = await loadModel(folder, dtype);
  });
  afterAll(() => vlm?.dispose());
  return () => {
    if (vlm !== null) return vlm;
    throw new Error("the model is not loaded");
  };
}
