import { spawnSync } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { DexarError } from "../../src/core/errors.js";
import { loadPicture } from "../../src/runtime/image/picture.js";
import { pictureFileError } from "../../src/runtime/image/pictureErrors.js";
import { pngFile } from "../helpers/pngFile.js";
import { REFERENCE } from "../helpers/referenceImages.js";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "dexar-bad-picture-"));
});
afterAll(() => rm(folder, { recursive: true }));

/** What loading the file says; fails when the file is read. */
async function refusal(file: string): Promise<DexarError> {
  const error: unknown = await loadPicture(file).then(
    () => new Error("the picture was read"),
    (reason: unknown) => reason,
  );
  if (!(error instanceof DexarError)) throw error;
  expect(error.message).toContain(file);
  expect(error.nextStep).toMatch(/^[A-Z].*\.$/);
  return error;
}

async function refusalOf(name: string, content: string | Uint8Array): Promise<DexarError> {
  const file = path.join(folder, name);
  await writeFile(file, content);
  return refusal(file);
}

describe("loadPicture refuses", () => {
  test("a path where nothing is", async () => {
    expect((await refusal(path.join(folder, "missing.png"))).code).toBe("image-not-found");
    await writeFile(path.join(folder, "file"), "x");
    expect((await refusal(path.join(folder, "file", "inside.png"))).code).toBe("image-not-found");
  });

  test("a folder", async () => {
    const error = await refusal(folder);
    expect([error.code, error.message]).toEqual(["image-is-folder", `${folder} is a folder, not a picture.`]);
  });

  test("a pipe, without waiting for it", async () => {
    const pipe = path.join(folder, "pipe.png");
    if (spawnSync("mkfifo", [pipe]).status !== 0) return;
    const error = await refusal(pipe);
    expect([error.code, error.message]).toEqual(["not-an-image", `${pipe} is not a regular file.`]);
  });

  test("a file of 0 bytes", async () => {
    const error = await refusalOf("empty.png", "");
    expect([error.code, error.message]).toEqual(["image-empty", expect.stringContaining("0 bytes")]);
  });

  test.each([
    ["report.pdf", "%PDF-1.7\n%âãÏÓ", "a PDF document"],
    ["page.png", "<!DOCTYPE html>\n<html><body>404", "an HTML page"],
    ["words.jpg", "Dear diary,\ntoday", 'text ("Dear diary,")'],
    ["data.xml", '<?xml version="1.0"?><root/>', 'text ("<?xml version="1.0"?><root/>")'],
    ["pointer.png", "version https://git-lfs.github.com/spec/v1\noid", "a Git LFS pointer"],
    ["archive.png", "PK\u0003\u0004rest", "a ZIP archive"],
  ])("what is not a picture, saying what it is: %s", async (name, content, kind) => {
    const error = await refusalOf(name, content);
    expect(error.code).toBe("not-an-image");
    expect(error.message).toContain(kind);
  });

  test("unknown bytes, naming the first of them", async () => {
    const error = await refusalOf("noise.png", Uint8Array.of(0xfe, 0xdc, 0, 1));
    expect([error.code, error.message]).toEqual([
      "not-an-image",
      expect.stringContaining("starts with the bytes fe dc 00 01."),
    ]);
  });

  test.each([
    ["HEIC", Buffer.from("\0\0\0\x18ftypheic\0\0\0\0mif1heic", "latin1")],
    ["JPEG XL", Buffer.from("\xff\x0a\0\0", "latin1")],
    ["Photoshop", Buffer.from("8BPS\0\x01", "latin1")],
  ])("a picture in %s format, with a way out", async (format, content) => {
    const error = await refusalOf("picture.png", content);
    expect([error.code, error.message]).toEqual([
      "image-format-unsupported",
      expect.stringContaining(`in ${format} format`),
    ]);
    expect(error.nextStep).toContain("Save it as PNG or JPEG");
  });

  test.each(["png", "jpeg", "webp", "gif", "tiff", "avif"] as const)("a truncated %s", async (format) => {
    const whole = await sharp(`${REFERENCE}/images/cat.png`).toFormat(format).toBuffer();
    for (const part of [0.05, 0.5, 0.95]) {
      const error = await refusalOf(
        `truncated.${format}`,
        whole.subarray(0, Math.round(whole.length * part)),
      );
      expect([error.code, error.message]).toEqual([
        "image-damaged",
        expect.stringMatching(/truncated or damaged \(.+\)\.$/),
      ]);
    }
  });

  test("a PNG with a flipped bit", async () => {
    const png = await sharp(`${REFERENCE}/images/cat.png`).png().toBuffer();
    png[60_000] = (png[60_000] ?? 0) ^ 0x10;
    expect((await refusalOf("flipped.png", png)).code).toBe("image-damaged");
  });

  test("20,000 x 20,000 pixels, by the header alone", async () => {
    const error = await refusalOf("huge.png", pngHeader(20_000, 20_000));
    expect(error.code).toBe("image-too-large");
    expect(error.message).toContain("20000x20000 = 400,000,000 pixels; the limit is 100,000,000");
    const svg = await refusalOf(
      "huge.svg",
      '<svg xmlns="http://www.w3.org/2000/svg" width="20000" height="20000"></svg>',
    );
    expect(svg.code).toBe("image-too-large");
  });
});

describe("pictureFileError", () => {
  test.each([
    ["EACCES", "image-not-readable", "permission denied"],
    ["EPERM", "image-not-readable", "permission denied"],
    ["EISDIR", "image-is-folder", "is a folder"],
    ["ENOENT", "image-not-found", "no picture at"],
    ["EIO", "image-not-readable", "EIO: it broke"],
  ])("puts %s into words", (code, expected, words) => {
    const cause = Object.assign(new Error(`${code}: it broke.`), { code });
    const error = pictureFileError("/some/picture.png", cause);
    expect(error.code).toBe(expected);
    expect(error.message).toContain(words);
    expect(error.message).toContain("/some/picture.png");
  });
});

/** A PNG that claims the size and holds one row's worth of nothing: small, but a correct header. */
function pngHeader(width: number, height: number): Uint8Array {
  return pngFile({ width, height, bitDepth: 8, colourType: 2 }, Buffer.alloc(100));
}
