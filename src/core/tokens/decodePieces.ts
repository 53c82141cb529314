import type { Character } from "./characters.js";

/** A token as its vocabulary spells it. */
export interface TokenPiece {
  readonly piece: string;
  /** `added`: spelled as in the text; `unknown`: stands for text that the vocabulary lacks. */
  readonly kind: "text" | "added" | "unknown";
}

/** `byte-level`: every character of a piece is a byte (GPT-2); `sentencepiece`: "▁" is a space, "<0x0A>" a byte. */
export type PieceSpelling = "byte-level" | "sentencepiece";

/**
 * The characters that pieces spell together, each with the tokens that hold bytes of it. Bytes that are no UTF-8 come
 * out as characters that equal no text.
 */
export function decodePieces(pieces: readonly TokenPiece[], spelling: PieceSpelling): Character[] {
  const characters: Character[] = [];
  let bytes: { byte: number; token: number }[] = [];
  const flush = (): void => {
    characters.push(...decodeUtf8(bytes));
    bytes = [];
  };
  for (const [token, { piece, kind }] of pieces.entries()) {
    const plain = kind === "unknown" ? null : kind === "added" ? [piece] : spelledOut(piece, spelling);
    if (plain === null) {
      flush();
      characters.push({ text: null, from: token, to: token + 1 });
      continue;
    }
    for (const part of plain) {
      if (typeof part === "number") {
        bytes.push({ byte: part, token });
        continue;
      }
      flush();
      for (const text of part) characters.push({ text, from: token, to: token + 1 });
    }
  }
  flush();
  return characters;
}

/** A piece as bytes (numbers) and text. */
function spelledOut(piece: string, spelling: PieceSpelling): (number | string)[] {
  if (spelling === "byte-level") return Array.from(piece, (symbol) => BYTE_OF_SYMBOL.get(symbol) ?? symbol);
  const byte = /^<0x([0-9A-F]{2})>$/i.exec(piece)?.[1];
  return byte === undefined ? [piece.replaceAll("▁", " ")] : [parseInt(byte, 16)];
}

function decodeUtf8(bytes: readonly { byte: number; token: number }[]): Character[] {
  const characters: Character[] = [];
  for (let at = 0; at < bytes.length;) {
    const first = bytes[at];
    if (first === undefined) break;
    const length = sequenceLength(first.byte);
    const sequence = bytes.slice(at, at + length);
    const text = sequence.length === length ? codePoint(sequence.map(({ byte }) => byte)) : null;
    const last = text === null ? first : (sequence.at(-1) ?? first);
    characters.push({ text: text ?? NO_TEXT, from: first.token, to: last.token + 1 });
    at += text === null ? 1 : length;
  }
  return characters;
}

/** Longer than any character, so that it equals none. */
const NO_TEXT = "not UTF-8";

function sequenceLength(first: number): number {
  return first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
}

/** Null when the bytes are not one code point in UTF-8. */
function codePoint([first = 0, ...rest]: readonly number[]): string | null {
  if (rest.some((byte) => byte >> 6 !== 0b10) || (first >= 0x80 && first < 0xc0)) return null;
  const mask = rest.length === 0 ? 0x7f : 0x3f >> rest.length;
  const value = rest.reduce((sum, byte) => (sum << 6) | (byte & 0x3f), first & mask);
  return value <= 0x10ffff ? String.fromCodePoint(value) : null;
}

/** GPT-2's alphabet: printable bytes stand for themselves, the others for the code points from 256 on, in order. */
const BYTE_OF_SYMBOL = byteOfSymbol();

function byteOfSymbol(): ReadonlyMap<string, number> {
  const symbols = new Map<string, number>();
  let next = 256;
  for (let byte = 0; byte < 256; byte++) {
    const printable = (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte !== 0xad);
    symbols.set(String.fromCodePoint(printable ? byte : next++), byte);
  }
  return symbols;
}
