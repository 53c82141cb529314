import { describe, expect, it } from "vitest";
import { cutText, padText, textWidth, wrapColumns } from "../../src/core/run/textWidth.js";

describe("textWidth", () => {
  it("counts columns, not characters", () => {
    expect(["cat", "猫", "e\u0301", "😀", ""].map(textWidth)).toEqual([3, 2, 1, 2, 0]);
  });

  it("cuts and fills to a width", () => {
    expect(cutText("elephant", 5)).toBe("elep…");
    expect(cutText("猫猫猫", 4)).toBe("猫…");
    expect(padText("12", 4, "right")).toBe("  12");
    expect(padText("猫", 4, "left")).toBe("猫  ");
  });

  it("wraps at spaces and cuts long words", () => {
    expect(wrapColumns("a cat and an extraordinary dog", 8)).toEqual(["a cat", "and an", "extraor…", "dog"]);
  });
});
