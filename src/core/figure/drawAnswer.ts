import { answerText } from "../run/answerText.js";
import { tokenLabel } from "../run/tokenLabel.js";
import type { RunInfo } from "../run/types.js";
import { drawLine, INK, isRightToLeft } from "./drawWords.js";
import { fitLine } from "./fitText.js";
import { regularWidth } from "./textWidth.js";
import type { Block, Box, FigureAnswer } from "./types.js";
import { tag } from "./xml.js";

const MOST_LINES = 6;
/** Opacity behind the token with the largest delta. */
const STRONGEST = 0.5;

/** A token of the answer at its place: line and left edge in points, both from the block's corner. */
interface Chip {
  readonly token: number | null;
  readonly text: string;
  readonly line: number;
  readonly left: number;
  readonly width: number;
}

/** Draws the answer's tokens, tinted by delta, the selected one framed; in lines from the box's top. */
export function drawAnswer(
  info: RunInfo,
  answer: FigureAnswer,
  box: Omit<Box, "height">,
  size: number,
): Block {
  const chips = layoutChips(info, box.width, size);
  const rtl = isRightToLeft(answerText(info));
  const most = info.tokens.reduce(
    (largest, { stop }, token) => (stop ? largest : Math.max(largest, answer.weights[token] ?? 0)),
    0,
  );
  const height = 1.45 * size;
  const pitch = 1.7 * size;
  const drawn = chips.map(({ token, text, line, left, width }) => {
    const x = box.x + (rtl ? box.width - left - width : left);
    const y = box.y + line * pitch;
    const weight = token === null || most === 0 ? 0 : (answer.weights[token] ?? 0) / most;
    const frame = token !== null && token === answer.selected;
    const back = tag("rect", {
      ...{ x, y, width, height, rx: 0.2 * size },
      fill: weight > 0 ? INK.accent : "none",
      "fill-opacity": weight > 0 ? STRONGEST * weight : undefined,
      stroke: frame ? INK.text : undefined,
      "stroke-width": frame ? 0.6 : undefined,
    });
    const look = { "font-size": size, fill: INK.text, "text-anchor": "middle" };
    return (weight > 0 || frame ? back : "") + drawLine(text, x + width / 2, y + 1.05 * size, look);
  });
  const lines = 1 + (chips.at(-1)?.line ?? -1);
  return { svg: drawn.join(""), height: lines === 0 ? 0 : (lines - 1) * pitch + height };
}

function layoutChips(info: RunInfo, width: number, size: number): Chip[] {
  const padding = 0.2 * size;
  const chips: Chip[] = [];
  let [line, left] = [0, 0];
  for (const [token, { text, stop }] of info.tokens.entries()) {
    if (stop) continue;
    const label = fitLine(regularWidth, visible(text), size, width - 2 * padding);
    const chipWidth = regularWidth(label, size) + 2 * padding;
    // Parts of one word stand close together.
    const gap = left === 0 ? 0 : /^\s/.test(text) ? 0.3 * size : 0.06 * size;
    left += gap;
    if (left + chipWidth > width) [line, left] = [line + 1, 0];
    if (line >= MOST_LINES) return shortened(chips, width, size);
    chips.push({ token, text: label, line, left, width: chipWidth });
    left += chipWidth;
  }
  return chips;
}

/** The chips with `…` in place of the last ones, as many as it needs room of. */
function shortened(chips: Chip[], width: number, size: number): Chip[] {
  const dots = { token: null, text: "…", line: MOST_LINES - 1, width: 1.4 * size };
  while (chips.length > 0) {
    const last = chips.at(-1);
    const left = last && last.line === dots.line ? last.left + last.width : 0;
    if (left + dots.width <= width) return [...chips, { ...dots, left }];
    chips.pop();
  }
  return chips;
}

/** The token without its leading space; line breaks and the like as marks. */
function visible(text: string): string {
  const trimmed = text.replace(/^ +(?=\S)/, "");
  return tokenLabel(trimmed);
}
