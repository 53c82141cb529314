import { describe, expect, it } from "vitest";
import { tintRaster } from "../../src/core/heatmap/tintRaster.js";

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
