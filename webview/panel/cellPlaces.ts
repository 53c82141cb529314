import { hasArea } from "../../src/core/heatmap/placedMap.js";
import type { Rectangle } from "../../src/core/run/types.js";

/** The cell of the map under a point of the picture: the smallest that holds it; -1 outside all of them. */
export function cellAt(cells: readonly Rectangle[], x: number, y: number): number {
  let found = -1;
  let area = Infinity;
  for (let index = 0; index < cells.length; index += 1) {
    const cell = cells[index];
    if (!cell) continue;
    const [left, top, width, height] = cell;
    const inside = x >= left && x < left + width && y >= top && y < top + height;
    if (inside && width * height < area) {
      found = index;
      area = width * height;
    }
  }
  return found;
}

/** The cells of other views that lie under the middle of a cell, the smallest first. */
export function cellsBelow(cells: readonly Rectangle[], cell: number): number[] {
  const own = cells[cell];
  if (!own || !hasArea(own)) return [];
  const [x, y] = centre(own);
  const size = (index: number): number => (cells[index]?.[2] ?? 0) * (cells[index]?.[3] ?? 0);
  return cells
    .flatMap(([left, top, width, height], index) =>
      index !== cell && x >= left && x < left + width && y >= top && y < top + height ? [index] : [],
    )
    .sort((a, b) => size(a) - size(b));
}

const STEPS: Readonly<Record<string, readonly [x: number, y: number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

/**
 * The cell that an arrow key leads to: the one a step beside `from`, or across a gap the nearest in that direction;
 * `from` itself at the border. From no cell (-1) any arrow leads to the first. Cells without area are passed over.
 * @returns undefined for other keys
 */
export function nextCell(cells: readonly Rectangle[], from: number, key: string): number | undefined {
  const step = STEPS[key];
  if (!step) return undefined;
  const start = cells[from];
  if (!start) return cells.findIndex(hasArea);
  const [x, y] = centre(start);
  const beside = cellAt(cells, x + step[0] * start[2], y + step[1] * start[3]);
  if (beside >= 0 && beside !== from) return beside;
  let best = from;
  let least = Infinity;
  cells.forEach((cell, index) => {
    if (!hasArea(cell)) return;
    const [cx, cy] = centre(cell);
    const ahead = (cx - x) * step[0] + (cy - y) * step[1];
    const aside = Math.abs((cx - x) * step[1]) + Math.abs((cy - y) * step[0]);
    // More ahead than aside: a step to the right must not lead to the row below.
    if (ahead <= 1e-6 || aside > ahead || ahead + aside >= least) return;
    best = index;
    least = ahead + aside;
  });
  return best;
}

function centre([x, y, width, height]: Rectangle): [x: number, y: number] {
  return [x + width / 2, y + height / 2];
}

/** The rectangle between two points, inside the picture. */
export function boxBetween(
  from: readonly [x: number, y: number],
  to: readonly [x: number, y: number],
  size: { readonly width: number; readonly height: number },
): Rectangle {
  const inside = (value: number, most: number): number => Math.min(Math.max(value, 0), most);
  const left = inside(Math.min(from[0], to[0]), size.width);
  const top = inside(Math.min(from[1], to[1]), size.height);
  const right = inside(Math.max(from[0], to[0]), size.width);
  const bottom = inside(Math.max(from[1], to[1]), size.height);
  return [left, top, right - left, bottom - top];
}
