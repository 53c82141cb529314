import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatProblem } from "../../src/core/prompts/formatProblem.js";
import { parsePromptFile } from "../../src/core/prompts/parsePromptFile.js";
import { describePromptKey, PROMPT_KEYS } from "../../src/core/prompts/promptKeys.js";
import { describeRule, SETTING_RULES } from "../../src/host/settings/settingRules.js";

/** Each problem as `severity code @what it marks`. */
function problemsOf(text: string): string[] {
  return parsePromptFile(text).problems.map(
    ({ severity, code, span }) => `${severity} ${code} @${text.slice(...span)}`,
  );
}

function valuesOf(text: string): Record<string, unknown> {
  const { fields } = parsePromptFile(text);
  return Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, field.value]));
}

const front = (lines: string): string => `---\n${lines}\n---\nWhat is it?\n`;

describe("the words of a prompt file", () => {
  it.each([
    ["no front matter", "What is it?\n", "What is it?"],
    ["blank lines around, spaces within", "\n \n  What\n\nis it? \n\t\n", "  What\n\nis it? "],
    ["Windows line ends", "---\r\nseed: 1\r\n---\r\n\r\nWhat\r\nis it?\r\n", "What\nis it?"],
    ["a byte order mark", "\uFEFF---\nseed: 1\n---\nWhat?", "What?"],
    ["a byte order mark alone", "\uFEFFWhat?", "What?"],
    ["empty front matter", "---\n---\nWhat?", "What?"],
    ["spaces after the hyphens", "---  \n---\t\nWhat?", "What?"],
    ["hyphens further down", "What?\n---\nseed: 1\n---\n", "What?\n---\nseed: 1\n---"],
    ["four hyphens", "----\nseed: 1\n---", "----\nseed: 1\n---"],
    ["emoji, right to left", "---\nseed: 1\n---\n👩‍👩‍👧 שלום", "👩‍👩‍👧 שלום"],
  ])("%s", (_, text, prompt) => {
    const file = parsePromptFile(text);
    expect(file.prompt).toBe(prompt);
    expect(file.problems).toEqual([]);
    expect(text.slice(...file.promptSpan).replaceAll("\r\n", "\n")).toBe(prompt);
  });

  it.each(["", "\n\n", "\uFEFF", "---\nseed: 1\n---\n \n"])("misses them in %j", (text) => {
    const file = parsePromptFile(text);
    expect(file.prompt).toBe("");
    expect(file.problems).toMatchObject([{ severity: "error", code: "empty-prompt" }]);
    expect(file.promptSpan[0]).toBe(file.promptSpan[1]);
  });

  it("misses the end of front matter", () => {
    expect(problemsOf("---\nseed: 1\nWhat?")).toEqual(["error front-matter-not-closed @---"]);
  });
});

