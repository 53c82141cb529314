import { Resvg } from "@resvg/resvg-js";
import fc from "fast-check";
import sharp from "sharp";
import { beforeAll, describe, expect, it } from "vitest";
import { attribute } from "../../src/core/attribution/attribute.js";
import { attributionInput } from "../../src/core/attribution/attributionInput.js";
import type { Attribution } from "../../src/core/attribution/types.js";
import { rangeOf } from "../../src/core/figure/drawBar.js";
import { figureSvg } from "../../src/core/figure/figureSvg.js";
import { pixelSize, svgInPixels } from "../../src/core/figure/pixelSize.js";
import { encodePng, withResolution } from "../../src/core/figure/png.js";
import { FIGURE_TEXTS, runFigure } from "../../src/core/figure/runFigure.js";
import { DEFAULT_PAPER, type FigureInput, type FigureStyle } from "../../src/core/figure/types.js";
import { regularGrid } from "../../src/core/heatmap/regularGrid.js";
import { formatNumber } from "../../src/core/run/formatNumber.js";
import { toBase64 } from "../../src/core/run/packArrays.js";
import { rowOf } from "../../src/core/run/textWinner.js";
import type { Rectangle, Run, RunInfo } from "../../src/core/run/types.js";
import { typeface } from "../../src/runtime/picture/typeface.js";
import { sampleRun } from "../helpers/sampleRun.js";

const STYLE: FigureStyle = {
  ...{ colourMap: "viridis", opacity: 0.75, smooth: true, grey: false, grid: false, tiles: true },
};
const POINTS = (84 * 72) / 25.4;

let run: Run;
let attribution: Attribution;
let picture: string;

beforeAll(async () => {
  run = await sampleRun();
  attribution = attribute(attributionInput(run), run.info.settings);
  picture = `data:image/png;base64,${toBase64(run.image)}`;
});

/** A strict reader: throws at anything that is no well-formed XML. */
function parse(svg: string): { width: number; height: number } {
  const { width, height } = new Resvg(svg, { font: { loadSystemFonts: false } });
  return { width, height };
}

function input(change: Partial<FigureInput> = {}): FigureInput {
  return {
    info: run.info,
    picture,
    map: { values: rowOf(attribution.tokenHeatmap, 1, 144), signed: false, title: "·cat", label: "gradient" },
    style: STYLE,
    paper: DEFAULT_PAPER,
    answer: { weights: attribution.tokenWeight, selected: 1 },
    ...change,
  };
}

const asked = (text: string): RunInfo => ({ ...run.info, prompt: { ...run.info.prompt, text } });

/** The words of a document, each with where it starts and how it lies. */
function words(svg: string) {
  return Array.from(svg.matchAll(/<text ([^>]*)>([^<]*)<\/text>/g), ([, list = "", text = ""]) => {
    const value = (name: string) => new RegExp(`(?:^| )${name}="([^"]*)"`).exec(list)?.[1];
    const plain = text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&quot;", '"');
    return {
      text: plain.replaceAll("&amp;", "&"),
      x: Number(value("x")),
      size: Number(value("font-size")),
      anchor: value("text-anchor") ?? "start",
      bold: value("font-weight") === "bold",
      direction: value("direction"),
    };
  });
}

