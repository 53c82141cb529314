import sharp from "sharp";
import { describe, expect, test } from "vitest";
import { encodePng } from "../../src/runtime/image/encode.js";

describe("encodePng", () => {
  test.each([1, 3, 4] as const)("keeps every byte with %i channels", async (channels) => {
    const data = Uint8Array.from({ length: 5 * 3 * channels }, (_, i) => (i * 41) % 256);
    const png = await encodePng({ data, width: 5, height: 3, channels });
    expect([...png.subarray(1, 4)]).toEqual([...Buffer.from("PNG")]);
    const { data: back } = await sharp(png).raw().toBuffer({ resolveWithObject: true });
    // sharp gives grey PNGs back as three equal channels
    const stride = back.length / (5 * 3 * channels);
    expect([...back].filter((_, i) => i % stride === 0)).toEqual([...data]);
  });

  test("refuses a buffer of the wrong length", async () => {
    await expect(encodePng({ data: new Uint8Array(5), width: 1, height: 1, channels: 3 })).rejects.toThrow(
      RangeError,
    );
  });
});
