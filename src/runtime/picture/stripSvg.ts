import { drawnValues } from "../../core/heatmap/drawnValues.js";
import { rowOf, textWinReason } from "../../core/run/textWinner.js";
import type { ShownAttribution } from "../../core/run/shownAttribution.js";
import type { Run } from "../../core/run/types.js";
import { drawHeader } from "./drawHeader.js";
import { drawLegend, legendNeeds } from "./drawLegend.js";
import { drawPicture, drawTokenCaption, tokenCaption, type TilePicture } from "./drawTile.js";
import { mapAddress, mapRange, pictureAddress, rampAddress } from "./mapImages.js";
import { pictureStyle, type PictureOptions, type PictureStyle } from "./options.js";
import { CAPTION, MARGIN, stripLayout, type Box } from "./stripLayout.js";
import { tag } from "../../core/figure/xml.js";
import { INK, textPath } from "./svg.js";

/** A drawing: an SVG document without fonts, links or scripts, and the size it states in pixels. */
export interface Drawing {
  readonly svg: string;
  readonly width: number;
  readonly height: number;
}

/** Pixels a PNG may have before its scale is lowered. */
const MAX_PNG_PIXELS = 30_000_000;
/** Around a drawing that stands in a page, which has a margin of its own. */
const ANSWER_MARGIN = 8;
const BAR = { gap: 6, height: 12 };

interface Canvas {
  readonly run: Run;
  readonly attribution: ShownAttribution;
  readonly style: PictureStyle;
  readonly scale: number;
}

/** The token strip: the picture with the sequence map, then one tile per token, colour bars, labels, legend. */
export async function stripSvg(
  run: Run,
  attribution: ShownAttribution,
  options: PictureOptions = {},
): Promise<Drawing> {
  const { info } = run;
  const widthOnly = stripLayout(info.tokens.length, info.image, 0).width;
  const header = drawHeader(info, MARGIN, MARGIN, widthOnly - 2 * MARGIN);
  const layout = stripLayout(info.tokens.length, info.image, MARGIN + header.height + 20);
  const legend = drawLegend(
    legendNeeds(info, attribution.tokenWeight),
    MARGIN,
    layout.height + 22,
    layout.width - 2 * MARGIN,
  );
  const size = { width: layout.width, height: Math.ceil(layout.height + 22 + legend.height + MARGIN) };
  const canvas: Canvas = {
    run,
    attribution,
    style: pictureStyle(options),
    scale: chooseScale(size, options),
  };
  const parts = [header.svg, legend.svg, await drawHero(canvas, layout.hero, layout.heroPicture)];
  for (const [index, box] of layout.tiles.entries())
    parts.push(await drawToken(canvas, index, box, layout.tilePicture));
  const pictures = { hero: layout.heroPicture, tile: layout.tilePicture };
  return assemble(canvas, size, await defs(canvas, pictures), parts);
}

/** One token alone: its picture with its map, twice as large as in the strip. */
export async function tokenSvg(
  run: Run,
  attribution: ShownAttribution,
  index: number,
  options: PictureOptions = {},
): Promise<Drawing> {
  const { info } = run;
  const strip = stripLayout(0, info.image, 0);
  const box = { ...strip.hero, x: MARGIN, y: MARGIN };
  const size = { width: box.width + 2 * MARGIN, height: strip.heroPicture.height + CAPTION + 2 * MARGIN };
  const canvas: Canvas = {
    run,
    attribution,
    style: pictureStyle(options),
    scale: chooseScale(size, options),
  };
  const part = await drawToken(canvas, index, box, strip.heroPicture);
  return assemble(canvas, size, await defs(canvas, { tile: strip.heroPicture }), [part]);
}

/** The whole answer alone: the picture with the sequence map, as large as a token's in the strip. */
export async function answerSvg(
  run: Run,
  attribution: ShownAttribution,
  options: PictureOptions = {},
): Promise<Drawing> {
  const { tilePicture } = stripLayout(0, run.info.image, 0);
  const box = { x: ANSWER_MARGIN, y: ANSWER_MARGIN, ...tilePicture, width: Math.max(220, tilePicture.width) };
  const size = {
    width: box.width + 2 * ANSWER_MARGIN,
    height: tilePicture.height + CAPTION + ANSWER_MARGIN,
  };
  const canvas: Canvas = {
    run,
    attribution,
    style: pictureStyle(options),
    scale: chooseScale(size, options),
  };
  const part = await drawHero(canvas, box, tilePicture);
  return assemble(canvas, size, await defs(canvas, { hero: tilePicture }), [part]);
}

