import { describe, expect, it } from "vitest";
import { labelParts, tokenLabel } from "../../src/core/run/tokenLabel.js";

describe("tokenLabel", () => {
  it.each([
    [" cat", "·cat"],
    ["two words ", "two words·"],
    ["\n\n", "↵↵"],
    ["a\tb", "a⇥b"],
    ["", "∅"],
    ["\u200b", "\\u{200B}"],
    ["\u0007", "\\u{7}"],
    [" 猫", "·猫"],
  ])("shows %j as %s", (text, label) => {
    expect(tokenLabel(text)).toBe(label);
  });

  it("marks what stands for something else", () => {
    expect(labelParts("  cat\n")).toEqual([
      { text: "··", mark: true },
      { text: "cat", mark: false },
      { text: "↵", mark: true },
    ]);
  });
});
