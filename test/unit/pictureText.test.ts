import { describe, expect, it } from "vitest";
import { fitLine, wrapText } from "../../src/core/figure/fitText.js";
import { typeface } from "../../src/runtime/picture/typeface.js";

describe("typeface", () => {
  const face = typeface("regular");

  it("draws letters as outlines", () => {
    expect(face.outline("cat", 0, 10, 12)).toMatch(/^M[\d. QLZ-]+/);
    expect(face.measure("cat cat", 12)).toBeGreaterThan(2 * face.measure("cat", 12));
  });

  it("writes a character it has no glyph for as its code point", () => {
    expect(face.outline("猫", 0, 10, 12)).toBe(face.outline("\\u{732B}", 0, 10, 12));
    expect(face.outline("·↵⇥∅", 0, 10, 12)).not.toContain("NaN");
  });
});

describe("fitLine and wrapText", () => {
  const face = typeface("regular");

  it("shortens to the width", () => {
    const line = fitLine(face.measure, "a rather long line of words", 12, 80);
    expect(line).toMatch(/^a rather.*…$/);
    expect(face.measure(line, 12)).toBeLessThanOrEqual(80);
    expect(fitLine(face.measure, "short", 12, 80)).toBe("short");
  });

  it("wraps into a given number of lines", () => {
    const lines = wrapText(face.measure, "one two three four five six seven eight nine ten", 12, 100, 2);
    expect(lines).toHaveLength(2);
    expect(lines.at(-1)).toMatch(/…$/);
    expect(lines.every((line) => face.measure(line, 12) <= 100)).toBe(true);
    expect(wrapText(face.measure, "  ", 12, 100, 2)).toEqual([]);
  });
});
