import type { PromptToken } from "../../core/run/types.js";
import type { GenerateRequest } from "../../protocol/modelProcess.js";
import type { LoadedVlm } from "../model/loadModel.js";
import type { RenderedText } from "./chatTemplate.js";
import { promptTokens } from "./promptTokens.js";

/** The positions of a prompt and the places of the user's words in it, with warnings where these are not known. */
export function placedTokens(
  { family, placeholder, processor, imageToken }: LoadedVlm,
  { prompt, rawPrompt }: GenerateRequest,
  { rendered, around, task = "", system }: RenderedText,
  ids: readonly number[],
): { tokens: PromptToken[]; warnings: string[] } {
  const first = family.pictureFirst === true;
  // Neither a placeholder that is no token nor the name of a task is among the prompt's words; another stands for the
  // image token, of which there is one then. A raw prompt is the user's own, placeholder and all.
  const own = first ? "" : rawPrompt ? placeholder : imageToken.text;
  const seen = (text: string) => text.replaceAll(placeholder, own);
  const lead = first && rawPrompt && prompt.startsWith(placeholder) ? placeholder : task;
  const { tokens, warnings } = promptTokens(processor.tokenizer, {
    text: prompt.slice(lead.length),
    rendered: seen(rendered),
    around: around.map(seen),
    ids,
    imageToken: imageToken.id,
    ...(system && { system: { ...system, around: system.around.map(seen) } }),
  });
  return { tokens: tokens.map((token) => moved(token, lead.length)), warnings };
}

function moved(token: PromptToken, by: number): PromptToken {
  return token.span && by > 0 ? { ...token, span: [token.span[0] + by, token.span[1] + by] } : token;
}
