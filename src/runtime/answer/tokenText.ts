import type { PreTrainedTokenizer } from "@huggingface/transformers";

const pieces = new WeakMap<PreTrainedTokenizer, readonly string[]>();

/** Text of one token, with the space before it that decoders drop at the start of a text. */
export function tokenText(tokenizer: PreTrainedTokenizer | undefined | null, id: number): string {
  if (!tokenizer) return "";
  const text = tokenizer.decode([id], { skip_special_tokens: false, clean_up_tokenization_spaces: false });
  return pieceOf(tokenizer, id).startsWith("▁") && !text.startsWith(" ") ? ` ${text}` : text;
}

function pieceOf(tokenizer: PreTrainedTokenizer, id: number): string {
  let list = pieces.get(tokenizer);
  if (!list) {
    const byId: string[] = [];
    for (const [piece, index] of tokenizer.get_vocab()) byId[index] = piece;
    pieces.set(tokenizer, (list = byId));
  }
  return list[id] ?? "";
}
