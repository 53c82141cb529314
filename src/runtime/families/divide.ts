import type { Rectangle } from "../../core/run/types.js";

/** A rectangle cut into equal columns and rows, row by row. */
export function divide([x, y, width, height]: Rectangle, cols: number, rows: number): Rectangle[] {
  return Array.from({ length: cols * rows }, (_, i) => {
    const [row, col] = [Math.floor(i / cols), i % cols];
    return [x + (col * width) / cols, y + (row * height) / rows, width / cols, height / rows];
  });
}
