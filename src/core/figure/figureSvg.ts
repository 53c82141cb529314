import { drawnValues } from "../heatmap/drawnValues.js";
import { answerText } from "../run/answerText.js";
import { drawAnswer } from "./drawAnswer.js";
import { drawBar } from "./drawBar.js";
import { drawMap } from "./drawMap.js";
import { drawMarks } from "./drawMarks.js";
import { drawWords, INK } from "./drawWords.js";
import type { Block, Box, Figure, FigureInput } from "./types.js";
import { decimal, escapeXml, tag } from "./xml.js";

const POINTS_PER_MM = 72 / 25.4;
/** A picture may be this much higher than the figure is wide; a higher one is made narrower. */
const MOST_HEIGHT = 1.5;
const FONTS = "Helvetica, Arial, 'Liberation Sans', 'DejaVu Sans', sans-serif";

/**
 * Draws a figure for paper: the picture with its map, the colour bar with the map's range, what the map is of, the
 * prompt and the answer. Nothing depends on a theme, and no line is wider than the figure in any usual font.
 */
export async function figureSvg(input: FigureInput): Promise<Figure> {
  const { info, map, style, paper, answer } = input;
  const size = paper.fontSizePt;
  const width = paper.widthMm * POINTS_PER_MM;
  // Lines at the edge must not be cut in half.
  const edge = 0.5;
  const parts: string[] = [];
  let y = edge;
  const add = (block: Block, gap: number): void => {
    if (block.height === 0) return;
    parts.push(block.svg);
    y += block.height + gap * size;
  };
  const column = (): Omit<Box, "height"> => ({ x: edge, y, width: width - 2 * edge });
  add(await drawPicture(input, column()), 0.5);
  const values = drawnValues(map.values, info.cells);
  add(drawBar({ ...map, values }, style, column(), size), 0.3);
  add(drawWords(map.title, column(), { size, bold: true, maxLines: 2 }), 0.05);
  const prompt = info.prompt.text.trim();
  add(drawWords(prompt, column(), { size, fill: INK.muted, maxLines: 4 }), 0.2);
  if (answer) add(drawAnswer(info, answer, column(), size), 0.3);
  add(drawWords(info.model.name, column(), { size: 0.8 * size, fill: INK.muted, maxLines: 1 }), 0);
  return page(input, width, y + edge, parts);
}

/** The picture, its map and marks, as wide as the column or as high as allowed. */
async function drawPicture(input: FigureInput, box: Omit<Box, "height">): Promise<Block> {
  const { info, map, style, picture } = input;
  const { width, height } = info.image;
  const factor = Math.min(box.width / width, (MOST_HEIGHT * box.width) / height);
  const left = box.x + (box.width - factor * width) / 2;
  const image = tag("image", {
    ...{ width, height, preserveAspectRatio: "none", href: picture },
    filter: style.grey ? "url(#grey)" : undefined,
  });
  const clip = tag("clipPath", { id: "picture" }, tag("rect", { width, height }));
  const grey = tag(
    "filter",
    { id: "grey", "color-interpolation-filters": "sRGB", x: 0, y: 0, width: 1, height: 1 },
    tag("feColorMatrix", { type: "saturate", values: 0 }),
  );
  const inside = image + (await drawMap(info, map, style)) + drawMarks(input, factor);
  const place = `translate(${decimal(left)} ${decimal(box.y)}) scale(${factor})`;
  return {
    svg: [
      tag("defs", {}, clip + (style.grey ? grey : "")),
      tag("g", { transform: place, "clip-path": "url(#picture)" }, inside),
    ].join(""),
    height: factor * height,
  };
}

function page({ info, map, paper }: FigureInput, width: number, height: number, parts: string[]): Figure {
  const heightMm = height / POINTS_PER_MM;
  const facts = [info.image.name, info.model.name, info.model.dtype, `preset ${info.settings.preset}`];
  const words = `${info.prompt.text.trim()} — ${answerText(info)} (${facts.join(", ")}; ${info.tool})`;
  const content = [
    tag("title", {}, escapeXml(map.title)),
    tag("desc", {}, escapeXml(words)),
    paper.background === "white" ? tag("rect", { width, height, fill: "#ffffff" }) : "",
    ...parts,
  ];
  const svg = tag(
    "svg",
    {
      xmlns: "http://www.w3.org/2000/svg",
      width: `${decimal(paper.widthMm)}mm`,
      height: `${decimal(heightMm)}mm`,
      viewBox: `0 0 ${decimal(width)} ${decimal(height)}`,
      "font-family": FONTS,
      role: "img",
    },
    content.join("\n"),
  );
  return { svg: `<?xml version="1.0" encoding="UTF-8"?>\n${svg}\n`, widthMm: paper.widthMm, heightMm };
}
