import { expect, it } from "vitest";
import { modelName } from "../../src/core/modelName.js";

it.each([
  ["/models/my-vlm", "my-vlm"],
  ["/models/my-vlm/", "my-vlm"],
  ["C:\\models\\my-vlm", "my-vlm"],
  ["/c/hub/models--owner--a-model/snapshots/0123abcd", "owner/a-model"],
  ["C:\\c\\hub\\models--owner--a-model\\snapshots\\0123abcd", "owner/a-model"],
  ["/c/models--owner--a-model", "models--owner--a-model"],
])("a model in %s is called %s", (dir, name) => {
  expect(modelName(dir)).toBe(name);
});
