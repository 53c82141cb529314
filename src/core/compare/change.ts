import type { HeadOverride, Preset, Score, TextSet } from "../attribution/settings.js";

/** A part of two texts that were compared word by word. */
export interface TextPart {
  readonly kind: "same" | "removed" | "added";
  readonly text: string;
}

interface Values<C extends string, V> {
  readonly code: C;
  readonly a: V;
  readonly b: V;
}

/** Width and height in pixels. */
export interface PictureFacts {
  readonly name: string;
  readonly width: number;
  readonly height: number;
}

/** What the model was asked and what it said. */
export type QuestionChange =
  | Values<"picture", PictureFacts>
  /** The same picture, but another part of it was seen, or it was cut into other cells: how many. */
  | Values<"cells", number>
  | (Values<"prompt", string> & { readonly parts: readonly TextPart[] })
  /** The same words in another chat template. */
  | { readonly code: "template" }
  /** The answer that was given to the model; null where it was generated. */
  | Values<"target", string | null>
  /** True where the run was interrupted. */
  | Values<"partial", boolean>;

/** Which model it was, and where it ran. */
export type ModelChange =
  | Values<"model", string>
  /** A model of the same name with other weights. */
  | { readonly code: "weights" }
  | Values<"architecture", { readonly layers: number; readonly heads: number }>
  | Values<"dtype", string>
  | Values<"device", string>;

/** How the answer was explained. */
export type SettingChange =
  | Values<"preset", Preset>
  /** Half-open ranges. */
  | Values<"layers", readonly [from: number, to: number]>
  | Values<"textSet", TextSet>
  | Values<"score", Score>
  /** Heads forced by hand on one side only. */
  | Values<"forcedHeads", readonly HeadOverride[]>
  | Values<"includeStop", boolean>;

/** How the answer was generated. */
export type GenerationChange =
  | Values<"maxNewTokens", number>
  | Values<"temperature", number>
  | Values<"topK", number>
  | Values<"topP", number>
  | Values<"minP", number>
  /** 1: none. */
  | Values<"repetitionPenalty", number>
  | Values<"stopStrings", readonly string[]>
  /** Empty: none. */
  | Values<"systemPrompt", string>
  | Values<"seed", number | null>;

/** One thing that two runs do not have in common; the words for it are the reader's business. */
export type Change = QuestionChange | ModelChange | SettingChange | GenerationChange;
