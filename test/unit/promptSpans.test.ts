import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { alignCharacters } from "../../src/core/tokens/alignCharacters.js";
import { charactersOf } from "../../src/core/tokens/characters.js";
import { decodePieces, type TokenPiece } from "../../src/core/tokens/decodePieces.js";
import { aroundWords, promptSpans } from "../../src/core/tokens/promptSpans.js";

/** What each character of a text became in another: the part, null where it is gone. */
function became(source: string, target: string): (string | null)[] | null {
  const places = alignCharacters(charactersOf(source), charactersOf(target));
  return places?.map((place) => (place === null ? null : target.slice(...place))) ?? null;
}

describe("alignCharacters", () => {
  it.each<[string, string, string, (string | null)[]]>([
    ["the same text", "aé👍", "aé👍", ["a", "é", "👍"]],
    ["a space put before", "ab", " ab", ["a", "b"]],
    ["a space put before a space", " a", "  a", [" ", "a"]],
    ["trimmed", " \na \t", "a", [null, null, "a", null, null]],
    ["merged spaces", "a  \n b", "a b", ["a", " ", " ", " ", " ", "b"]],
    ["lower case", "Straße ΟΔΟΣ İ", "straße οδος i\u0307", [..."straße οδος ", "i\u0307"]],
    ["composed", "e\u0301x", "éx", ["é", "é", "x"]],
    ["decomposed", "éx", "e\u0301x", ["e\u0301", "x"]],
    ["accents stripped", "éx", "ex", ["e", "x"]],
    ["compatibility forms", "ﬁ①…Ａ", "fi1...A", ["fi", "1", "...", "A"]],
    ["other spaces", "a\u00A0b\u3000c", "a b c", ["a", " ", "b", " ", "c"]],
    ["a joiner left out", "a\u200Db", "ab", ["a", "a", "b"]],
    ["a character left out", "a猫b", "ab", ["a", null, "b"]],
    ["another spelling", "say ``x", 'say "x', [..."say ", '"', '"', "x"]],
    ["Hangul in parts", "한a", "한a".normalize("NFD"), ["한".normalize("NFD"), "a"]],
  ])("%s", (_, source, target, parts) => {
    expect(became(source, target)).toEqual(parts);
  });

  it("takes the last of more spaces for the one that was there: tokenizers add theirs before", () => {
    expect(alignCharacters(charactersOf(" a"), charactersOf("  a"))).toEqual([
      [1, 2],
      [2, 3],
    ]);
  });

  it("refuses another text", () => {
    expect(became("x".repeat(100), "y".repeat(90))).toBeNull();
  });

  it("finds every character of a text in itself, wherever it stands", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        expect(became(text, text)).toEqual(Array.from(text));
      }),
    );
  });

  it("keeps the order whatever two texts are", () => {
    const text = fc.string({ unit: fc.constantFrom("a", "A", " ", "\n", "é", "e\u0301", "ﬁ", "猫") });
    fc.assert(
      fc.property(text, text, (source, target) => {
        const places = alignCharacters(charactersOf(source), charactersOf(target)) ?? [];
        const found = places.filter((place) => place !== null);
        for (const [index, [from, to]] of found.entries()) {
          expect(from).toBeGreaterThanOrEqual(found[index - 1]?.[0] ?? 0);
          expect(to).toBeGreaterThan(from);
          expect(to).toBeLessThanOrEqual(target.length);
        }
      }),
    );
  });
});

const text = (...pieces: string[]): TokenPiece[] => pieces.map((piece) => ({ piece, kind: "text" }));

