import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  fitImage,
  limitZoom,
  MOST_ZOOM,
  panned,
  revealing,
  viewOf,
  WHOLE,
  zoomOffset,
} from "../../webview/panel/zoomView.js";

const anyView = fc.record({
  scale: fc.double({ min: 0.01, max: 1000, noNaN: true }),
  x: fc.double({ min: -3, max: 3, noNaN: true }),
  y: fc.double({ min: -3, max: 3, noNaN: true }),
});

describe("zoom", () => {
  it("never shows what is beside the picture", () => {
    fc.assert(
      fc.property(anyView, (view) => {
        const { scale, x, y } = limitZoom(view);
        expect(scale).toBeGreaterThanOrEqual(1);
        expect(scale).toBeLessThanOrEqual(MOST_ZOOM);
        for (const middle of [x, y]) {
          expect(middle - 0.5 / scale).toBeGreaterThanOrEqual(-1e-9);
          expect(middle + 0.5 / scale).toBeLessThanOrEqual(1 + 1e-9);
        }
      }),
    );
  });

  it("is the same in shares of the picture and in pixels of the frame", () => {
    const size = { width: 640, height: 360 };
    fc.assert(
      fc.property(anyView, (view) => {
        const limited = limitZoom(view);
        const back = viewOf(limited.scale, zoomOffset(limited, size), size);
        expect(back.x).toBeCloseTo(limited.x, 6);
        expect(back.y).toBeCloseTo(limited.y, 6);
      }),
    );
  });

  it("moves by a share of what is seen", () => {
    expect(panned({ scale: 4, x: 0.5, y: 0.5 }, 0.2, -0.2)).toEqual({ scale: 4, x: 0.55, y: 0.45 });
    expect(panned(WHOLE, 0.2, 0.2)).toEqual(WHOLE);
  });

  it("moves no further than it must to show a box", () => {
    const view = { scale: 4, x: 0.5, y: 0.5 };
    expect(revealing(view, [0.45, 0.45, 0.1, 0.1])).toEqual(view);
    const right = revealing(view, [0.9, 0.5, 0.1, 0.1]);
    expect(right.x).toBeCloseTo(0.875, 9);
    expect(right.y).toBe(0.5);
    expect(revealing(view, [0, 0, 1, 1])).toMatchObject({ x: 0.5, y: 0.5 });
  });
});

describe("fitImage", () => {
  it("takes all the width there is, up to a height", () => {
    expect(fitImage({ width: 200, height: 100 }, 800, 600)).toEqual({ width: 800, height: 400 });
    expect(fitImage({ width: 100, height: 200 }, 800, 600)).toEqual({ width: 300, height: 600 });
    expect(fitImage({ width: 5000, height: 1 }, 300, 600)).toEqual({ width: 300, height: 1 });
  });
});
