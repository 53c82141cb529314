import { fitLine } from "../../core/figure/fitText.js";
import { typeface, type FaceName } from "./typeface.js";

/** How a line of text looks. */
export interface TextStyle {
  readonly face?: FaceName;
  readonly size: number;
  readonly fill?: string;
  readonly align?: "start" | "middle" | "end";
  /** Longer lines are shortened with `…`. */
  readonly maxWidth?: number;
}

/** Ink of the drawing: on white paper, legible in print. */
export const INK = {
  text: "#1f2328",
  muted: "#59636e",
  faint: "#8c959f",
  line: "#d0d7de",
  accent: "#1f6fd0",
} as const;

/** A line of text as one path, its baseline at `y`. */
export function textPath(text: string, x: number, y: number, style: TextStyle): string {
  const face = typeface(style.face ?? "regular");
  const line = style.maxWidth === undefined ? text : fitLine(face.measure, text, style.size, style.maxWidth);
  const width = face.measure(line, style.size);
  const left = style.align === "end" ? x - width : style.align === "middle" ? x - width / 2 : x;
  return `<path fill="${style.fill ?? INK.text}" d="${face.outline(line, left, y, style.size)}"/>`;
}

/** A `data:` address of a PNG file. */
export function pngAddress(png: Uint8Array): string {
  return `data:image/png;base64,${Buffer.from(png).toString("base64")}`;
}
