import type { TextSpan } from "../prompts/types.js";
import { alignCharacters, type Places } from "./alignCharacters.js";
import { charactersOf, type Character } from "./characters.js";
import { decodePieces, type PieceSpelling, type TokenPiece } from "./decodePieces.js";

/** A prompt as the tokenizer saw it. */
export interface RenderedPrompt {
  /** The user's words. */
  readonly text: string;
  /** The text for the tokenizer. */
  readonly rendered: string;
  /** What the template writes before, (between) and after the words; see `aroundWords`. */
  readonly around: readonly string[];
  /** What the tokenizer made of `rendered`, without what it adds around it. */
  readonly pieces: readonly TokenPiece[];
  readonly spelling: PieceSpelling;
}

/**
 * Which characters of the user's words each token stands for, as half-open UTF-16 offsets; null for tokens that the
 * template adds. A character of several tokens belongs to each of them. Characters that no token has (trimmed, or
 * not in the vocabulary) are in no span.
 * @returns one span per piece; null when the tokens do not spell the text
 */
export function promptSpans(prompt: RenderedPrompt): readonly (TextSpan | null)[] | null {
  const { text, rendered, around, pieces } = prompt;
  const tokens = tokensOfText(rendered, pieces, prompt.spelling);
  const words = wordsIn(rendered, around);
  if (tokens === null || words === null) return null;
  const spans: ([number, number] | null)[] = pieces.map(() => null);
  const source = charactersOf(text);
  for (const [from, to] of words) {
    const places = placesOfWords(text, rendered.slice(from, to));
    if (places === null) return null;
    for (const [index, place] of places.entries()) {
      const character = source[index];
      if (place === null || character === undefined) continue;
      for (let at = from + place[0]; at < from + place[1]; at++) {
        const [first, end] = tokens[at] ?? [0, 0];
        for (let token = first; token < end; token++) spans[token] = widened(spans[token], character);
      }
    }
  }
  return spans;
}

/**
 * Where each character of the words is in what a template made of them. Null when it added words of its own and the
 * user's cannot be told from them.
 */
function placesOfWords(text: string, made: string): Places | null {
  const source = charactersOf(text);
  const target = charactersOf(made);
  const places = alignCharacters(source, target);
  if (places === null) return null;
  const covered = new Uint8Array(made.length);
  for (const place of places) if (place !== null) covered.fill(1, ...place);
  if (target.every(({ from, text: character }) => covered[from] === 1 || character?.trim() === ""))
    return places;
  const words = text.trim();
  const at = made.indexOf(words);
  if (at === -1 || made.includes(words, at + 1)) return null;
  const within = alignCharacters(source, charactersOf(words)) ?? [];
  return within.map((place) => (place === null ? null : [place[0] + at, place[1] + at]));
}

function widened(span: [number, number] | null | undefined, { from, to }: Character): [number, number] {
  return span ? [Math.min(span[0], from), Math.max(span[1], to)] : [from, to];
}

/**
 * What a template writes around the words, from a text rendered with a stand-in for them; more than two parts when it
 * writes them more than once.
 * @param rendered the template's text with `standIn` as the words
 */
export function aroundWords(rendered: string, standIn: string): readonly string[] {
  return rendered.split(standIn);
}

/** Where the words stand in the rendered text; null when the template wrote something else around them this time. */
function wordsIn(rendered: string, around: readonly string[]): TextSpan[] | null {
  const count = around.length - 1;
  const length = (rendered.length - around.join("").length) / count;
  if (count < 1 || length < 0 || !Number.isInteger(length)) return null;
  let at = 0;
  const words: TextSpan[] = [];
  for (const [index, part] of around.entries()) {
    if (!rendered.startsWith(part, at)) return null;
    at += part.length;
    if (index < count) words.push([at, at + length]);
    at += length;
  }
  return words;
}

/** The tokens of each UTF-16 unit of a text. Added tokens are in it as they are: between them it is aligned by parts. */
function tokensOfText(text: string, pieces: readonly TokenPiece[], spelling: PieceSpelling): Places | null {
  const tokens: [number, number][] = [];
  let [textFrom, pieceFrom] = [0, 0];
  const alignPart = (textTo: number, pieceTo: number): boolean => {
    const source = charactersOf(text.slice(textFrom, textTo));
    const places = alignCharacters(source, decodePieces(pieces.slice(pieceFrom, pieceTo), spelling));
    for (const [index, place] of (places ?? []).entries()) {
      const character = source[index];
      if (place === null || character === undefined) continue;
      for (let at = character.from; at < character.to; at++)
        tokens[textFrom + at] = [pieceFrom + place[0], pieceFrom + place[1]];
    }
    return places !== null;
  };
  for (const [index, { piece, kind }] of pieces.entries()) {
    const at = kind === "added" ? text.indexOf(piece, textFrom) : -1;
    if (at === -1) continue;
    if (!alignPart(at, index)) return null;
    for (let unit = at; unit < at + piece.length; unit++) tokens[unit] = [index, index + 1];
    [textFrom, pieceFrom] = [at + piece.length, index + 1];
  }
  return alignPart(text.length, pieces.length)
    ? Array.from({ length: text.length }, (_, at) => tokens[at] ?? null)
    : null;
}
