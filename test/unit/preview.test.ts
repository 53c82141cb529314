import sharp, { type Create } from "sharp";
import { describe, expect, it } from "vitest";
import { previewPicture, stretchedPicture } from "../../src/runtime/image/preview.js";
import { digestPicture } from "../../src/runtime/image/viewPicture.js";

const square = (channels: 3 | 4, background: Create["background"]) =>
  sharp({ create: { width: 8, height: 4, channels, background } });

describe("previewPicture", () => {
  it.each([
    ["grey", square(3, "#808080").toColourspace("b-w").png(), [128, 128, 128]],
    ["16-bit", square(3, "#ff8000").toColourspace("rgb16").png(), [255, 128, 0]],
    ["see-through", square(4, { r: 10, g: 20, b: 30, alpha: 0.5 }).png(), [10, 20, 30]],
    ["CMYK", square(3, "#ffffff").toColourspace("cmyk").jpeg(), [255, 255, 255]],
  ])("gives RGB for a %s picture", async (_, file, colour) => {
    const { data, width, height, channels } = await previewPicture(await file.toBuffer(), 100);
    expect([width, height, channels, data.length]).toEqual([8, 4, 3, 96]);
    colour.forEach((value, channel) => expect(Math.abs((data[channel] ?? 0) - value)).toBeLessThanOrEqual(2));
  });

  it("puts a drawing on white, as the model sees it", async () => {
    const svg = '<svg xmlns="http://www.w3.org/2000/svg" width="8" height="4"/>';
    const { data } = await previewPicture(Buffer.from(svg), 100);
    expect(Array.from(data.subarray(0, 3))).toEqual([255, 255, 255]);
  });

  it("turns the picture upright and shrinks it", async () => {
    const file = await square(3, "red").withMetadata({ orientation: 6 }).jpeg().toBuffer();
    expect(await previewPicture(file, 100)).toMatchObject({ width: 4, height: 8 });
    expect(await previewPicture(file, 4)).toMatchObject({ width: 2, height: 4 });
    expect(await stretchedPicture(file, { width: 30, height: 20 })).toMatchObject({ width: 30, height: 20 });
  });
});

describe("digestPicture", () => {
  it("takes the panel's picture where that is small, and makes a large one small", async () => {
    const shown = { type: "image/png", bytes: new Uint8Array(100_000) } as const;
    const noise = { type: "gaussian" as const, mean: 128, sigma: 60 };
    const file = await sharp({ create: { width: 1500, height: 900, channels: 3, background: "red", noise } })
      .jpeg()
      .toBuffer();
    expect(await digestPicture(file, shown)).toBe(shown);
    const large = { type: "image/png", bytes: new Uint8Array(100_001) } as const;
    const { type, bytes } = await digestPicture(file, large);
    expect(type).toBe("image/jpeg");
    expect(await sharp(bytes).metadata()).toMatchObject({
      ...{ format: "jpeg", width: 1024, height: 614, chromaSubsampling: "4:2:0" },
    });
    const plain = await digestPicture(await square(3, "red").png().toBuffer(), null);
    expect(plain.type).toBe("image/png");
  });
});
