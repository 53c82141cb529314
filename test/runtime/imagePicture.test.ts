import { createHash } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import sharp, { type Sharp } from "sharp";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { loadPicture } from "../../src/runtime/image/picture.js";
import { readPixels, REFERENCE } from "../helpers/referenceImages.js";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "dexar-picture-"));
});
afterAll(() => rm(folder, { recursive: true }));

/** Writes the bytes to a file of the test's folder and loads it. */
async function load(name: string, content: Uint8Array | Sharp) {
  const file = path.join(folder, name);
  await writeFile(file, content instanceof Uint8Array ? content : await content.toBuffer());
  return loadPicture(file);
}

/** Three pixels in a row. */
function pixels(data: Uint8Array | Uint16Array, channels: 1 | 2 | 3 | 4): Sharp {
  return sharp(data, { raw: { width: data.length / channels, height: 1, channels } });
}
const RGB = Uint8Array.of(10, 20, 30, 100, 110, 120, 200, 210, 220);
const RGBA = Uint8Array.of(10, 20, 30, 255, 100, 110, 120, 128, 200, 210, 220, 0);

describe("loadPicture reads", () => {
  test("a PNG: its pixels, its own bytes and their hash", async () => {
    const file = `${REFERENCE}/images/cat.png`;
    const picture = await loadPicture(file);
    const bytes = await readFile(file);
    expect([picture.width, picture.height, picture.format]).toEqual([330, 220, "png"]);
    expect(Buffer.compare(picture.data, (await readPixels(file)).data)).toBe(0);
    expect(Buffer.compare(picture.bytes, bytes)).toBe(0);
    expect(picture.sha256).toBe(createHash("sha256").update(bytes).digest("hex"));
    expect(picture.warnings).toEqual([]);
  });

  test("a name that says another format, by its content", async () => {
    expect((await load("really-a-png.jpg", pixels(RGB, 3).png())).format).toBe("png");
  });

  test("lossless WebP, GIF, TIFF without a change", async () => {
    const webp = await load("a.webp", pixels(RGB, 3).webp({ lossless: true }));
    const gif = await load("a.gif", pixels(RGB, 3).gif());
    const tiff = await load("a.tiff", pixels(RGB, 3).tiff({ compression: "lzw" }));
    expect([webp.format, gif.format, tiff.format]).toEqual(["webp", "gif", "tiff"]);
    for (const { data, warnings } of [webp, gif, tiff]) expect([[...data], warnings]).toEqual([[...RGB], []]);
  });

  test("JPEG and AVIF", async () => {
    const flat = sharp({
      create: { width: 32, height: 16, channels: 3, background: { r: 200, g: 100, b: 50 } },
    });
    for (const [format, file] of [
      ["jpg", flat.clone().jpeg()],
      ["avif", flat.clone().avif()],
    ] as const) {
      const picture = await load(`flat.${format}`, file);
      expect([picture.format, picture.width, picture.height]).toEqual([format, 32, 16]);
      [200, 100, 50].forEach((value, c) =>
        expect(Math.abs((picture.data[c] ?? 0) - value)).toBeLessThanOrEqual(4),
      );
    }
  });

  test("SVG, drawn on white", async () => {
    const svg =
      '<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg" width="2" height="1"><rect width="1" height="1" fill="#f00"/></svg>';
    const picture = await load("drawing.svg", Buffer.from(svg));
    expect([...picture.data]).toEqual([255, 0, 0, 255, 255, 255]);
    expect(picture.warnings).toEqual([expect.stringContaining("2x1 pixels on white")]);
  });

  test("a picture of one pixel", async () => {
    const picture = await load("one.png", pixels(Uint8Array.of(1, 2, 3), 3).png());
    expect([picture.width, picture.height, ...picture.data]).toEqual([1, 1, 1, 2, 3]);
  });

  test("grey as RGB", async () => {
    const grey = await load(
      "grey.png",
      pixels(Uint8Array.of(0, 77, 255), 1)
        .toColourspace("b-w")
        .png(),
    );
    expect([...grey.data]).toEqual([0, 0, 0, 77, 77, 77, 255, 255, 255]);
    expect(grey.warnings).toEqual([]);
  });

  test("16 bits a channel scaled to 8: the high byte", async () => {
    const values = Uint16Array.of(0, 255, 256, 65535, 32768, 40000);
    const rgb = await load("rgb16.png", pixels(values, 3).toColourspace("rgb16").png());
    expect([...rgb.data]).toEqual([0, 0, 1, 255, 128, 156]);
    expect(rgb.warnings).toEqual([expect.stringContaining("16 bits")]);
    const grey = await load("grey16.png", pixels(values, 1).toColourspace("grey16").png());
    expect([...grey.data].filter((_, i) => i % 3 === 0)).toEqual([0, 0, 1, 255, 128, 156]);
  });

  test("CMYK as sRGB", async () => {
    const flat = sharp({
      create: { width: 16, height: 16, channels: 3, background: { r: 240, g: 130, b: 20 } },
    });
    const picture = await load("cmyk.jpg", flat.toColourspace("cmyk").jpeg({ quality: 100 }));
    expect((await sharp(picture.bytes).metadata()).space).toBe("cmyk");
    [240, 130, 20].forEach((value, c) => expect(Math.abs((picture.data[c] ?? 0) - value)).toBeLessThan(20));
    expect(picture.warnings).toEqual([expect.stringContaining("CMYK")]);
  });

  test("transparency as PIL drops it: the colours beneath", async () => {
    const picture = await load("alpha.png", pixels(RGBA, 4).png());
    expect([...picture.data]).toEqual([...RGB]);
    expect(picture.warnings).toEqual([expect.stringContaining("transparent")]);
    const grey = await load("grey-alpha.png", pixels(Uint8Array.of(7, 255, 9, 0), 2).png());
    expect([...grey.data]).toEqual([7, 7, 7, 9, 9, 9]);
  });

  test("an alpha channel that is opaque everywhere, without a warning", async () => {
    const opaque = RGBA.map((value, i) => (i % 4 === 3 ? 255 : value));
    expect((await load("opaque.png", pixels(opaque, 4).png())).warnings).toEqual([]);
  });

  test("the first frame of an animation", async () => {
    const frames = Uint8Array.of(...RGB, ...RGB.map((value) => 255 - value));
    const animation = sharp(frames, { raw: { width: 3, height: 2, channels: 3, pageHeight: 1 } }).gif({
      delay: [50, 50],
    });
    const picture = await load("animation.gif", animation);
    expect([picture.width, picture.height, ...picture.data]).toEqual([3, 1, ...RGB]);
    expect(picture.warnings).toEqual([expect.stringContaining("2 frames")]);
  });

  test("numbers of a picture with a wide colour profile unchanged, with a warning; sRGB without one", async () => {
    const wide = await load("p3.png", pixels(RGB, 3).withIccProfile("p3", { attach: true }).png());
    const stored = await sharp(wide.bytes, { ignoreIcc: true }).raw().toBuffer();
    expect([...wide.data]).toEqual([...stored]);
    expect(wide.warnings).toEqual([expect.stringMatching(/colour profile \(.*P3.*\) is ignored/)]);
    expect((await load("srgb.png", pixels(RGB, 3).withIccProfile("srgb").png())).warnings).toEqual([]);
  });
});

