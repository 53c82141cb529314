import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createEngine } from "../../src/runtime/engine.js";
import { loadPicture } from "../../src/runtime/image/picture.js";
import { previewPicture } from "../../src/runtime/image/preview.js";
import { makeBmp } from "../helpers/makeBmp.js";
import { BUNDLED_MODEL, bundledRequest } from "../helpers/bundledModel.js";
import { neverAborted } from "../helpers/explainRequest.js";

const folder = mkdtempSync(join(tmpdir(), "dexar-formats-"));
const engine = createEngine();
const quiet = () => undefined;
beforeAll(async () => {
  await engine.load({ modelDir: BUNDLED_MODEL, device: "cpu", dtype: "fp32" }, quiet);
});
afterAll(async () => {
  await engine.dispose();
  rmSync(folder, { recursive: true });
});

const filesOf = (name: string) => ({
  runPath: join(folder, `${name}.dexar`),
  picturePath: join(folder, `${name}.shown`),
  digestPath: join(folder, `${name}.digest`),
});
const SIZE = { width: 40, height: 24 };
const SVG = `<svg xmlns="http://www.w3.org/2000/svg" width="40" height="24"><rect width="20" height="24" fill="#c83232"/></svg>`;
/** Left half red, right half white. */
const halves = () => sharp(Buffer.from(SVG)).flatten({ background: "#ffffff" });
const rgb = async () => new Uint8Array(await halves().raw().toBuffer());

/** Two frames: the halves, then black. */
async function animation(): Promise<Buffer> {
  const black = Buffer.alloc(40 * 24 * 3);
  const frames = Buffer.concat([Buffer.from(await rgb()), black]);
  return sharp(frames, { raw: { width: 40, height: 48, channels: 3, pageHeight: 24 } })
    .gif({ delay: [100, 100] })
    .toBuffer();
}

const FORMATS: readonly [string, () => Promise<Uint8Array> | Uint8Array][] = [
  ["png", () => halves().png().toBuffer()],
  ["jpg", () => halves().jpeg({ quality: 95, chromaSubsampling: "4:4:4" }).toBuffer()],
  ["webp", () => halves().webp({ lossless: true }).toBuffer()],
  ["gif", animation],
  ["tiff", () => halves().tiff({ compression: "lzw" }).toBuffer()],
  ["avif", () => halves().avif({ lossless: true }).toBuffer()],
  ["svg", () => Buffer.from(SVG)],
  ["bmp", async () => makeBmp(await rgb(), SIZE, { bits: 24 })],
];

describe("every format is explained and shown", () => {
  test.each(FORMATS)("%s", async (name, make) => {
    const imagePath = join(folder, `halves.${name}`);
    writeFileSync(imagePath, await make());
    const files = filesOf(name);
    const request = { ...bundledRequest({ imagePath, maxNewTokens: 2 }), files };
    const saved = await engine.explainToFile(request, quiet, neverAborted);
    expect(saved.info.image).toMatchObject({ ...SIZE, entry: `image.${name}`, name: `halves.${name}` });
    expect(saved.info.tokens).toHaveLength(2);
    const shown = await sharp(readFileSync(saved.picturePath))
      .removeAlpha()
      .raw()
      .toBuffer({ resolveWithObject: true });
    expect(shown.info).toMatchObject(SIZE);
    // What is shown is what the model sees, and that is the halves.
    const { data } = await loadPicture(imagePath);
    expect(Buffer.compare(shown.data, data)).toBe(0);
    const expected = await rgb();
    const worst = data.reduce((most, value, i) => Math.max(most, Math.abs(value - (expected[i] ?? NaN))), 0);
    expect(worst).toBeLessThanOrEqual(name === "jpg" || name === "avif" ? 24 : 0);
  });

  test("a JPEG turned by EXIF, upright", async () => {
    const imagePath = join(folder, "turned.jpg");
    writeFileSync(imagePath, await halves().withMetadata({ orientation: 6 }).jpeg().toBuffer());
    const files = filesOf("turned");
    const request = { ...bundledRequest({ imagePath, maxNewTokens: 1 }), files };
    const { info, picturePath } = await engine.explainToFile(request, quiet, neverAborted);
    expect([info.image.width, info.image.height]).toEqual([24, 40]);
    expect(await sharp(readFileSync(picturePath)).metadata()).toMatchObject({ width: 24, height: 40 });
  });
});

