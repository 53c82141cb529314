import sharp from "sharp";
import { describe, expect, it } from "vitest";
import { attribute } from "../../src/core/attribution/attribute.js";
import { attributionInput } from "../../src/core/attribution/attributionInput.js";
import { renderStrip, renderToken, tokenFileName } from "../../src/runtime/picture/renderStrip.js";
import { stripSvg } from "../../src/runtime/picture/stripSvg.js";
import { sampleRun, type SampleOptions } from "../helpers/sampleRun.js";

async function explained(options: SampleOptions) {
  const run = await sampleRun(options);
  return { run, attribution: attribute(attributionInput(run), run.info.settings) };
}

async function pixels(png: Uint8Array) {
  const { data, info } = await sharp(png).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  const at = (x: number, y: number): number[] =>
    Array.from(data.subarray(3 * (y * info.width + x)).subarray(0, 3));
  return { ...info, at };
}

describe("stripSvg", () => {
  it("needs neither fonts nor other files", async () => {
    const { run, attribution } = await explained({ columns: 7, rows: 5, answer: ["a", " cat", "</s>"] });
    const { svg } = await stripSvg(run, attribution);
    expect(svg).not.toMatch(/<text|font-family/);
    expect(
      [...svg.matchAll(/href="([^"]{0,5})/g)].every(
        ([, start]) => start === "data:" || start?.startsWith("#"),
      ),
    ).toBe(true);
  });

  it("hatches what the model never saw, and only then", async () => {
    const whole = await explained({ columns: 7, rows: 5, answer: [" cat"] });
    const crop = await explained({
      columns: 7,
      rows: 5,
      width: 160,
      height: 90,
      seen: [35, 0, 90, 90],
      answer: [" cat"],
    });
    expect((await stripSvg(whole.run, whole.attribution)).svg).not.toContain("url(#hatch)");
    expect((await stripSvg(crop.run, crop.attribution)).svg).toContain("url(#hatch)");
  });
});

describe("renderStrip", () => {
  it("draws the map where the token looked, and leaves the rest of the picture as it is", async () => {
    const { run, attribution } = await explained({ answer: [" cat", " ball"] });
    const drawing = await stripSvg(run, attribution);
    const image = await pixels(await renderStrip(run, attribution));
    expect([image.width, image.height]).toEqual([drawing.width, drawing.height]);
    const [, x = "", y = ""] = /translate\(([\d.]+) ([\d.]+)\)"><use href="#tile"/.exec(drawing.svg) ?? [];
    const at = (shareX: number, shareY: number): number[] =>
      image.at(Math.round(2 * (Number(x) + 240 * shareX)), Math.round(2 * (Number(y) + 240 * shareY)));
    const [catRed = 0, catGreen = 0, catBlue = 255] = at(0.25, 0.6);
    expect(catRed > 150 && catGreen > 150 && catBlue < 110).toBe(true);
    const [ballRed = 0, ballGreen = 255] = at(0.75, 0.32);
    expect(ballRed - ballGreen).toBeGreaterThan(90);
  }, 30_000);

  it("lowers its scale for 64 tokens instead of growing without end", async () => {
    const { run, attribution } = await explained({
      columns: 7,
      rows: 5,
      answer: Array.from({ length: 64 }, () => " cat"),
    });
    const { width, height } = await stripSvg(run, attribution);
    expect(width * height).toBeLessThanOrEqual(30_100_000);
    expect(width).toBeGreaterThan(3000);
  }, 60_000);
});

describe("renderToken", () => {
  it("draws one token alone", async () => {
    const { run, attribution } = await explained({ columns: 7, rows: 5, answer: ["a", " cat"] });
    const image = await pixels(await renderToken(run, attribution, 1));
    expect(image.width).toBeGreaterThan(400);
    await expect(renderToken(run, attribution, 2)).rejects.toThrow("no token 2");
  });
});

describe("tokenFileName", () => {
  it("keeps what a file name can hold", async () => {
    const { run } = await explained({ columns: 2, rows: 2, answer: [" cat", "\n", "../x", " 猫"] });
    const names = run.info.tokens.map((_, index) => tokenFileName(run, index, "png"));
    expect(names).toEqual(["token-00-cat.png", "token-01.png", "token-02-x.png", "token-03-猫.png"]);
  });
});
