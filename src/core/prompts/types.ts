import type { Preset, TextSet } from "../attribution/settings.js";

/** A half-open range of UTF-16 offsets in a text. */
export type TextSpan = readonly [from: number, to: number];

/** What the front matter of a prompt file (or prompt cell) may say, by its names there. */
export interface PromptFieldValues {
  /** A known model's name, or a folder (relative to the file). */
  readonly model: string;
  /** Paths of pictures (relative to the file); `image` and `images` both give this. */
  readonly images: readonly string[];
  /** Further pictures in the same prompt, after each of `images` (relative to the file). */
  readonly with_images: readonly string[];
  /** The answer to explain instead of generating one. */
  readonly target: string;
  readonly max_new_tokens: number;
  readonly temperature: number;
  readonly top_k: number;
  readonly top_p: number;
  readonly min_p: number;
  readonly repetition_penalty: number;
  readonly seed: number;
  /** What ends the answer. */
  readonly stop: readonly string[];
  /** Said to the model before the prompt. */
  readonly system_prompt: string;
  readonly preset: Preset;
  readonly text_set: Extract<TextSet, string>;
}

/** A value of the front matter and where it stands. */
export interface PromptField<T> {
  readonly value: T;
  readonly keySpan: TextSpan;
  readonly valueSpan: TextSpan;
  /** For lists: where each item stands. */
  readonly itemSpans?: readonly TextSpan[];
}

/** Something wrong with a prompt file; the words for people are made where they are shown. */
export type PromptProblem = {
  readonly severity: "error" | "warning";
  readonly span: TextSpan;
} & (
  | { readonly code: "broken-yaml"; readonly detail: string }
  /** A first line `---` without a closing one. */
  | { readonly code: "front-matter-not-closed" }
  | { readonly code: "not-a-mapping" }
  | { readonly code: "unknown-key"; readonly key: string; readonly suggestion: string | null }
  | { readonly code: "duplicate-key"; readonly key: string }
  | { readonly code: "wrong-value"; readonly key: string; readonly expected: string }
  | {
      readonly code: "unknown-choice";
      readonly key: string;
      readonly choices: readonly string[];
      readonly suggestion: string | null;
    }
  | { readonly code: "image-and-images" }
  | { readonly code: "empty-prompt" }
);

/** A prompt file as it was read: never throws, what is wrong is in `problems`. */
export interface PromptFile {
  /** The words as the model gets them: what follows the front matter, without the blank lines around it, lines ended by "\n". */
  readonly prompt: string;
  /** Where the words stand in the file. */
  readonly promptSpan: TextSpan;
  /** The front matter between its `---` lines; null when there is none. */
  readonly frontMatter: TextSpan | null;
  readonly fields: { readonly [K in keyof PromptFieldValues]?: PromptField<PromptFieldValues[K]> };
  readonly problems: readonly PromptProblem[];
}
