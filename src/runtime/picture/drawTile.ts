import { formatNumber, formatProbability } from "../../core/run/formatNumber.js";
import type { RunInfo } from "../../core/run/types.js";
import { tokenLabel } from "../../core/run/tokenLabel.js";
import { wrapText } from "../../core/figure/fitText.js";
import type { Box } from "./stripLayout.js";
import { tag } from "../../core/figure/xml.js";
import { INK, textPath } from "./svg.js";
import { typeface } from "./typeface.js";

/** Maps that do not count in the whole answer are drawn fainter, so that they do not outshine those that do. */
const HOLLOW_STRENGTH = 0.4;

/** A picture with its map: where it lies, its addresses and the map's real range. */
export interface TilePicture extends Box {
  /** Id of the bare picture in the drawing's `defs`. */
  readonly pictureId: string;
  readonly map: string;
  readonly minimum: number;
  readonly maximum: number;
  /** Dashed and grey: this map does not count in the whole answer. */
  readonly hollow: boolean;
}

/** What the caption of a token's tile says. */
export interface TokenCaption {
  readonly label: string;
  readonly probability: string;
  readonly stop: boolean;
  readonly delta: number;
  /** delta over the answer's largest, 0 to 1. */
  readonly share: number;
  readonly reason: string | null;
}

/** The caption of token `index`. */
export function tokenCaption(
  info: RunInfo,
  index: number,
  deltas: ArrayLike<number>,
  reason: string | null,
): TokenCaption {
  const token = info.tokens[index];
  const largest = Math.max(0, ...info.tokens.map((other, i) => (other.stop ? 0 : (deltas[i] ?? 0))));
  const delta = deltas[index] ?? 0;
  return {
    label: tokenLabel(token?.text ?? ""),
    probability: formatProbability(token?.logprob ?? Number.NaN),
    stop: token?.stop ?? false,
    delta,
    share: largest > 0 ? Math.min(1, delta / largest) : 0,
    reason,
  };
}

/** Draws the picture, its map, the hatched part the model never saw, the frame and the colour bar under it. */
export function drawPicture(picture: TilePicture, info: RunInfo, bar: Box): string {
  const { x, y, width, height } = picture;
  const strength = picture.hollow ? HOLLOW_STRENGTH : 1;
  const frame = { x: x - 0.5, y: y - 0.5, width: width + 1, height: height + 1, fill: "none" };
  return [
    `<g transform="translate(${x} ${y})">`,
    `<use href="#${picture.pictureId}"/>`,
    tag("image", { width, height, preserveAspectRatio: "none", href: picture.map, opacity: strength }),
    `</g>`,
    drawUnseen(picture, info),
    picture.hollow
      ? tag("rect", { ...frame, stroke: INK.faint, "stroke-dasharray": "4 3" })
      : tag("rect", { ...frame, stroke: INK.line }),
    drawBar(picture, bar),
  ].join("");
}

function drawUnseen({ x, y, width, height }: Box, info: RunInfo): string {
  const [left, top, seenWidth, seenHeight] = info.image.seen;
  if (seenWidth >= info.image.width && seenHeight >= info.image.height) return "";
  const factorX = width / info.image.width;
  const factorY = height / info.image.height;
  const outer = `M${x} ${y}h${width}v${height}h${-width}z`;
  const inner = `M${x + left * factorX} ${y + top * factorY}h${seenWidth * factorX}v${seenHeight * factorY}h${-seenWidth * factorX}z`;
  return ["#ffffff99", "url(#hatch)"]
    .map((fill) => tag("path", { d: outer + inner, "fill-rule": "evenodd", fill }))
    .join("");
}

function drawBar({ minimum, maximum, hollow }: TilePicture, bar: Box): string {
  if (minimum === maximum) {
    const text = `flat map, ${formatNumber(minimum)} everywhere`;
    return textPath(text, bar.x, bar.y + bar.height / 2 + 3.6, { size: 10, fill: INK.faint });
  }
  const low = formatNumber(minimum);
  const high = formatNumber(maximum);
  const size = 10;
  const face = typeface("regular");
  const left = bar.x + face.measure(low, size) + 7;
  const right = bar.x + bar.width - face.measure(high, size) - 7;
  const middle = bar.y + bar.height / 2;
  const ramp = { x: left, y: middle - 3.5, width: right - left, height: 7 };
  return [
    textPath(low, bar.x, middle + 3.6, { size, fill: INK.muted }),
    tag("use", {
      href: "#ramp",
      opacity: hollow ? HOLLOW_STRENGTH : 1,
      transform: `translate(${ramp.x} ${ramp.y}) scale(${ramp.width} ${ramp.height})`,
    }),
    tag("rect", { ...ramp, fill: "none", stroke: INK.line, "stroke-width": 0.75 }),
    textPath(high, bar.x + bar.width, middle + 3.6, { size, fill: INK.muted, align: "end" }),
  ].join("");
}

/** Draws a token's caption in the box under the colour bar. */
export function drawTokenCaption(caption: TokenCaption, box: Box): string {
  const { x, y, width } = box;
  const probabilityWidth = typeface("regular").measure(caption.probability, 11) + 10;
  const grey = caption.stop || caption.delta === 0;
  const lines = [
    textPath(caption.label, x, y + 14, {
      face: "bold",
      size: 14,
      fill: grey ? INK.faint : INK.text,
      maxWidth: width - probabilityWidth,
    }),
    textPath(caption.probability, x + width, y + 14, { size: 11, fill: INK.muted, align: "end" }),
  ];
  return [...lines, caption.delta === 0 ? drawReason(caption, box) : drawDelta(caption, box)].join("");
}

function drawDelta({ delta, share, stop }: TokenCaption, { x, y, width }: Box): string {
  const text = `δ ${formatNumber(delta)}${stop ? " (end, not in the answer)" : ""}`;
  const fill = stop ? INK.faint : INK.accent;
  return [
    textPath(text, x, y + 31, { size: 11, fill: INK.muted }),
    tag("rect", { x, y: y + 38, width, height: 3, fill: "#eaeef2" }),
    tag("rect", { x, y: y + 38, width: width * share, height: 3, fill }),
  ].join("");
}

function drawReason({ reason }: TokenCaption, { x, y, width }: Box): string {
  const text = `δ 0, ${reason ?? "text won"}`;
  return wrapText(typeface("regular").measure, text, 10, width, 2)
    .map((line, index) => textPath(line, x, y + 31 + index * 14, { size: 10, fill: INK.muted }))
    .join("");
}
