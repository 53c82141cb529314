import { expect, test } from "vitest";
import { familyOf } from "../../../src/runtime/families/index.js";
import { thrownBy } from "../../helpers/thrownBy.js";

const configsOf = (modelType: string) => ({
  config: { model_type: modelType, vision_config: {} },
  image: {},
  processor: {},
});

test.each([
  ["multi_modality", "Janus", "lm_head.onnx"],
  ["gemma3n", "Gemma 3n", "per_layer_inputs"],
  ["gemma4", "Gemma 4", "per_layer_inputs"],
])("%s is refused, with what stands in the way", (modelType, name, why) => {
  const error = thrownBy(() => familyOf(configsOf(modelType)));
  expect(error.code).toBe("unsupported-family");
  expect(error.message).toContain(name);
  expect(error.message).toContain(why);
});

test("a type nobody knows is not taken for one of these", () => {
  expect(thrownBy(() => familyOf(configsOf("constructor"))).code).toBe("unknown-family");
});
