import { describe, expect, it } from "vitest";
import { formatNumber, formatProbability, formatShare } from "../../src/core/run/formatNumber.js";

describe("formatNumber", () => {
  it.each([
    [0, "0"],
    [0.04213, "0.0421"],
    [0.000013, "1.3e-5"],
    [12.345, "12.3"],
    [123.4, "123"],
    [1234.5, "1235"],
    [1.5e6, "1.5e6"],
    [-0.5, "-0.500"],
    [3, "3"],
    [Number.NaN, "n/a"],
    [Infinity, "∞"],
  ])("writes %d as %s", (value, text) => {
    expect(formatNumber(value)).toBe(text);
  });
});

describe("formatProbability", () => {
  it.each([
    [0, "100 %"],
    [Math.log(0.994), "99.4 %"],
    [Math.log(0.42), "42 %"],
    [Math.log(0.0042), "0.42 %"],
    [-40, "<0.01 %"],
  ])("writes exp(%d) as %s", (logprob, text) => {
    expect(formatProbability(logprob)).toBe(text);
  });
});

describe("formatShare", () => {
  it("keeps small shares visible", () => {
    expect([0, 0.004, 0.137, 1].map(formatShare)).toEqual(["0 %", "<1 %", "14 %", "100 %"]);
  });
});