describe("decodePieces", () => {
  it("joins the bytes of a character from several tokens", () => {
    const pieces = text("▁a", "<0xE7>", "<0x8C>", "<0xAB>", "b");
    expect(decodePieces(pieces, "sentencepiece")).toEqual([
      { text: " ", from: 0, to: 1 },
      { text: "a", from: 0, to: 1 },
      { text: "猫", from: 1, to: 4 },
      { text: "b", from: 4, to: 5 },
    ]);
    expect(decodePieces(text("Ġa", "çĮ", "«b"), "byte-level")).toEqual([
      { text: " ", from: 0, to: 1 },
      { text: "a", from: 0, to: 1 },
      { text: "猫", from: 1, to: 3 },
      { text: "b", from: 2, to: 3 },
    ]);
  });

  it("reads added tokens as they are", () => {
    const pieces: TokenPiece[] = [{ piece: "<｜Ġ▁<0x41>", kind: "added" }];
    for (const spelling of ["byte-level", "sentencepiece"] as const)
      expect(decodePieces(pieces, spelling).map((character) => character.text)).toEqual([..."<｜Ġ▁<0x41>"]);
  });

  it("takes bytes that are no text for no text", () => {
    for (const bytes of [
      ["<0xE7>", "<0x8C>"],
      ["<0x8C>"],
      ["<0xFF>", "a"],
      ["<0xF7>", "<0xBF>", "<0xBF>", "<0xBF>"],
    ])
      expect(decodePieces(text(...bytes), "sentencepiece")[0]?.text).toBe("not UTF-8");
  });
});

describe("promptSpans", () => {
  const spans = (words: string, around: string[], rendered: string, pieces: TokenPiece[]) =>
    promptSpans({ text: words, around, rendered, pieces, spelling: "sentencepiece" })?.map((span) =>
      span === null ? null : words.slice(...span),
    );

  it("finds the words where the template puts them, not where it says the same itself", () => {
    const pieces = text("▁user", ":", "▁user", "▁end");
    expect(spans("user", ["user: ", " end"], "user: user end", pieces)).toEqual([null, null, "user", null]);
  });

  it("gives a token of template and words the part that is words", () => {
    expect(spans("what", ["Q:", "?"], "Q:what?", text("▁Q", ":what?"))).toEqual([null, "what"]);
  });

  it("marks words in each place where the template repeats them", () => {
    const around = aroundWords("first STAND_IN then STAND_IN", "STAND_IN");
    const pieces = text("▁first", "▁a", "▁b", "▁then", "▁a▁b");
    expect(spans("a b", [...around], "first a b then a b", pieces)).toEqual([null, "a", " b", null, "a b"]);
  });

  it("leaves the space that the tokenizer adds to nobody", () => {
    expect(spans(" what", ["", ""], " what", text("▁", "▁what"))).toEqual([null, " what"]);
  });

  it("knows trimmed words", () => {
    expect(spans("  a b\n", ["<", ">"], "<a b>", text("<", "a", "▁b", ">"))).toEqual([null, "a", " b", null]);
  });

  it("tells a special token the user wrote from the template's", () => {
    const pieces: TokenPiece[] = [
      { piece: "<s>", kind: "added" },
      ...text("▁a"),
      { piece: "<s>", kind: "added" },
      ...text("▁b"),
    ];
    expect(spans("a<s>b", ["<s>", ""], "<s>a<s>b", pieces)).toEqual([null, "a", "<s>", "b"]);
  });

  it("gives an unknown token the characters it replaces", () => {
    const pieces: TokenPiece[] = [...text("▁a▁"), { piece: "<unk>", kind: "unknown" }, ...text("▁b")];
    expect(spans("a 猫犬 b", ["", ""], "a 猫犬 b", pieces)).toEqual(["a ", "猫犬", " b"]);
  });

  it("is not known when the template depends on the words, or the tokens spell something else", () => {
    expect(spans("a", ["x", "y"], "z a y", text("z", "▁a", "▁y"))).toBeUndefined();
    expect(spans("a", ["no stand-in"], "a", text("a"))).toBeUndefined();
    const other = text("y".repeat(100));
    expect(spans("x".repeat(100), ["", ""], "x".repeat(100), other)).toBeUndefined();
  });
});
