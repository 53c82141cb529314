/** The numbers of a tokenizer's tokens. */
export interface TokenIds {
  /** Of the vocabulary itself; added tokens may lie beyond what a decoder can say. */
  readonly largest: number;
  has(id: number): boolean;
}

/** Reads a tokenizer.json; null where its vocabulary is in a form that is not known. */
export function readTokenIds(tokenizer: Readonly<Record<string, unknown>>): TokenIds | null {
  const { vocab } = (tokenizer["model"] ?? {}) as { readonly vocab?: unknown };
  if (typeof vocab !== "object" || vocab === null) return null;
  // WordPiece and BPE: number by token; Unigram: a list.
  const numbers = Array.isArray(vocab)
    ? vocab.map((_, i) => i)
    : Object.values(vocab as Record<string, number>);
  const added = (tokenizer["added_tokens"] ?? []) as readonly { readonly id?: unknown }[];
  const isAdded = new Set(added.map(({ id }) => id));
  const own = new Set(numbers);
  let largest = -1;
  for (const id of numbers) if (id > largest && !isAdded.has(id)) largest = id;
  return { largest, has: (id) => own.has(id) || isAdded.has(id) };
}
