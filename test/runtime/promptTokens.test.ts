import type { PreTrainedTokenizer } from "@huggingface/transformers";
import fc from "fast-check";
import { readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import {
  byteLevelTokenizer,
  readTokenizer,
  tokenised,
  tokenizerFolders,
} from "../helpers/promptTokenizers.js";

const EACH_PART =
  "{% for m in messages %}BEFORE{% for c in m['content'] %}{% if c['type'] == 'image' %}<image>\n{% else %}TEXT{% endif %}{% endfor %}AFTER{% endfor %}";

/** A chat template of one kind of model. */
function template(before: string, text: string, after: string): string {
  return EACH_PART.replace("BEFORE", before).replace("TEXT", text).replace("AFTER", after);
}

const WORDS = "{{ c['text'] }}";
const TEMPLATES: Record<string, { text: string; trims: boolean; times: number }> = {
  "LLaVA 1.5": { text: template("USER: ", WORDS, " ASSISTANT:"), trims: false, times: 1 },
  ChatML: {
    text: template("<|im_start|>user\n", WORDS, "<|im_end|>\n<|im_start|>assistant\n"),
    trims: false,
    times: 1,
  },
  "Mistral, nothing between": { text: template("[INST]", WORDS, "[/INST]"), trims: false, times: 1 },
  "Llama 3, trimmed": { text: template("user\n\n", "{{ c['text'] | trim }}", "\n"), trims: true, times: 1 },
  "words said twice": { text: template("", `${WORDS} - ${WORDS}`, "."), trims: false, times: 2 },
};
for (const folder of tokenizerFolders()) {
  const config = JSON.parse(readFileSync(path.join(folder, "tokenizer_config.json"), "utf8")) as {
    chat_template?: string;
  };
  if (config.chat_template !== undefined)
    TEMPLATES[folder] = { text: config.chat_template, trims: false, times: 1 };
}

const TOKENIZERS: Record<string, PreTrainedTokenizer> = {
  ...Object.fromEntries(tokenizerFolders().map((folder) => [folder, readTokenizer(folder)])),
  "bytes as GPT-2": byteLevelTokenizer(null),
  "bytes of composed characters": byteLevelTokenizer({ type: "NFC" }),
};

/** Of the cases that normal forms and letter case make out of one. */
const folded = (text: string): string => text.toUpperCase().normalize("NFKD");

interface Word {
  /** Its position in the prompt. */
  readonly at: number;
  readonly id: number;
  readonly from: number;
  readonly to: number;
}

/** Checks a prompt without special tokens in it against what the tokenizer itself makes of the ids. */
function checkPrompt(
  tokenizer: PreTrainedTokenizer,
  chat: { text: string; trims: boolean; times: number },
  prompt: string,
): void {
  const { tokens, ids, rendered, warnings } = tokenised(tokenizer, chat.text, prompt);
  expect(warnings).toEqual([]);
  for (const { kind, span } of tokens) expect(kind === "text").toBe(span !== null);
  const words = tokens.flatMap(({ span }, at): Word[] =>
    span ? [{ at, id: ids[at] ?? -1, from: span[0], to: span[1] }] : [],
  );
  const said = chat.trims ? prompt.trim() : prompt;
  const place = [prompt.indexOf(said), prompt.indexOf(said) + said.length] as const;
  let rest = words;
  for (let time = 0; time < chat.times; time++)
    rest = rest.slice(checkOnce(tokenizer, rest, prompt, place, rendered));
  expect(rest).toEqual([]);
}

/** Checks the tokens from the first word to the last; returns how many they are. */
function checkOnce(
  tokenizer: PreTrainedTokenizer,
  words: readonly Word[],
  prompt: string,
  [start, end]: readonly [number, number],
  rendered: string,
): number {
  let [before, reached] = [start, start];
  for (const [index, { at, from, to }] of words.entries()) {
    expect(from).toBeGreaterThanOrEqual(before);
    expect(from).toBeLessThanOrEqual(reached);
    expect(to).toBeGreaterThanOrEqual(reached);
    [before, reached] = [from, to];
    const next = words[index + 1];
    if (next?.at === at + 1 && next.from >= from && next.from < to) continue;
    // A whole number of characters so far: the ids spell just these. The first and the last token may also hold
    // what the template has beside the words.
    const spelled = folded(
      tokenizer.decode(
        words.slice(0, index + 1).map(({ id }) => id),
        { clean_up_tokenization_spaces: false },
      ),
    ).trimStart();
    const expected = folded(prompt.slice(start, to)).trimStart();
    expect(folded(rendered)).toContain(spelled.trim());
    if (to < end) expect(spelled.endsWith(expected), `${spelled} ends with ${expected}`).toBe(true);
    else expect(spelled).toContain(expected);
    const first = folded(tokenizer.decode([words[0]?.id ?? -1]));
    const last = folded(tokenizer.decode([words[index]?.id ?? -1]));
    expect(spelled.length - expected.length).toBeLessThanOrEqual(first.length + last.length);
    if (to === end) return index + 1;
  }
  throw new Error(`the tokens stop at ${reached} of ${end}`);
}

describe.each(Object.entries(TOKENIZERS))("the tokens of %s", (_, tokenizer) => {
  describe.each(Object.entries(TEMPLATES))("in the template %s", (__, chat) => {
    it.each([
      "what is the use of the user?",
      "user",
      "assistant",
      "USER: ASSISTANT:",
      " leading, trailing  ",
      "merged   spaces \t and\n\nlines\n",
      "猫は何を見ていますか。",
      "👩‍👩‍👧‍👦 🏳️‍🌈 é e\u0301",
      "מה יש בתמונה? ماذا",
      "a",
      "\u200B\u00A0x",
    ])("stand for %j", (prompt) => checkPrompt(tokenizer, chat, prompt));

    it("stand for any text, in order, without a gap", () => {
      const text = fc.oneof(
        fc.string({ minLength: 1, maxLength: 20, unit: "binary" }),
        fc.string({
          minLength: 1,
          maxLength: 20,
          unit: fc.constantFrom(" ", "\n", "user", "the", "é", "e\u0301", "👍🏽", "\u200D", "ש", "S", "."),
        }),
      );
      fc.assert(
        fc.property(
          text.filter((prompt) => prompt.trim() !== ""),
          (prompt) => checkPrompt(tokenizer, chat, prompt),
        ),
        { numRuns: 50 },
      );
    });
  });

  it("stand for a whole raw prompt, but for the picture", () => {
    const prompt = "USER: <image>\nwhat 👍? ASSISTANT:";
    const { tokens, warnings } = tokenised(tokenizer, null, prompt);
    expect(warnings).toEqual([]);
    const covered = new Set<number>();
    for (const { span } of tokens) for (let at = span?.[0] ?? 0; at < (span?.[1] ?? 0); at++) covered.add(at);
    const image = prompt.indexOf("<image>");
    const expected = [...prompt.split("").keys()].filter((at) => at < image || at >= image + 7);
    expect([...covered].sort((a, b) => a - b)).toEqual(expected);
    expect(tokens.filter(({ kind }) => kind === "image").map(({ span }) => span)).toEqual([null, null, null]);
  });
});

describe("tokens of what a tokenizer or template changes", () => {
  const P1 = "test/fixtures/llava-reference/models/p1";
  const plain = "<image>{{ messages[0]['content'][1]['text'] }}";

  /** Each token that stands for a part of the prompt: its own text and that part. */
  function parts(tokenizer: PreTrainedTokenizer, prompt: string, chat = plain): [string, string][] {
    return tokenised(tokenizer, chat, prompt).tokens.flatMap(({ text, span }) =>
      span ? [[text, prompt.slice(...span)] as [string, string]] : [],
    );
  }

  const changing = readTokenizer(P1, (json) => {
    const spaces = { type: "Replace", pattern: { Regex: " {2,}" }, content: " " };
    const normalizers = [{ type: "NFKC" }, { type: "Lowercase" }, spaces, ...steps(json)];
    json["normalizer"] = { type: "Sequence", normalizers };
  });

  it("spaces merged, letters made small, compatibility forms replaced", () => {
    expect(parts(changing, "Ａ   Ｂ\u00A0\u00A0ﬁ")).toEqual([
      [" a", "Ａ"],
      [" b", "   Ｂ"],
      [" f", "\u00A0\u00A0ﬁ"],
      ["i", "ﬁ"],
    ]);
  });

  it("characters that the vocabulary lacks", () => {
    const lacking = readTokenizer(P1, (json) => {
      (json["model"] as { byte_fallback: boolean }).byte_fallback = false;
    });
    const { tokens, warnings } = tokenised(lacking, plain, "a 猫犬 b");
    expect(warnings).toEqual([]);
    expect(tokens.slice(-4).map(({ text, kind, span }) => [text, kind, span])).toEqual([
      [" a", "text", [0, 1]],
      [" ", "text", [1, 2]],
      ["<unk>", "text", [2, 4]],
      [" b", "text", [4, 6]],
    ]);
  });

  it("characters that no token has: a warning counts them", () => {
    const dropping = readTokenizer(P1, (json, config) => {
      Object.assign(json["model"] as object, { byte_fallback: false, unk_token: null });
      delete config["unk_token"];
    });
    const { tokens, warnings } = tokenised(dropping, plain, "a 猫犬 b");
    expect(warnings).toEqual([expect.stringMatching(/^2 characters of the prompt/)]);
    expect(tokens.filter(({ kind }) => kind === "text").map(({ span }) => span)).toEqual([
      [0, 1],
      [1, 2],
      [4, 6],
    ]);
  });

  it("special tokens that the user writes: they have a place and stay special", () => {
    const { tokens } = tokenised(readTokenizer(P1), plain, "a</s>b <s>");
    expect(tokens.filter(({ span }) => span).map(({ text, kind, span }) => [text, kind, span])).toEqual([
      [" a", "text", [0, 1]],
      ["</s>", "special", [1, 5]],
      [" b", "text", [5, 6]],
      [" ", "text", [6, 7]],
      ["<s>", "special", [7, 10]],
    ]);
  });

  it("added tokens that take the spaces beside them", () => {
    const adding = readTokenizer(P1, (json) => {
      const added = { id: 2000, content: "<｜think▁｜>", special: false, normalized: false };
      (json["added_tokens"] as object[]).push({ ...added, single_word: false, lstrip: true, rstrip: true });
    });
    const { tokens } = tokenised(adding, plain, "a  <｜think▁｜> b");
    expect(tokens.filter(({ kind }) => kind === "text").map(({ span }) => span)).toEqual([
      [0, 1],
      [3, 13],
      [13, 15],
    ]);
  });

  it("a template that changes the words", () => {
    const shouting = "<image>{{ messages[0]['content'][1]['text'] | upper | trim }}!";
    expect(
      parts(byteLevelTokenizer(null), " the straße ", shouting)
        .map(([, part]) => part)
        .join(""),
    ).toBe("the straßße");
  });

  const words = "{{ messages[0]['content'][1]['text'] }}";

  it("a template that answers the words with words of its own", () => {
    const chat = `<image>{% if 'cat' in messages[0]['content'][1]['text'] %}Pets: {% endif %}${words}`;
    expect(parts(byteLevelTokenizer(null), "a cat", chat).map(([, part]) => part)).toEqual([..."a cat"]);
  });

  it.each([
    ["says them too", `<image>${words}{% if 'cat' in messages[0]['content'][1]['text'] %}, a cat{% endif %}`],
    [
      "begins otherwise",
      `{% if 'cat' in messages[0]['content'][1]['text'] %}, a cat{% endif %}<image>${words}`,
    ],
  ])("a template that looks at the words and %s: a warning, and no guess", (_, chat) => {
    const { tokens, warnings } = tokenised(byteLevelTokenizer(null), chat, "a cat");
    expect(warnings).toEqual([expect.stringMatching(/could not be found/)]);
    expect(tokens.every(({ span }) => span === null)).toBe(true);
    expect(tokens.filter(({ kind }) => kind === "special").map(({ text }) => text)).toEqual([]);
  });
});

/** The steps of a tokenizer's own normalizer. */
function steps(json: Record<string, unknown>): unknown[] {
  return (json["normalizer"] as { normalizers: unknown[] }).normalizers;
}
