import { describe, expect, it } from "vitest";
import { CAPTION, MARGIN, stripLayout, type Box } from "../../src/runtime/picture/stripLayout.js";

function overlap(a: Box, b: Box): boolean {
  return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
}

describe("stripLayout", () => {
  const shapes = [
    { width: 96, height: 96 },
    { width: 4000, height: 500 },
    { width: 300, height: 2400 },
    { width: 1, height: 1 },
  ];
  const cases = shapes.flatMap((shape) => [1, 2, 7, 64].map((tokens) => [tokens, shape] as const));

  it.each(cases)("places %i tokens of a picture %o without overlap, inside the drawing", (tokens, shape) => {
    const layout = stripLayout(tokens, shape, 50);
    const boxes = [layout.hero, ...layout.tiles];
    expect(layout.tiles).toHaveLength(tokens);
    boxes.forEach((box, index) => {
      expect(boxes.slice(index + 1).some((other) => overlap(box, other))).toBe(false);
      expect(box.x >= MARGIN && box.x + box.width <= layout.width - MARGIN).toBe(true);
      expect(box.y >= 50 && box.y + box.height <= layout.height).toBe(true);
    });
    expect(layout.tilePicture.width).toBeLessThanOrEqual(layout.tiles[0]?.width ?? 0);
    expect(layout.tilePicture.height + CAPTION).toBe(layout.tiles[0]?.height);
  });

  it("enlarges small pictures to at least 220 pixels and keeps their shape", () => {
    expect(stripLayout(3, { width: 96, height: 96 }, 0).tilePicture).toEqual({ width: 240, height: 240 });
    const { width, height } = stripLayout(3, { width: 70, height: 50 }, 0).tilePicture;
    expect(width).toBeGreaterThanOrEqual(220);
    expect(width / height).toBeCloseTo(7 / 5, 1);
  });
});
