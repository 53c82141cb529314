import { describe, expect, test } from "vitest";
import { fillTemplate } from "../../src/runtime/answer/chatTemplate.js";
import { moondream } from "../../src/runtime/families/moondream/family.js";
import type { LoadedVlm } from "../../src/runtime/model/loadModel.js";
import { familyFolder } from "../helpers/familyFolder.js";
import { loadedModel } from "../helpers/loadedModel.js";
import { thrownBy } from "../helpers/thrownBy.js";

const loaded = loadedModel(familyFolder("llavaQwen2"));

/** The model with another chat template. */
function withTemplate(template: string): LoadedVlm {
  const vlm = loaded();
  if (!vlm.processor.tokenizer) throw new Error("no tokenizer");
  vlm.processor.tokenizer.chat_template = template;
  return vlm;
}

const EACH = "{% for m in messages %}";
const REFUSES_PARTS = "{% if m['content'] is not string %}{{ raise_exception('text only') }}{% endif %}";

describe("chat templates that take a message as one text, not as a list of parts", () => {
  test.each([
    ["writes parts out as data", `${EACH}[{{ m['content'] }}]{% endfor %}`],
    ["refuses parts", `${EACH}[{{ m['content'] | trim }}]{% endfor %}`],
    ["raises on parts", `${EACH}${REFUSES_PARTS}[{{ m['content'] }}]{% endfor %}`],
  ])("one that %s gets the placeholder on a line before the words", (_, template) => {
    expect(fillTemplate(withTemplate(template), "What is it?", { system: "", pictures: 1 })).toMatchObject({
      rendered: "[<image>\nWhat is it?]",
      around: ["[<image>\n", "]"],
    });
  });

  test("what a template says against plain text too is thrown", () => {
    const vlm = withTemplate("{{ raise_exception('not today') }}");
    expect(() => fillTemplate(vlm, "What is it?", { system: "", pictures: 1 })).toThrow("not today");
  });
});

describe("a system prompt", () => {
  const fill = (vlm: LoadedVlm) => fillTemplate(vlm, "What is it?", { system: "Be brief.", pictures: 1 });

  test.each([
    ["text", `${EACH}${REFUSES_PARTS}[{{ m['role'] }}: {{ m['content'] }}]{% endfor %}`],
    [
      "parts",
      `${EACH}[{{ m['role'] }}: {% for p in m['content'] %}{{ '<image>\n' if p['type'] == 'image' else p['text'] }}{% endfor %}]{% endfor %}`,
    ],
  ])("is given as %s to a template that takes it so", (_, template) => {
    expect(fill(withTemplate(template))).toMatchObject({
      rendered: "[system: Be brief.][user: <image>\nWhat is it?]",
      around: ["[system: Be brief.][user: <image>\n", "]"],
      system: { text: "Be brief.", around: ["[system: ", "][user: <image>\nWhat is it?]"] },
    });
  });

  test("is refused by a template without a place for it, and by a prompt that is none of a template", () => {
    const silent = withTemplate(
      `${EACH}{% if m['role'] == 'user' %}[{{ m['content'] }}]{% endif %}{% endfor %}`,
    );
    for (const vlm of [silent, { ...silent, family: moondream }])
      expect(thrownBy(() => fill(vlm)).code).toBe("no-system-prompt");
  });
});