describe("front matter", () => {
  it("gives every field and where it stands", () => {
    const text = front(
      [
        "model: emoji-llava # bundled",
        "images: [cat.png, 'a dog.png']",
        'target: "a cat"',
        "max_new_tokens: 20",
        "temperature: 0.5",
        "top_k: 40",
        "top_p: 0.9",
        "min_p: 0.1",
        "repetition_penalty: 1.1",
        'stop: ["\\n", ". "]',
        "system_prompt: be brief",
        "seed: 7",
        "preset: reference",
        "text_set: no-special",
      ].join("\n"),
    );
    expect(valuesOf(text)).toEqual({
      model: "emoji-llava",
      images: ["cat.png", "a dog.png"],
      target: "a cat",
      max_new_tokens: 20,
      temperature: 0.5,
      top_k: 40,
      top_p: 0.9,
      min_p: 0.1,
      repetition_penalty: 1.1,
      stop: ["\n", ". "],
      system_prompt: "be brief",
      seed: 7,
      preset: "reference",
      text_set: "no-special",
    });
    const { fields, frontMatter, problems } = parsePromptFile(text);
    expect(problems).toEqual([]);
    expect(text.slice(...(frontMatter ?? [0, 0]))).toBe(text.slice(4, text.indexOf("\n---\nWhat") + 1));
    expect(text.slice(...(fields.model?.keySpan ?? [0, 0]))).toBe("model");
    expect(text.slice(...(fields.model?.valueSpan ?? [0, 0]))).toBe("emoji-llava");
    expect(fields.images?.itemSpans?.map((span) => text.slice(...span))).toEqual(["cat.png", "'a dog.png'"]);
  });

  it.each([
    ["image: cat.png", { images: ["cat.png"] }],
    ["images: cat.png", { images: ["cat.png"] }],
    ["images:\n  - cat.png\n  - C:\\pictures\\dog.png", { images: ["cat.png", "C:\\pictures\\dog.png"] }],
    ["target: 42", { target: "42" }],
    ["target: yes", { target: "yes" }],
    ["target: |\n  two\n  lines", { target: "two\nlines" }],
    ["target: 猫 👩‍👩‍👧", { target: "猫 👩‍👩‍👧" }],
    ["target: &a cat\nmodel: *a", { target: "cat", model: "cat" }],
    ["image: a.png\nwith_images: [b.png, c.png]", { images: ["a.png"], with_images: ["b.png", "c.png"] }],
    ["stop: end", { stop: ["end"] }],
    ['stop: "\\n"', { stop: ["\n"] }],
    ["stop:\n  - ' '\n  - 3", { stop: [" ", "3"] }],
    ["# nothing but a comment", {}],
  ])("reads %j", (lines, values) => {
    expect(problemsOf(front(lines))).toEqual([]);
    expect(valuesOf(front(lines))).toEqual(values);
  });

  it.each([
    ["modle: x", ["warning unknown-key @modle"]],
    ["seed: 1\nseed: 2", ["error duplicate-key @seed"]],
    ["image: a.png\nimages: [b.png]", ["error image-and-images @images"]],
    ["image: [a.png]", ["error wrong-value @[a.png]"]],
    ["image:", ["error wrong-value @image"]],
    ["images: []", ["error wrong-value @[]"]],
    ["images: [a.png, '', [b.png]]", ["error wrong-value @''", "error wrong-value @[b.png]"]],
    ["target: ' '", ["error wrong-value @' '"]],
    ["target: {a: b}", ["error wrong-value @{a: b}"]],
    ["max_new_tokens: 0", ["error wrong-value @0"]],
    ["max_new_tokens: 4097", ["error wrong-value @4097"]],
    ["max_new_tokens: '5'", ["error wrong-value @'5'"]],
    ["top_p: 1.1", ["error wrong-value @1.1"]],
    ["repetition_penalty: 0", ["error wrong-value @0"]],
    ["stop: ''", ["error wrong-value @''"]],
    ["stop: [a, '', {b: c}]", ["error wrong-value @''", "error wrong-value @{b: c}"]],
    ["top_k: 1.5", ["error wrong-value @1.5"]],
    ["temperature: .inf", ["error wrong-value @.inf"]],
    ["seed: -1", ["error wrong-value @-1"]],
    ["preset: papr", ["error unknown-choice @papr"]],
    ["text_set: [all]", ["error wrong-value @[all]"]],
    ["just words", ["error not-a-mapping @just words"]],
    ["model: *nobody", ["error broken-yaml @*nobody"]],
    ['image: "cat.png', ["error broken-yaml @"]],
    ["target: a: b", ["error broken-yaml @a"]],
    ["seed: 1\n\tmodel: x", ["error broken-yaml @\t"]],
    ["target: !!js/function x", ["warning broken-yaml @!!js/function"]],
    ["<<: {seed: 1}", ["warning unknown-key @<<"]],
    ["__proto__: 1", ["warning unknown-key @__proto__"]],
  ])("says what is wrong with %j", (lines, problems) => {
    expect(problemsOf(front(lines))).toEqual(problems);
  });

  it.each([
    ["modle", "model"],
    ["maxNewTokens", "max_new_tokens"],
    ["top-k", "top_k"],
    ["Image", "image"],
    ["tempreature", "temperature"],
    ["temp", "temperature"],
    ["max_tokens", "max_new_tokens"],
    ["banana", null],
    ["", null],
  ])("for the key %s suggests %s", (key, suggestion) => {
    expect(parsePromptFile(front(`${key}: 1`)).problems).toMatchObject([{ key, suggestion }]);
  });

  it.each([
    ["preset", "papper", "paper"],
    ["text_set", "no_special", "no-special"],
    ["text_set", "everything", null],
  ])("for %s: %s suggests %s", (key, written, suggestion) => {
    expect(parsePromptFile(front(`${key}: ${written}`)).problems).toMatchObject([{ key, suggestion }]);
  });

  it("does not judge what follows a syntax error", () => {
    const text = front("modle: x\nimages: [a.png\nseed: wrong");
    expect(problemsOf(text).at(-1)).toBe("warning unknown-key @modle");
    expect(
      problemsOf(text)
        .slice(0, -1)
        .every((problem) => problem.startsWith("error broken-yaml")),
    ).toBe(true);
    expect(problemsOf(text).length).toBeGreaterThan(1);
  });

  it("expands no alias: a bomb costs nothing", () => {
    const levels = Array.from({ length: 40 }, (_, n) => `a${n}: &a${n} [*a${n - 1}, *a${n - 1}, *a${n - 1}]`);
    const file = parsePromptFile(front(["b: &a-1 x", ...levels, "images: *a39"].join("\n")));
    expect(file.problems.filter(({ severity }) => severity === "error")).toHaveLength(3);
    expect(file.fields).toEqual({});
  });

  it("survives text nested without end", () => {
    expect(parsePromptFile(front("[".repeat(100_000))).problems).toMatchObject([
      { code: "broken-yaml", detail: "it is nested too deeply" },
    ]);
  });
});

