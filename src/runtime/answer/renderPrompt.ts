import { DexarError } from "../../core/errors.js";
import { aroundWords } from "../../core/tokens/promptSpans.js";
import type { GenerateRequest } from "../../protocol/modelProcess.js";
import type { LoadedVlm } from "../model/loadModel.js";

/** Stands in for the user's words: private characters, which no template looks at. */
const STAND_IN = "\uE0D5\uE0D6\uE0D7";

/** A prompt as the tokenizer gets it. */
export interface RenderedText {
  /** Image placeholder once. */
  readonly rendered: string;
  /** What the template writes before, (between) and after the user's words. */
  readonly around: readonly string[];
}

/**
 * Puts the user's words into the chat template, or checks that a raw prompt needs none.
 * @throws DexarError `empty-prompt`, `bad-raw-prompt`, `bad-prompt` or `no-chat-template`
 */
export function renderPrompt(vlm: LoadedVlm, request: GenerateRequest): RenderedText {
  if (request.prompt.trim() === "") {
    throw new DexarError(
      "empty-prompt",
      "The prompt is empty.",
      'Ask something about the picture, for example "What is in the picture?".',
    );
  }
  const placeholder = vlm.imageToken.text;
  const count = request.prompt.split(placeholder).length - 1;
  if (request.rawPrompt) {
    if (count === 1) return { rendered: request.prompt, around: ["", ""] };
    throw new DexarError(
      "bad-raw-prompt",
      `A raw prompt must hold the image placeholder ${placeholder} once; this one holds it ${count} times.`,
      `Put ${placeholder} where the picture belongs.`,
    );
  }
  if (count > 0) {
    throw new DexarError(
      "bad-prompt",
      `The prompt holds the image placeholder ${placeholder}, which the chat template adds itself.`,
      "Leave the placeholder out, or give the whole text as a raw prompt.",
    );
  }
  if (!vlm.processor.tokenizer?.chat_template && !vlm.processor.chat_template) {
    throw new DexarError(
      "no-chat-template",
      `The model "${vlm.name}" has no chat template.`,
      `Give the whole text yourself, as a raw prompt that holds ${placeholder} once.`,
    );
  }
  const around = aroundWords(applyTemplate(vlm, STAND_IN), STAND_IN);
  return { rendered: applyTemplate(vlm, request.prompt), around };
}

function applyTemplate(vlm: LoadedVlm, text: string): string {
  const content = [{ type: "image" }, { type: "text", text }];
  return vlm.processor.apply_chat_template([{ role: "user", content }] as never, {
    add_generation_prompt: true,
    tokenize: false,
  }) as unknown as string;
}
