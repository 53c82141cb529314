import { createRequire } from "node:module";
import sharp from "sharp";
import { describe, expect, test } from "vitest";
import { composePng, encodePng } from "../../src/runtime/image/encode.js";
import type { Pixels } from "../../src/runtime/image/pixels.js";
import { renderText } from "../../src/runtime/image/renderText.js";

const FONT_FILE = createRequire(import.meta.url).resolve("dejavu-fonts-ttf/ttf/DejaVuSans.ttf");
const STYLE = { size: 20, colour: [255, 0, 0], font: "DejaVu Sans", fontFile: FONT_FILE } as const;

async function decode(png: Uint8Array): Promise<Pixels> {
  const { data, info } = await sharp(png).raw().toBuffer({ resolveWithObject: true });
  return { ...info, data: new Uint8Array(data) };
}

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

describe("composePng", () => {
  test("lays see-through pixels, PNG and SVG bytes over the background", async () => {
    const half = { data: Uint8Array.of(255, 255, 255, 128), width: 1, height: 1, channels: 4 } as const;
    const red = await encodePng({ data: Uint8Array.of(255, 0, 0), width: 1, height: 1, channels: 3 });
    const svg = Buffer.from(
      '<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"><rect width="1" height="1" fill="#00f"/></svg>',
    );
    const png = await composePng({ width: 4, height: 1, background: [0, 0, 0] }, [
      { image: half, left: 1, top: 0 },
      { image: red, left: 2, top: 0 },
      { image: svg, left: 3, top: 0 },
    ]);
    const { data, width, height, channels } = await decode(png);
    expect([width, height, channels]).toEqual([4, 1, 3]);
    expect([...data]).toEqual([0, 0, 0, 128, 128, 128, 255, 0, 0, 0, 0, 255]);
  });
});

describe("renderText", () => {
  test("draws in the colour, on a transparent ground, all texts of a style at one height", async () => {
    const [low, high] = await Promise.all([renderText("ace", STYLE), renderText("Ágj", STYLE)]);
    expect(low.channels).toBe(4);
    expect(low.height).toBe(high.height);
    const opaque = Array.from({ length: low.width * low.height }, (_, i) => [
      ...low.data.subarray(i * 4, i * 4 + 4),
    ]);
    const inked = opaque.filter((pixel) => pixel[3] === 255);
    expect(inked.length).toBeGreaterThan(20);
    expect(inked.every(([r, g, b]) => r === 255 && g === 0 && b === 0)).toBe(true);
    expect(opaque.some((pixel) => pixel[3] === 0)).toBe(true);
  });

  test("is wider for a longer text and has no invisible strut at the left", async () => {
    const [one, three] = await Promise.all([renderText("l", STYLE), renderText("lll", STYLE)]);
    expect(one.width).toBeLessThan(6);
    expect(three.width).toBeGreaterThan(2 * one.width);
  });

  test("takes markup, control characters and blanks as plain text", async () => {
    const markup = await renderText('<b>&"\u0001</b>\n', STYLE);
    expect(markup.width).toBeGreaterThan(60);
    for (const blank of ["", "  "]) {
      const { width, data } = await renderText(blank, STYLE);
      expect(width).toBe(1);
      expect(data.every((value, i) => i % 4 !== 3 || value === 0)).toBe(true);
    }
  });
});
