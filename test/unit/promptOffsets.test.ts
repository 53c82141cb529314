import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parsePromptFile } from "../../src/core/prompts/parsePromptFile.js";
import { documentOffset, lineAndColumn } from "../../src/core/prompts/promptOffsets.js";

describe("places in the words and in the file", () => {
  it.each(["\n", "\r\n", "\r"])("are the same characters with the line end %j", (eol) => {
    const text = ["\uFEFF---", "seed: 1", "---", "", "one 👍", "", "two", "three", ""].join(eol);
    const file = parsePromptFile(text);
    expect(file.prompt).toBe("one 👍\n\ntwo\nthree");
    for (const word of ["one", "👍", "two", "three"])
      expect(documentOffset(file, text, file.prompt.indexOf(word))).toBe(text.indexOf(word));
    expect(documentOffset(file, text, file.prompt.length)).toBe(file.promptSpan[1]);
  });

  it("are the same characters in any text, each line end as one", () => {
    const piece = fc.constantFrom("\r\n", "\n", "\r", " ", "a", "é", "👍", "---", "seed: 1");
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
        const text = pieces.join("");
        const file = parsePromptFile(text);
        const starts = [...file.prompt].map((_, at, all) => all.slice(0, at).join("").length);
        const places = [...starts, file.prompt.length].map((offset) => documentOffset(file, text, offset));
        const characters = places.slice(0, -1).map((from, at) => text.slice(from, places[at + 1]));
        expect(characters.join("").replaceAll(/\r\n|\r/g, "\n")).toBe(file.prompt);
        expect(characters.every((character) => [...character.replace("\r\n", "\n")].length === 1)).toBe(true);
      }),
    );
  });
});

it("counts lines and columns from 1, without the byte order mark", () => {
  const text = "\uFEFFab\r\ncd\ne";
  expect([1, 2, 5, 6, 8].map((offset) => lineAndColumn(text, offset))).toEqual([
    { line: 1, column: 1 },
    { line: 1, column: 2 },
    { line: 2, column: 1 },
    { line: 2, column: 2 },
    { line: 3, column: 1 },
  ]);
});
