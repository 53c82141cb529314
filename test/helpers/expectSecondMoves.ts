import { expect } from "vitest";
import type { Rectangle } from "../../src/core/run/types.js";
import type { LoadedVlm } from "../../src/runtime/model/loadModel.js";
import { holds, mostMoved, movedCells } from "./movedCells.js";

/** Expects that a bright square on the second picture of a prompt moves its own cell most, and none of the first one's. */
export async function expectSecondMoves(
  vlm: LoadedVlm,
  before: string,
  size: { readonly width: number; readonly height: number },
  square: Rectangle,
): Promise<void> {
  const alone = (await movedCells(vlm, size, square)).cells.length;
  const found = await movedCells(vlm, size, square, { before });
  const own = found.cells.length - alone;
  expect(own).toBeGreaterThan(0);
  expect(Math.max(...found.moved.subarray(0, own))).toBeLessThan(1e-5 * Math.max(...found.moved));
  const [x, y, width, height] = square;
  expect(holds(mostMoved(found, own), [x + width / 2, y + height / 2])).toBe(true);
}
