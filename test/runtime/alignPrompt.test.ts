import fc from "fast-check";
import { expect, test } from "vitest";
import { alignPrompt } from "../../src/runtime/answer/alignPrompt.js";

const IMAGE = 99;
/** Ids of words; those of the picture and its marks are larger. */
const words = fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 4, maxLength: 12 });
const added = fc.array(fc.constant(50), { maxLength: 1 });

test("a placeholder that the picture's tokens take the place of", () => {
  fc.assert(
    fc.property(words, words, fc.integer({ min: 1, max: 9 }), added, (before, after, count, bos) => {
      const picture = Array.from({ length: count }, () => IMAGE);
      const places = alignPrompt(
        [...before, IMAGE, ...after],
        [...bos, ...before, ...picture, ...after],
        IMAGE,
      );
      const start = bos.length + before.length;
      expect(places).toEqual([
        ...before.map((_, i) => bos.length + i),
        start,
        ...after.map((_, i) => start + count + i),
      ]);
    }),
  );
});

test("a placeholder that marks and several runs of picture tokens take the place of", () => {
  fc.assert(
    fc.property(words, words, added, added, (before, after, bos, eos) => {
      const picture = [61, 60, IMAGE, IMAGE, 62, IMAGE, 60, 61];
      const ids = [...bos, ...before, ...picture, ...after, ...eos];
      const places = alignPrompt([...before, 60, ...after], ids, IMAGE);
      const start = bos.length + before.length + picture.length;
      expect(places?.slice(0, before.length)).toEqual(before.map((_, i) => bos.length + i));
      expect(places?.slice(before.length + 1)).toEqual(after.map((_, i) => start + i));
    }),
  );
});

test("words that the marks were merged with have no place, the others have", () => {
  // "user" "\n" <start> "What", where the line ends before the mark became one token of three.
  expect(alignPrompt([1, 2, 10, 60, 3, 4], [1, 2, 13, 60, IMAGE, IMAGE, 61, 12, 3, 4], IMAGE)).toEqual([
    0,
    1,
    null,
    null,
    8,
    9,
  ]);
});

test("another prompt is not found", () => {
  expect(alignPrompt([1, 2, 3, 4, 60, 5, 6], [7, 8, 9, 60, IMAGE, 61, 5, 6], IMAGE)).toBeNull();
});
