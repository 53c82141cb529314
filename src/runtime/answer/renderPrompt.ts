import { DexarError } from "../../core/errors.js";
import type { GenerateRequest } from "../../protocol/modelProcess.js";
import type { LoadedVlm } from "../model/loadModel.js";
import { fillTemplate, hasTemplate, type RenderedText } from "./chatTemplate.js";

/**
 * Puts the user's words into the chat template, or checks that a raw prompt needs none.
 * @throws DexarError `empty-prompt`, `bad-raw-prompt`, `bad-prompt`, `no-chat-template` or `no-system-prompt`
 */
export function renderPrompt(vlm: LoadedVlm, request: GenerateRequest): RenderedText {
  if (request.prompt.trim() === "") {
    throw new DexarError(
      "empty-prompt",
      "The prompt is empty.",
      'Ask something about the picture, for example "What is in the picture?".',
    );
  }
  const { placeholder, imageToken } = vlm;
  const { systemPrompt = "" } = request;
  const holds = (text: string): number => text.split(placeholder).length - 1;
  const count = holds(request.prompt);
  const pictures = request.imagePaths?.length ?? 1;
  if (request.rawPrompt && systemPrompt.trim() !== "") {
    throw new DexarError(
      "bad-raw-prompt",
      "A raw prompt is all that the model gets, but there is a system prompt beside it.",
      "Write the system prompt into the raw prompt, or leave one of the two out.",
    );
  }
  if (request.rawPrompt) {
    if (count === pictures) return { rendered: request.prompt, around: ["", ""] };
    throw new DexarError(
      "bad-raw-prompt",
      `A raw prompt must hold the image placeholder ${placeholder} ${pictures === 1 ? "once" : `${pictures} times`}; this one holds it ${count} times.`,
      `Put ${placeholder} where the picture belongs.`,
    );
  }
  const held = [placeholder, imageToken.text].find((mark) =>
    `${systemPrompt}\n${request.prompt}`.includes(mark),
  );
  if (held !== undefined) {
    throw new DexarError(
      "bad-prompt",
      `The prompt holds the image placeholder ${held}, which the chat template adds itself.`,
      "Leave the placeholder out, or give the whole text as a raw prompt.",
    );
  }
  if (!hasTemplate(vlm)) {
    throw new DexarError(
      "no-chat-template",
      `The model "${vlm.name}" has no chat template.`,
      `Give the whole text yourself, as a raw prompt that holds ${placeholder} once.`,
    );
  }
  return fillTemplate(vlm, request.prompt, { system: systemPrompt, pictures });
}