describe("a figure", () => {
  it("is a document of the asked size on paper, with the picture, the map and the words", async () => {
    const { svg, widthMm, heightMm } = await figureSvg(input());
    expect(svg).toMatch(/^<\?xml version="1.0" encoding="UTF-8"\?>\n<svg /);
    expect(svg).toContain(`width="84mm" height="${Math.round(heightMm * 1000) / 1000}mm"`);
    expect([widthMm, heightMm > 84]).toEqual([84, true]);
    expect(svg.match(/<image /g)).toHaveLength(2);
    const texts = words(svg).map(({ text }) => text);
    expect(texts).toEqual(expect.arrayContaining(["·cat", "Describe the picture.", "ball", "sample-vlm"]));
    expect(texts).not.toContain("</s>");
    expect(words(svg).every(({ size }) => size >= 0.8 * 8)).toBe(true);
    expect(svg).not.toMatch(/<(script|a|use|foreignObject)|vscode|https?:\/\/(?!www\.w3\.org\/2000\/svg)/);
    expect((await figureSvg(input())).svg).toBe(svg);
  });

  it("says the real smallest and largest value on the colour bar", async () => {
    const { map } = input();
    const { low, high } = rangeOf(map.values);
    expect(low).toBeLessThan(high);
    const texts = words((await figureSvg(input())).svg).map(({ text }) => text);
    expect(texts.slice(0, 3)).toEqual([formatNumber(low), formatNumber(high), "gradient"]);
  });

  it("of a signed map has 0 in the middle, equal ends and the map's own range", async () => {
    const values = Float32Array.from(run.info.cells, (_, cell) =>
      cell === 5 ? -0.02 : cell === 9 ? 0.5 : 0,
    );
    const map = { values, signed: true, title: "L1 H2", label: "gradient" };
    const { svg } = await figureSvg(input({ map, style: { ...STYLE, colourMap: "rdbu", smooth: false } }));
    const [low, high, middle, label] = words(svg);
    expect([low?.text, high?.text, middle?.text]).toEqual(["-0.500", "0.500", "0"]);
    expect(label?.text).toBe("gradient (-0.0200 … 0.500)");
    expect(middle?.x).toBeCloseTo(POINTS / 2, 3);
    const cells = Array.from(svg.matchAll(/<rect [^>]*fill-opacity="([^"]+)"\/>/g), ([, alpha]) =>
      Number(alpha),
    );
    expect(cells.slice(0, 2)).toEqual([0.03, 0.75]);
  });

  it("of a flat map says so in place of colours", async () => {
    const map = { values: new Float32Array(144), signed: false, title: "·of", label: "gradient" };
    const { svg } = await figureSvg(input({ map }));
    expect(words(svg)[0]?.text).toBe("gradient: 0");
    expect(svg).not.toContain("linearGradient");
  });

  it("draws cells as rectangles where the map is not smooth, as see-through as they are weak", async () => {
    const { svg } = await figureSvg(input({ style: { ...STYLE, smooth: false } }));
    const group = /<g shape-rendering="crispEdges">(.*?)<\/g>/s.exec(svg)?.[1] ?? "";
    const alphas = Array.from(group.matchAll(/fill-opacity="([^"]+)"/g), ([, alpha]) => Number(alpha));
    expect(alphas.length).toBeGreaterThan(20);
    expect(Math.max(...alphas)).toBe(0.75);
    expect(svg.match(/<image /g)).toHaveLength(1);
  });

  it("of tiles that lie on each other is a raster, with frames around the tiles", async () => {
    const tiles = [0, 48].flatMap((x) => [0, 48].map((y): Rectangle => [x, y, 48, 48]));
    const cells: Rectangle[] = [...tiles, [0, 0, 96, 96]];
    expect(regularGrid(cells)).toBeNull();
    const map = { ...input().map, values: Float32Array.of(1, 2, 3, 4, 5) };
    const info = { ...run.info, cells };
    const { svg } = await figureSvg(input({ info, map, style: { ...STYLE, smooth: false } }));
    expect(svg.match(/<image /g)).toHaveLength(2);
    expect(svg).toContain('stroke="#ffffff"');
    parse(svg);
  });

  it("hatches what the model never saw, greys the picture and frames a region when asked", async () => {
    const info = { ...run.info, image: { ...run.info.image, seen: [0, 0, 96, 48] as const } };
    const style = { ...STYLE, grey: true, grid: true };
    const { svg } = await figureSvg(input({ info, style, region: [10, 10, 20, 20] }));
    parse(svg);
    expect(svg).toContain('fill="url(#unseen)"');
    expect(svg).toContain('filter="url(#grey)"');
    expect(svg).toContain("stroke-dasharray");
    expect((await figureSvg(input())).svg).not.toMatch(/unseen|grey|dasharray/);
  });

  it("has no background of its own when asked", async () => {
    const sheet = /<rect width="[\d.]+" height="[\d.]+" fill="#ffffff"\/>/;
    const none = await figureSvg(input({ paper: { ...DEFAULT_PAPER, background: "none" } }));
    expect((await figureSvg(input())).svg).toMatch(sheet);
    expect(none.svg).not.toMatch(sheet);
  });

  it("frames the token it is of, and no other", async () => {
    const frames = async (selected: number | null) => {
      const { svg } = await figureSvg(input({ answer: { weights: attribution.tokenWeight, selected } }));
      return svg.match(/stroke="#1f2328"/g)?.length ?? 0;
    };
    expect([await frames(1), await frames(null)]).toEqual([1, 0]);
  });

  it("of a picture much higher than wide fits on a page", async () => {
    const info = { ...run.info, image: { ...run.info.image, width: 96, height: 960 } };
    expect((await figureSvg(input({ info }))).heightMm).toBeLessThan(84 * 2);
  });
});

