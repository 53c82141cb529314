import type { PromptFieldValues } from "./types.js";

/** A key as it is written in front matter; `image` is another way to give `images`. */
export type PromptKeyName = keyof PromptFieldValues | "image";

/** What a key of the front matter takes. */
export type PromptKey =
  /** `model`: a known model or a folder; `path`: a picture; `text`: any words. Never empty. */
  | { readonly name: PromptKeyName; readonly kind: "model" | "path" | "text"; readonly fallback: null }
  /** A list, or one item: `paths` of pictures; `texts`: any characters but none at all. */
  | { readonly name: PromptKeyName; readonly kind: "paths" | "texts"; readonly fallback: null }
  | {
      readonly name: PromptKeyName;
      readonly kind: "choice";
      readonly choices: readonly string[];
      readonly fallback: string;
    }
  | {
      readonly name: PromptKeyName;
      readonly kind: "number";
      readonly whole: boolean;
      /** Both ends are allowed. */
      readonly from: number;
      readonly to: number;
      /** Null: chosen anew for each run (seed), or by the model's own configuration. */
      readonly fallback: number | null;
    };

/** Every key of the front matter in the order people write them, with type, range and built-in default. */
export const PROMPT_KEYS: readonly PromptKey[] = [
  { name: "model", kind: "model", fallback: null },
  { name: "image", kind: "path", fallback: null },
  { name: "images", kind: "paths", fallback: null },
  { name: "with_images", kind: "paths", fallback: null },
  { name: "system_prompt", kind: "text", fallback: null },
  { name: "target", kind: "text", fallback: null },
  { name: "max_new_tokens", kind: "number", whole: true, from: 1, to: 4096, fallback: 64 },
  { name: "temperature", kind: "number", whole: false, from: 0, to: 100, fallback: 0 },
  { name: "top_k", kind: "number", whole: true, from: 0, to: 1_000_000, fallback: 0 },
  { name: "top_p", kind: "number", whole: false, from: 0, to: 1, fallback: 1 },
  { name: "min_p", kind: "number", whole: false, from: 0, to: 1, fallback: 0 },
  { name: "repetition_penalty", kind: "number", whole: false, from: 0.01, to: 100, fallback: null },
  { name: "seed", kind: "number", whole: true, from: 0, to: 2 ** 32 - 1, fallback: null },
  { name: "stop", kind: "texts", fallback: null },
  { name: "preset", kind: "choice", choices: ["paper", "reference"], fallback: "paper" },
  {
    name: "text_set",
    kind: "choice",
    choices: ["all", "no-special", "prompt", "generated"],
    fallback: "all",
  },
];

/** The key of that name; undefined when front matter has none. */
export function promptKey(name: string): PromptKey | undefined {
  return PROMPT_KEYS.find((key) => key.name === name);
}

/** What a key takes, in English: "a whole number from 1 to 4096". */
export function describePromptKey(key: PromptKey): string {
  switch (key.kind) {
    case "model":
      return "the name of a model or a model folder";
    case "path":
      return "the path of one picture";
    case "paths":
      return "the paths of pictures";
    case "texts":
      return "a text, or a list of texts";
    case "text":
      return "a text that is not empty";
    case "choice":
      return `one of ${key.choices.join(", ")}`;
    case "number":
      return `a ${key.whole ? "whole " : ""}number from ${key.from} to ${key.to}`;
  }
}
