import type { PreTrainedTokenizer } from "@huggingface/transformers";

/** A tokenizer's pieces as it spells them. */
export interface Vocabulary {
  /** By id; ids without a piece are holes. */
  readonly pieces: readonly string[];
  readonly ids: ReadonlyMap<string, number>;
}

const vocabularies = new WeakMap<PreTrainedTokenizer, Vocabulary>();

/** Text of one token, with the space before it that decoders drop at the start of a text. */
export function tokenText(tokenizer: PreTrainedTokenizer | undefined | null, id: number): string {
  if (!tokenizer) return "";
  const text = tokenizer.decode([id], { skip_special_tokens: false, clean_up_tokenization_spaces: false });
  const piece = vocabulary(tokenizer).pieces[id] ?? "";
  return piece.startsWith("▁") && !text.startsWith(" ") ? ` ${text}` : text;
}

/** The pieces of a tokenizer, read once. */
export function vocabulary(tokenizer: PreTrainedTokenizer): Vocabulary {
  let known = vocabularies.get(tokenizer);
  if (!known) {
    const ids = tokenizer.get_vocab();
    const pieces: string[] = [];
    for (const [piece, id] of ids) pieces[id] = piece;
    vocabularies.set(tokenizer, (known = { pieces, ids }));
  }
  return known;
}