function chooseScale({ width, height }: { width: number; height: number }, options: PictureOptions): number {
  return Math.min(options.scale ?? 2, Math.sqrt(MAX_PNG_PIXELS / (width * height)));
}

async function drawHero(
  canvas: Canvas,
  box: Box,
  picture: { width: number; height: number },
): Promise<string> {
  const { run, attribution } = canvas;
  const tile = await tilePicture(canvas, attribution.sequenceHeatmap, "hero", box, picture);
  const bar = barUnder(tile, box);
  const flat = tile.maximum === tile.minimum;
  const note = flat
    ? "No token's map counts: by this measure the answer did not use the picture."
    : "Maps of the tokens, weighted by δ";
  return [
    drawPicture(tile, run.info, bar),
    textPath("Whole answer", box.x, bar.y + 32, { face: "bold", size: 16 }),
    textPath(note, box.x, bar.y + 50, { size: 11, fill: INK.muted, maxWidth: box.width }),
  ].join("");
}

async function drawToken(
  canvas: Canvas,
  index: number,
  box: Box,
  picture: { width: number; height: number },
) {
  const { run, attribution } = canvas;
  const reason = textWinReason(run.info, attribution, index);
  const values = rowOf(attribution.tokenHeatmap, index, run.info.cells.length);
  const tile = await tilePicture(canvas, values, "tile", box, picture, reason !== null);
  const bar = barUnder(tile, box);
  const caption = tokenCaption(run.info, index, attribution.tokenWeight, reason);
  return drawPicture(tile, run.info, bar) + drawTokenCaption(caption, { ...box, y: bar.y + bar.height + 3 });
}

async function tilePicture(
  canvas: Canvas,
  values: Float32Array,
  pictureId: string,
  box: Box,
  picture: { width: number; height: number },
  hollow = false,
): Promise<TilePicture> {
  const pixels = scaled(picture, canvas.scale);
  return {
    x: box.x + Math.round((box.width - picture.width) / 2),
    y: box.y,
    ...picture,
    pictureId,
    map: await mapAddress(values, canvas.run.info, pixels, canvas.style),
    ...mapRange(drawnValues(values, canvas.run.info.cells)),
    hollow,
  };
}

function barUnder(tile: TilePicture, box: Box): Box {
  return { x: box.x, y: tile.y + tile.height + BAR.gap, width: box.width, height: BAR.height };
}

function scaled({ width, height }: { width: number; height: number }, scale: number) {
  return { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) };
}

/** What the drawing refers to more than once: the bare pictures by id, the colour ramp, the hatching. */
async function defs(
  canvas: Canvas,
  sizes: Readonly<Record<string, { width: number; height: number }>>,
): Promise<string> {
  const images = Object.entries(sizes).map(async ([id, size]) => {
    const href = await pictureAddress(canvas.run.image, scaled(size, canvas.scale));
    return tag("image", { id, ...size, preserveAspectRatio: "none", href });
  });
  const ramp = {
    id: "ramp",
    width: 1,
    height: 1,
    preserveAspectRatio: "none",
    href: await rampAddress(canvas.style),
  };
  const hatch = tag("path", { d: "M-2 2l4 -4M0 8l8 -8M6 10l4 -4", stroke: INK.muted, "stroke-width": 1 });
  return [
    ...(await Promise.all(images)),
    tag("image", ramp),
    `<pattern id="hatch" width="8" height="8" patternUnits="userSpaceOnUse">${hatch}</pattern>`,
  ].join("");
}

function assemble(
  { scale }: Canvas,
  { width, height }: { width: number; height: number },
  definitions: string,
  parts: readonly string[],
): Drawing {
  const pixels = scaled({ width, height }, scale);
  const svg = [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${pixels.width}" height="${pixels.height}">`,
    `<defs>${definitions}</defs>`,
    tag("rect", { width, height, fill: "#ffffff" }),
    ...parts,
    `</svg>`,
  ].join("\n");
  return { svg, ...pixels };
}
