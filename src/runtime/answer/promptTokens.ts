import type { PreTrainedTokenizer } from "@huggingface/transformers";
import type { PromptToken } from "../../core/run/types.js";
import type { PieceSpelling, TokenPiece } from "../../core/tokens/decodePieces.js";
import { promptSpans } from "../../core/tokens/promptSpans.js";
import type { TextSpan } from "../../core/prompts/types.js";
import { alignPrompt } from "./alignPrompt.js";
import type { PlacedWords } from "./chatTemplate.js";
import { tokenText, vocabulary } from "./tokenText.js";

/** What the tokens of a prompt are read from. */
export interface PromptTokensInput {
  /** The user's words. */
  readonly text: string;
  /** The text for the tokenizer, image placeholder once. */
  readonly rendered: string;
  /** What the template writes around the words. */
  readonly around: readonly string[];
  /** The system prompt: its words are text, too, with no place in `text`. */
  readonly system?: PlacedWords;
  /** The expanded prompt [S]. */
  readonly ids: readonly number[];
  readonly imageToken: number;
}

/** Text, kind and place of every position of a prompt, and a warning where the places are not known. */
export function promptTokens(
  tokenizer: PreTrainedTokenizer | undefined | null,
  input: PromptTokensInput,
): { tokens: PromptToken[]; warnings: string[] } {
  const { ids, imageToken, text } = input;
  if (!tokenizer) throw new Error("The processor has no tokenizer.");
  const special = new Set<number>(tokenizer.all_special_ids);
  const spans = spansOf(tokenizer, input);
  const system = input.system ? spansOf(tokenizer, { ...input, ...input.system }) : null;
  const tokens = ids.map((id, position): PromptToken => {
    const span = spans?.[position] ?? null;
    // A special token that the user wrote has a place, yet is no word; one that stands for a word is none.
    const isSpecial = special.has(id) && (id !== tokenizer.unk_token_id || span === null);
    const isSystem = system !== null && system[position] !== null;
    const isWord = !isSpecial && (spans === null || span !== null || isSystem);
    const kind = id === imageToken ? "image" : isWord ? "text" : "special";
    return { text: tokenText(tokenizer, id), kind, span: id === imageToken ? null : span };
  });
  return { tokens, warnings: warningsOf(text, spans) };
}

/** One span per position; null when the tokens could not be found in the text. */
function spansOf(
  tokenizer: PreTrainedTokenizer,
  { text, rendered, around, ids, imageToken }: PromptTokensInput,
): (TextSpan | null)[] | null {
  if (text === "") return ids.map(() => null);
  const plain = tokenizer.encode(rendered, { add_special_tokens: false });
  const places = alignPrompt(plain, ids, imageToken);
  if (places === null) return null;
  const pieces = piecesOf(tokenizer, plain);
  const found = promptSpans({ text, rendered, around, pieces, spelling: spellingOf(tokenizer) });
  if (found === null) return null;
  const spans = new Array<TextSpan | null>(ids.length).fill(null);
  for (const [index, span] of found.entries()) {
    const place = places[index] ?? null;
    if (place !== null) spans[place] = span;
  }
  return spans;
}

function piecesOf(tokenizer: PreTrainedTokenizer, ids: readonly number[]): TokenPiece[] {
  const pieces = vocabulary(tokenizer).pieces;
  const added = tokenizer._tokenizer.get_added_tokens_decoder();
  return ids.map((id) => {
    const kind = id === tokenizer.unk_token_id ? "unknown" : added.has(id) ? "added" : "text";
    return { piece: pieces[id] ?? "", kind };
  });
}

/** GPT-2's spelling of a line end is decoded as one only by tokenizers that spell this way. */
function spellingOf(tokenizer: PreTrainedTokenizer): PieceSpelling {
  const id = vocabulary(tokenizer).ids.get("Ċ");
  return id !== undefined && tokenizer.decode([id]) === "\n" ? "byte-level" : "sentencepiece";
}

function warningsOf(text: string, spans: readonly (TextSpan | null)[] | null): string[] {
  if (spans === null) {
    return [
      "The prompt's tokens could not be found in its text: its words are not marked, and every token but special ones counts as the user's.",
    ];
  }
  const covered = new Uint8Array(text.length);
  for (const span of spans) if (span !== null) covered.fill(1, ...span);
  const lost = Array.from(text.matchAll(/[^\s\p{C}]/gu), ({ index }) => index).filter(
    (at) => covered[at] === 0,
  );
  return lost.length === 0
    ? []
    : [`${lost.length} characters of the prompt reach the model in no token: its vocabulary lacks them.`];
}
