import type { SideComparison } from "../../core/compare/compareSides.js";
import type { Rectangle, Run } from "../../core/run/types.js";
import { cellStrength } from "../../core/heatmap/cellStrength.js";
import { drawnSize, drawnValues } from "../../core/heatmap/drawnValues.js";
import { colourMap } from "../../core/heatmap/colourMap.js";
import { scaleCells } from "../../core/heatmap/scaleCells.js";
import { smooth } from "../../core/heatmap/smooth.js";
import { tintRaster } from "../../core/heatmap/tintRaster.js";
import { tintSigned } from "../../core/heatmap/tintSigned.js";
import { formatNumber, formatShare } from "../../core/run/formatNumber.js";
import { encodePng } from "../image/encode.js";
import { svgToPng } from "../image/preview.js";
import { answerText } from "../../core/run/answerText.js";
import { wrapText } from "../../core/figure/fitText.js";
import { mapRange, pictureAddress } from "./mapImages.js";
import { MARGIN } from "./stripLayout.js";
import { tag } from "../../core/figure/xml.js";
import { INK, pngAddress, textPath } from "./svg.js";
import { typeface } from "./typeface.js";

/** Units of the drawing. */
const TILE = 360;
const GAP = 24;
/** Pixels of the PNG per unit. */
const SCALE = 2;
const OPACITY = 0.8;
const TEXT = 62;
/** Under the difference the picture is pale and grey, so that its own colours are not taken for the map's. */
const GREY = `<defs><filter id="grey"><feColorMatrix type="saturate" values="0"/><feComponentTransfer><feFuncR type="linear" slope="0.6" intercept="0.4"/><feFuncG type="linear" slope="0.6" intercept="0.4"/><feFuncB type="linear" slope="0.6" intercept="0.4"/></feComponentTransfer></filter></defs>`;

interface Tile {
  readonly heading: string;
  readonly run: Run;
  /** 0 to 1 for each cell of the comparison, or -1 to 1 when signed. */
  readonly strength: Float32Array;
  readonly signed: boolean;
  readonly words: string;
  /** What the colours stand for. */
  readonly ends: string;
}

/**
 * Two maps and their difference side by side as a PNG file. The maps of A and B each have their own colour scale, in
 * shares of the map's sum; the difference has a two-sided one, over the picture in grey.
 * @param title what was compared, such as a token
 */
export async function renderComparison(
  [runA, runB]: readonly [a: Run, b: Run],
  { map }: SideComparison,
  title: string,
): Promise<Uint8Array> {
  const overlap =
    map.similarity === null ? "one map is empty" : `overlap ${formatShare(map.similarity.overlap)}`;
  const most = `${formatNumber(100 * drawnSize(map.difference, map.cells))} %`;
  const tiles: Tile[] = [
    sideTile("A", runA, map.a, map.cells),
    sideTile("B", runB, map.b, map.cells),
    {
      heading: "B - A",
      run: runB,
      strength: cellStrength(map.difference, map.cells, true),
      signed: true,
      words: `${title}: ${overlap}. Red: B looks more here, blue: A does.`,
      ends: `-${most} … +${most}`,
    },
  ];
  return svgToPng(await drawing(tiles, map.cells));
}

function sideTile(heading: string, run: Run, shares: Float32Array, cells: readonly Rectangle[]): Tile {
  const { minimum, maximum } = mapRange(drawnValues(shares, cells));
  return {
    heading,
    run,
    strength: cellStrength(shares, cells),
    signed: false,
    words: `${run.info.prompt.text.trim() || "(empty prompt)"} → ${answerText(run.info)}`,
    ends:
      maximum === 0
        ? "empty map"
        : `${formatNumber(100 * minimum)} … ${formatNumber(100 * maximum)} % of the map`,
  };
}

async function drawing(tiles: readonly Tile[], cells: readonly Rectangle[]): Promise<string> {
  const heights = tiles.map(({ run: { info } }) => Math.round((TILE * info.image.height) / info.image.width));
  const pictureHeight = Math.max(...heights);
  const width = 2 * MARGIN + tiles.length * TILE + (tiles.length - 1) * GAP;
  const height = 2 * MARGIN + 24 + pictureHeight + TEXT;
  const drawn = await Promise.all(
    tiles.map((tile, index) =>
      drawTile(tile, cells, MARGIN + index * (TILE + GAP), {
        height: heights[index] ?? TILE,
        room: pictureHeight,
      }),
    ),
  );
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width * SCALE}" height="${height * SCALE}">`,
    GREY,
    tag("rect", { width, height, fill: "#ffffff" }),
    ...drawn,
    `</svg>`,
  ].join("\n");
}

async function drawTile(
  tile: Tile,
  cells: readonly Rectangle[],
  x: number,
  { height, room }: { readonly height: number; readonly room: number },
): Promise<string> {
  const top = MARGIN + 24;
  const box = { x, y: top, width: TILE, height, preserveAspectRatio: "none" };
  const pixels = { width: TILE * SCALE, height: height * SCALE };
  const bar = top + room + 8;
  const face = typeface("regular");
  return [
    textPath(tile.heading, x, MARGIN + 14, { face: "bold", size: 15 }),
    textPath(tile.run.info.image.name, x + TILE, MARGIN + 14, {
      size: 11,
      fill: INK.muted,
      align: "end",
      maxWidth: TILE - 60,
    }),
    tag("image", {
      ...box,
      ...(tile.signed ? { filter: "url(#grey)" } : {}),
      href: await pictureAddress(tile.run.image, pixels),
    }),
    tag("image", { ...box, href: await mapAddress(tile, cells, pixels) }),
    tag("rect", {
      x: x - 0.5,
      y: top - 0.5,
      width: TILE + 1,
      height: height + 1,
      fill: "none",
      stroke: INK.line,
    }),
    tag("image", {
      x,
      y: bar,
      width: TILE / 2,
      height: 8,
      preserveAspectRatio: "none",
      href: await rampAddress(tile.signed),
    }),
    tag("rect", { x, y: bar, width: TILE / 2, height: 8, fill: "none", stroke: INK.line }),
    textPath(tile.ends, x + TILE / 2 + 8, bar + 8, { size: 10, fill: INK.muted }),
    ...wrapText(face.measure, tile.words, 11, TILE, 2).map((line, index) =>
      textPath(line, x, bar + 26 + 15 * index, { size: 11, fill: INK.muted }),
    ),
  ].join("");
}

async function mapAddress(
  { strength, signed }: Tile,
  cells: readonly Rectangle[],
  { width, height }: { readonly width: number; readonly height: number },
): Promise<string> {
  const placed = scaleCells(cells, width, height);
  const raster = smooth(strength, placed, width, height);
  const data = tinted(raster, signed);
  return pngAddress(await encodePng({ data: new Uint8Array(data.buffer), width, height, channels: 4 }));
}

function tinted(raster: Float32Array, signed: boolean): Uint8ClampedArray<ArrayBuffer> {
  return signed
    ? tintSigned(raster, colourMap("rdbu"), OPACITY)
    : tintRaster(raster, colourMap("viridis"), OPACITY);
}

async function rampAddress(signed: boolean): Promise<string> {
  const values = Float32Array.from({ length: 256 }, (_, step) => (signed ? step / 127.5 - 1 : step / 255));
  const data = tinted(values, signed);
  return pngAddress(
    await encodePng({ data: new Uint8Array(data.buffer), width: 256, height: 1, channels: 4 }),
  );
}
