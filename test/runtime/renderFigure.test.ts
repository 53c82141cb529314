import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startModelProcess } from "../helpers/startFakeProcess.js";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), "dexar-figure-"));
  const fonts = `<dir>${path.join(folder, "none")}</dir><cachedir>${path.join(folder, "cache")}</cachedir>`;
  const head = '<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd">';
  writeFileSync(path.join(folder, "fonts.conf"), `${head}<fontconfig>${fonts}</fontconfig>`);
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Columns with ink. */
async function inkWidth(png: Uint8Array): Promise<number> {
  const { data, info } = await sharp(png).greyscale().raw().toBuffer({ resolveWithObject: true });
  const dark = Array.from(data.keys()).filter((pixel) => (data[pixel] ?? 255) < 128);
  return new Set(dark.map((pixel) => pixel % info.width)).size;
}

const line = (text: string): string =>
  `<svg xmlns="http://www.w3.org/2000/svg" width="400" height="60"><rect width="400" height="60" fill="#fff"/>` +
  `<text x="4" y="40" font-size="30" font-family="Helvetica, sans-serif">${text}</text></svg>`;

describe("the model process, without a model", () => {
  it("draws figures, and letters them on a machine without fonts", async () => {
    const env = { ...process.env, FONTCONFIG_FILE: path.join(folder, "fonts.conf") };
    const client = await startModelProcess({ env });
    const narrow = await client.renderFigure({ svg: line("iiiiiiiiii"), dpi: 300 });
    const wide = await client.renderFigure({ svg: line("WWWWWWWWWW"), dpi: 300 });
    expect(await sharp(narrow).metadata()).toMatchObject({ format: "png", width: 400, density: 300 });
    // Boxes in place of missing letters are all of one width.
    expect(await inkWidth(wide)).toBeGreaterThan(2 * (await inkWidth(narrow)));
    expect(await inkWidth(narrow)).toBeGreaterThan(10);
    await client.dispose();
  });

  it("says what is wrong with a document that is none", async () => {
    const client = await startModelProcess();
    await expect(client.renderFigure({ svg: "<svg", dpi: 300 })).rejects.toMatchObject({ code: "internal" });
    await client.dispose();
  });
});