it("never throws, marks places within the text, and has words for every problem", () => {
  const line = fc.oneof(
    fc.constantFrom(
      ...PROMPT_KEYS.map(({ name }) => `${name}: `),
      "- ",
      "  ",
      "\t",
      "? ",
      "&a ",
      "*a ",
      "!!x ",
    ),
    fc.string({ maxLength: 8 }),
    fc.string({ unit: "binary", maxLength: 4 }),
    fc.constantFrom(
      "---",
      "...",
      "%YAML 1.1",
      "|",
      ">",
      "{",
      "[",
      "]",
      "}",
      "'",
      '"',
      "#",
      ":",
      "\r",
      "\uFEFF",
    ),
  );
  const lines = fc.array(
    fc.array(line, { maxLength: 4 }).map((parts) => parts.join("")),
    { maxLength: 8 },
  );
  const end = fc.constantFrom("\n", "\r\n", "\r");
  fc.assert(
    fc.property(lines, end, fc.boolean(), (body, eol, fenced) => {
      const text = (fenced ? ["---", ...body, "---", "x"] : body).join(eol);
      const { prompt, promptSpan, frontMatter, problems } = parsePromptFile(text);
      expect(prompt).toBe(text.slice(...promptSpan).replace(/\r\n?/g, "\n"));
      for (const [from, to] of [promptSpan, frontMatter ?? [0, 0], ...problems.map(({ span }) => span)]) {
        expect(from).toBeGreaterThanOrEqual(0);
        expect(to).toBeGreaterThanOrEqual(from);
        expect(to).toBeLessThanOrEqual(text.length);
      }
      for (const problem of problems) {
        const { message, nextStep } = formatProblem(problem);
        expect(message).toMatch(/\S/);
        expect(nextStep).toMatch(/\S/);
      }
    }),
    { numRuns: 2000 },
  );
});

describe("the keys of front matter", () => {
  it.each([
    ["max_new_tokens", "generation.maxNewTokens"],
    ["temperature", "generation.temperature"],
    ["top_k", "generation.topK"],
    ["top_p", "generation.topP"],
    ["min_p", "generation.minP"],
    ["preset", "explain.preset"],
    ["text_set", "explain.textSet"],
  ] as const)("%s takes what the setting %s takes, with its default", (name, setting) => {
    const key = PROMPT_KEYS.find((candidate) => candidate.name === name);
    expect(key && describePromptKey(key)).toBe(describeRule(SETTING_RULES[setting]));
    expect(key?.fallback).toBe(SETTING_RULES[setting].fallback);
  });

  it.each([
    ["seed", "generation.seed"],
    ["repetition_penalty", "generation.repetitionPenalty"],
  ] as const)("%s takes what the setting %s takes, but for null", (name, setting) => {
    const key = PROMPT_KEYS.find((candidate) => candidate.name === name);
    expect(`${key && describePromptKey(key)}, or null`).toBe(describeRule(SETTING_RULES[setting]));
  });
});
