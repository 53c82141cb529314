/** A code point and the places it takes: offsets of a text, or tokens of a prompt. */
export interface Character {
  /** Null: not known, the token stands for text that its vocabulary lacks. */
  readonly text: string | null;
  /** Half-open range. */
  readonly from: number;
  readonly to: number;
}

/** The code points of a text with their UTF-16 offsets. */
export function charactersOf(text: string): Character[] {
  let at = 0;
  return Array.from(text, (character) => {
    const from = at;
    at += character.length;
    return { text: character, from, to: at };
  });
}