describe("loadPicture turns a picture upright", () => {
  // A 3x2 picture with six different colours, stored so that each EXIF orientation shows it the same way.
  const upright = [
    ["r", "g", "b"],
    ["w", "k", "y"],
  ];
  const colours: Record<string, readonly number[]> = {
    r: [255, 0, 0],
    g: [0, 255, 0],
    b: [0, 0, 255],
    w: [255, 255, 255],
    k: [0, 0, 0],
    y: [255, 255, 0],
  };
  const transpose = (rows: string[][]) => (rows[0] ?? []).map((_, i) => rows.map((row) => row[i] ?? ""));
  const mirror = (rows: string[][]) => rows.map((row) => row.toReversed());
  const flip = (rows: string[][]) => rows.toReversed();
  const stored: Record<number, string[][]> = {
    1: upright,
    2: mirror(upright),
    3: mirror(flip(upright)),
    4: flip(upright),
    5: transpose(upright),
    6: flip(transpose(upright)),
    7: mirror(flip(transpose(upright))),
    8: mirror(transpose(upright)),
  };

  test.each([1, 2, 3, 4, 5, 6, 7, 8])("EXIF orientation %i", async (orientation) => {
    const rows = stored[orientation] ?? [];
    const data = Uint8Array.from(rows.flat().flatMap((name) => [...(colours[name] ?? [])]));
    const raw = { width: rows[0]?.length ?? 0, height: rows.length, channels: 3 } as const;
    const file = sharp(data, { raw }).withMetadata({ orientation }).tiff({ compression: "lzw" });
    const picture = await load(`orientation-${orientation}.tiff`, file);
    expect((await sharp(picture.bytes).metadata()).orientation).toBe(orientation);
    expect([picture.width, picture.height]).toEqual([3, 2]);
    expect([...picture.data]).toEqual(upright.flat().flatMap((name) => [...(colours[name] ?? [])]));
  });
});
