import { describe, expect, it } from "vitest";
import { tintRaster } from "../../src/core/heatmap/tintRaster.js";
import { tintSigned } from "../../src/core/heatmap/tintSigned.js";

describe("tintRaster", () => {
  it("is clear at zero and grows with the value up to the opacity", () => {
    const pixels = tintRaster([0, 0.5, 1, 7, -1], (value) => [100 * value, 20, 0], 0.8);
    expect(Array.from(pixels.subarray(0, 4))).toEqual([0, 20, 0, 0]);
    expect(Array.from(pixels.subarray(4, 8))).toEqual([50, 20, 0, 102]);
    expect(Array.from(pixels.subarray(8, 12))).toEqual([100, 20, 0, 204]);
    expect(Array.from(pixels.subarray(12, 16))).toEqual([100, 20, 0, 204]);
    expect(pixels[19]).toBe(0);
  });
});

describe("tintSigned", () => {
  it("is clear at zero and grows to both sides, each in its colours", () => {
    const pixels = tintSigned([0, 1, -1, -0.4, 9, -9], (value) => [200 * value, 20, 0], 0.5);
    const pixel = (index: number) => Array.from(pixels.subarray(4 * index, 4 * index + 4));
    expect(pixel(0)).toEqual([100, 20, 0, 0]);
    expect(pixel(1)).toEqual([200, 20, 0, 128]);
    expect(pixel(2)).toEqual([0, 20, 0, 128]);
    expect(pixel(3)).toEqual([60, 20, 0, 51]);
    expect(pixel(4)).toEqual(pixel(1));
    expect(pixel(5)).toEqual(pixel(2));
  });

  it("shows nothing where there is no number", () => {
    expect(tintSigned([NaN], () => [1, 2, 3], 1)[3]).toBe(0);
  });
});
