import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parsePromptFile } from "../../src/core/prompts/parsePromptFile.js";
import { documentOffset, lineAndColumn, promptOffset } from "../../src/core/prompts/promptOffsets.js";

describe("places in the words and in the file", () => {
  it.each(["\n", "\r\n", "\r"])("are the same characters with the line end %j", (eol) => {
    const text = ["\uFEFF---", "seed: 1", "---", "", "one 👍", "", "two", "three", ""].join(eol);
    const file = parsePromptFile(text);
    expect(file.prompt).toBe("one 👍\n\ntwo\nthree");
    for (const word of ["one", "👍", "two", "three"]) {
      expect(documentOffset(file, text, file.prompt.indexOf(word))).toBe(text.indexOf(word));
      expect(promptOffset(file, text, text.indexOf(word))).toBe(file.prompt.indexOf(word));
    }
    expect(documentOffset(file, text, file.prompt.length)).toBe(file.promptSpan[1]);
  });

  it("has no place in the words for the front matter and the end of the file", () => {
    const text = "---\nseed: 1\n---\nwhat?\n";
    const file = parsePromptFile(text);
    expect([0, 6, 15, text.length].map((offset) => promptOffset(file, text, offset))).toEqual([
      null,
      null,
      null,
      null,
    ]);
    expect([16, 21].map((offset) => promptOffset(file, text, offset))).toEqual([0, 5]);
  });

  it("takes the middle of a line end as its start", () => {
    const text = "a\r\nb";
    expect([0, 1, 2, 3, 4].map((offset) => promptOffset(parsePromptFile(text), text, offset))).toEqual([
      0, 1, 1, 2, 3,
    ]);
  });

  it("lead there and back, in any text", () => {
    const piece = fc.constantFrom("\r\n", "\n", "\r", " ", "a", "é", "👍", "---", "seed: 1");
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
        const text = pieces.join("");
        const file = parsePromptFile(text);
        for (let offset = 0; offset <= file.prompt.length; offset++)
          expect(promptOffset(file, text, documentOffset(file, text, offset))).toBe(offset);
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