describe("BMP", () => {
  const load = async (name: string, bytes: Uint8Array) => {
    const path = join(folder, name);
    writeFileSync(path, bytes);
    return loadPicture(path);
  };
  /** 3 x 2: rows padded in every depth. */
  const small = { width: 3, height: 2 };
  const colours = [255, 0, 0, 0, 255, 0, 0, 0, 255, 255, 255, 255, 0, 0, 0, 255, 0, 0];

  test.each([
    ["1 bit", [255, 255, 255, 0, 0, 0, 255, 255, 255, 0, 0, 0, 0, 0, 0, 255, 255, 255], { bits: 1 }],
    ["4 bits", colours, { bits: 4 }],
    ["8 bits", colours, { bits: 8 }],
    ["16 bits", colours, { bits: 16 }],
    ["16 bits, 5-6-5", colours, { bits: 16, masks: [0xf800, 0x7e0, 0x1f] }],
    ["24 bits", colours, { bits: 24 }],
    ["24 bits from the top", colours, { bits: 24, topDown: true }],
    ["24 bits, OS/2", colours, { bits: 24, old: true }],
    ["8 bits, OS/2", colours, { bits: 8, old: true }],
    ["32 bits", colours, { bits: 32 }],
    ["32 bits, other order", colours, { bits: 32, masks: [0xff, 0xff00, 0xff0000] }],
    ["32 bits, highest byte", colours, { bits: 32, masks: [0xff000000, 0xff0000, 0xff00] }],
  ] as const)("of %s", async (name, values, options) => {
    const bytes = makeBmp(Uint8Array.from(values), small, options);
    const picture = await load(`${name.replace(/\W/g, "")}.bmp`, bytes);
    expect([picture.width, picture.height, picture.format, picture.warnings]).toEqual([3, 2, "bmp", []]);
    expect([...picture.data]).toEqual([...values]);
    expect([...(await previewPicture(bytes, 100)).data]).toEqual([...values]);
  });

  test("5 bits are stretched to 8 as PIL does", async () => {
    const values = Uint8Array.from([8 * 17, 8 * 3, 8 * 30, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    const { data } = await load("grey.bmp", makeBmp(values, small, { bits: 16 }));
    expect([...data.subarray(0, 3)]).toEqual([17, 3, 30].map((value) => Math.floor((value * 255) / 31)));
  });

  test("that is compressed is refused with a way out", async () => {
    const bytes = makeBmp(Uint8Array.from(colours), small, { bits: 8 });
    new DataView(bytes.buffer).setUint32(30, 1, true);
    await expect(load("rle.bmp", bytes)).rejects.toMatchObject({
      code: "image-format-unsupported",
      nextStep: "Save it as PNG or JPEG with any picture program and give that file.",
    });
  });

  test("that is cut off, contradicts itself or is too large is refused", async () => {
    const bytes = makeBmp(Uint8Array.from(colours), small, { bits: 24 });
    await expect(load("cut.bmp", bytes.subarray(0, bytes.length - 8))).rejects.toMatchObject({
      code: "image-damaged",
    });
    await expect(load("head.bmp", bytes.subarray(0, 20))).rejects.toMatchObject({ code: "image-damaged" });
    const empty = bytes.slice();
    new DataView(empty.buffer).setInt32(18, 0, true);
    await expect(load("empty.bmp", empty)).rejects.toMatchObject({ code: "image-damaged" });
    const huge = bytes.slice();
    new DataView(huge.buffer).setInt32(18, 20_000, true);
    new DataView(huge.buffer).setInt32(22, -20_000, true);
    await expect(load("huge.bmp", huge)).rejects.toMatchObject({ code: "image-too-large" });
  });
});
