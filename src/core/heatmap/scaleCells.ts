import type { Rectangle } from "../run/types.js";

/** Cells of the picture as cells of another size of it. */
export function scaleCells(cells: readonly Rectangle[], factorX: number, factorY: number): Rectangle[] {
  return cells.map(([x, y, width, height]) => [x * factorX, y * factorY, width * factorX, height * factorY]);
}
