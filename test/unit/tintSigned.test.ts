import { describe, expect, it } from "vitest";
import { tintSigned } from "../../src/core/heatmap/tintSigned.js";

describe("tintSigned", () => {
  const scale = (value: number) => [255 * value, 0, 255 * (1 - value)] as const;

  it("is clear at 0 and opaque as asked at both ends", () => {
    const pixels = tintSigned([-1, 0, 1, 0.5], scale, 0.8);
    expect(Array.from(pixels.slice(0, 4))).toEqual([0, 0, 255, 204]);
    expect(pixels[7]).toBe(0);
    expect(Array.from(pixels.slice(8, 12))).toEqual([255, 0, 0, 204]);
    expect(pixels[15]).toBeCloseTo(102, -1);
  });

  it("clamps what is outside -1 to 1", () => {
    expect(Array.from(tintSigned([-5, 7], scale, 1))).toEqual([0, 0, 255, 255, 255, 0, 0, 255]);
  });
});