describe("the words of a figure", () => {
  it("are valid XML whatever the prompt, the answer and the names are", async () => {
    const text = fc.string({ unit: "binary", maxLength: 60 });
    await fc.assert(
      fc.asyncProperty(text, text, text, async (prompt, token, name) => {
        const tokens = run.info.tokens.map((each, index) => (index === 1 ? { ...each, text: token } : each));
        const info = { ...asked(prompt), tokens, image: { ...run.info.image, name } };
        const map = { ...input().map, title: token };
        const style = { ...STYLE, smooth: false };
        expect(parse((await figureSvg(input({ info, map, style }))).svg).width).toBeGreaterThan(0);
      }),
      { numRuns: 60 },
    );
    const hostile = "\u0000\u0001\uD800 <&\"'> ]]> \u202e \uFFFE";
    expect(parse((await figureSvg(input({ info: asked(hostile) }))).svg).width).toBeGreaterThan(0);
  });

  it("are never wider than the figure, in the widest font either", async () => {
    const prompt = "Please list every object & where it is, Wagnermommsenstrasse included. ".repeat(6);
    const answer = Array.from({ length: 120 }, (_, index) => (index % 3 === 0 ? " WWWWWWWWWW" : "mmm"));
    const long = await sampleRun({ prompt, answer: [...answer, "</s>"] });
    const { tokenWeight } = attribute(attributionInput(long), long.info.settings);
    for (const widthMm of [30, 84, 174]) {
      const paper = { ...DEFAULT_PAPER, widthMm };
      const map = { ...input().map, title: "W".repeat(300) };
      const answered = { weights: tokenWeight, selected: 7 };
      const { svg } = await figureSvg(input({ info: long.info, map, paper, answer: answered }));
      const width = (widthMm * 72) / 25.4;
      for (const { text, x, size, anchor, bold } of words(svg)) {
        const length = typeface(bold ? "bold" : "regular").measure(text, size);
        const left = anchor === "end" ? x - length : anchor === "middle" ? x - length / 2 : x;
        expect([text, left >= -0.5, left + length <= width + 0.5]).toEqual([text, true, true]);
      }
      expect(words(svg).map(({ text }) => text)).toContain("…");
    }
  });

  it("are broken where there are no spaces, and never inside an emoji", async () => {
    const { svg } = await figureSvg(input({ info: asked("猫".repeat(60)) }));
    const lines = words(svg).filter(({ text }) => text.startsWith("猫"));
    expect(lines.length).toBeGreaterThan(1);
    const family = "👨‍👩‍👧";
    const emoji = words((await figureSvg(input({ info: asked(family.repeat(200)) }))).svg);
    const shown = emoji.filter(({ text }) => text.startsWith("👨")).map(({ text }) => text.replace("…", ""));
    expect(shown.length).toBe(4);
    expect(shown.every((line) => line.replaceAll(family, "") === "")).toBe(true);
  });

  it("that are read from right to left begin at the right edge", async () => {
    const { svg } = await figureSvg(input({ info: asked("תאר את התמונה בפירוט") }));
    const line = words(svg).find(({ text }) => text.startsWith("תאר"));
    expect(line).toMatchObject({ direction: "rtl", anchor: "start" });
    expect(line?.x).toBeCloseTo(POINTS - 0.5, 2);
  });
});

describe("the figure of a saved run", () => {
  const look = () => ({ picture, style: STYLE, paper: DEFAULT_PAPER, texts: FIGURE_TEXTS });

  it("is of the whole answer, or of a token with its delta", async () => {
    const answer = words((await runFigure(run.info, attribution, { ...look(), token: null })).svg);
    const { low, high } = rangeOf(attribution.sequenceHeatmap);
    expect(answer.map(({ text }) => text)).toEqual(
      expect.arrayContaining([formatNumber(low), formatNumber(high), "Whole answer"]),
    );
    const token = words((await runFigure(run.info, attribution, { ...look(), token: 6 })).svg);
    const delta = formatNumber(attribution.tokenWeight[6] ?? NaN);
    expect(token.map(({ text }) => text)).toContain(`·ball (δ ${delta})`);
  });
});

describe("a figure in pixels", () => {
  it("has its size at the resolution, less where no canvas could hold it", () => {
    expect(pixelSize({ widthMm: 84, heightMm: 100 }, 300)).toEqual({ width: 992, height: 1181, dpi: 300 });
    const large = pixelSize({ widthMm: 500, heightMm: 700 }, 1200);
    expect(large.width * large.height).toBeLessThanOrEqual(100_100_000);
    expect(large.dpi).toBeLessThan(1200);
    expect(large.width / large.dpi).toBeCloseTo(500 / 25.4, 2);
  });

  it("is the same document with pixels for millimetres", async () => {
    const figure = await figureSvg(input());
    const size = pixelSize(figure, 150);
    const pixels = svgInPixels(figure.svg, size);
    expect(parse(pixels)).toEqual({ width: size.width, height: size.height });
    expect(pixels.length).toBeLessThan(figure.svg.length + 10);
  });
});

describe("a PNG of core", () => {
  it("has the pixels it was made of, and its resolution once", async () => {
    const pixels = Uint8ClampedArray.from({ length: 5 * 3 * 4 }, (_, index) => (index * 37) % 256);
    const png = await encodePng(pixels, 5, 3);
    const read = await sharp(png).raw().toBuffer({ resolveWithObject: true });
    expect(read.info).toMatchObject({ width: 5, height: 3, channels: 4 });
    expect(new Uint8ClampedArray(read.data)).toEqual(pixels);
    const twice = withResolution(withResolution(png, 300), 600);
    expect(await sharp(twice).metadata()).toMatchObject({ density: 600, width: 5 });
    expect(Buffer.from(twice).toString("latin1").match(/pHYs/g)).toHaveLength(1);
    expect(new Uint8ClampedArray(await sharp(twice).raw().toBuffer())).toEqual(pixels);
  });
});
