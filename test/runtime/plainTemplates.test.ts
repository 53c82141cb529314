import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { fillTemplate } from "../../src/runtime/answer/chatTemplate.js";
import { loadModel, type LoadedVlm } from "../../src/runtime/model/loadModel.js";
import { familyFolder } from "../helpers/familyFolder.js";

describe("chat templates that take a message as one text, not as a list of parts", () => {
  let vlm: LoadedVlm | null = null;
  beforeAll(async () => {
    vlm = await loadModel(familyFolder("llavaQwen2"), "fp32");
  });
  afterAll(() => vlm?.dispose());

  test.each([
    ["writes parts out as data", "{% for m in messages %}[{{ m['content'] }}]{% endfor %}"],
    ["refuses parts", "{% for m in messages %}[{{ m['content'] | trim }}]{% endfor %}"],
    [
      "raises on parts",
      "{% for m in messages %}{% if m['content'] is not string %}{{ raise_exception('text only') }}{% endif %}[{{ m['content'] }}]{% endfor %}",
    ],
  ])("one that %s gets the placeholder on a line before the words", (_, template) => {
    if (!vlm?.processor.tokenizer) throw new Error("the model is not loaded");
    vlm.processor.tokenizer.chat_template = template;
    expect(fillTemplate(vlm, "What is it?", { system: "", pictures: 1 })).toMatchObject({
      rendered: "[<image>\nWhat is it?]",
      around: ["[<image>\n", "]"],
    });
  });

  test("what a template says against plain text too is thrown", () => {
    if (!vlm?.processor.tokenizer) throw new Error("the model is not loaded");
    vlm.processor.tokenizer.chat_template = "{{ raise_exception('not today') }}";
    const given = vlm;
    expect(() => fillTemplate(given, "What is it?", { system: "", pictures: 1 })).toThrow("not today");
  });
});
