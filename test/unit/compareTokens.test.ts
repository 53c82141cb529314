import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { alignTokens, type TokenPair } from "../../src/core/compare/alignTokens.js";
import type { AlignedToken } from "../../src/core/compare/words.js";

const tokens = (...texts: readonly string[]): AlignedToken[] =>
  texts.map((text) => ({ text, stop: text === "</s>" || text === "<|im_end|>" }));

const short = (pairs: readonly TokenPair[]): string[] =>
  pairs.map(({ kind, a, b }) => `${kind} ${a.join()}|${b.join()}`);

const align = (a: readonly AlignedToken[], b: readonly AlignedToken[]): string[] => short(alignTokens(a, b));

describe("alignTokens", () => {
  it("pairs equal answers token by token", () => {
    const answer = tokens("a", " cat", " ", " 猫", "\n", "</s>");
    expect(align(answer, answer)).toEqual(answer.map((_, index) => `same ${index}|${index}`));
  });

  it("pairs a replaced word with the word in its place, and shows what came and went", () => {
    expect(align(tokens("a", " red", " ball"), tokens("a", " blue", " ball"))).toEqual([
      "same 0|0",
      "changed 1|1",
      "same 2|2",
    ]);
    expect(align(tokens("a", " ball"), tokens("a", " big", " red", " ball"))).toEqual([
      "same 0|0",
      "added |1",
      "added |2",
      "same 1|3",
    ]);
    expect(align(tokens("a", " small", " ball"), tokens("two", " very", " big", " ball"))).toEqual([
      "removed 0|",
      "removed 1|",
      "added |0",
      "added |1",
      "added |2",
      "same 2|3",
    ]);
  });

  it("pairs words that tokenizers cut differently, and their parts where both cut", () => {
    expect(align(tokens(" un", "happy", " cat"), tokens("unh", "appy", "▁", " cat"))).toEqual([
      "same 0,1|0,1",
      "added |2",
      "same 2|3",
    ]);
    expect(align(tokens("cater", "pil", "lar"), tokens("cater", "pillar"))).toEqual([
      "same 0|0",
      "same 1,2|1",
    ]);
    expect(align(tokens("the ", "dog ", "runs"), tokens("the", " dog", " runs"))).toEqual([
      "same 0|0",
      "same 1|1",
      "same 2|2",
    ]);
    expect(align(tokens("the dog", " runs"), tokens("the", " dog", " runs"))).toEqual([
      "same 0|0,1",
      "same 1|2",
    ]);
  });

  it("knows the end token by any name, and a word in capitals", () => {
    expect(align(tokens("Red", "</s>"), tokens("red", "<|im_end|>"))).toEqual(["changed 0|0", "same 1|1"]);
  });

  it("aligns scripts without blanks sign by sign", () => {
    expect(align(tokens("黒", "い", "犬"), tokens("白", "い", "犬"))).toEqual([
      "changed 0|0",
      "same 1|1",
      "same 2|2",
    ]);
  });

  it("takes empty answers", () => {
    expect(align([], [])).toEqual([]);
    expect(align(tokens("a"), [])).toEqual(["removed 0|"]);
    expect(align([], tokens("", "a"))).toEqual(["added |0", "added |1"]);
  });

  const text = fc.constantFrom(
    "a",
    " cat",
    "cat ",
    "un",
    "happy",
    "\n",
    " ",
    "",
    "猫",
    "👍",
    "\ufffd",
    ".",
    " Red",
  );
  const answer = fc.array(fc.record({ text, stop: fc.boolean() }), { maxLength: 24 });

  it("has every token of both answers once, in order", () => {
    fc.assert(
      fc.property(answer, answer, (a, b) => {
        const pairs = alignTokens(a, b);
        expect(pairs.flatMap((pair) => pair.a)).toEqual(a.map((_, index) => index));
        expect(pairs.flatMap((pair) => pair.b)).toEqual(b.map((_, index) => index));
        for (const pair of pairs) {
          expect(pair.a.length + pair.b.length).toBeGreaterThan(0);
          expect(pair.kind === "removed").toBe(pair.b.length === 0);
          expect(pair.kind === "added").toBe(pair.a.length === 0);
        }
      }),
    );
  });

  it("pairs any answer with itself, each token with itself", () => {
    fc.assert(
      fc.property(answer, (a) => {
        expect(align(a, a)).toEqual(a.map((_, index) => `same ${index}|${index}`));
      }),
    );
  });
});
