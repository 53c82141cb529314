import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import type { PilKernel } from "../../src/runtime/image/pilKernels.js";
import { placePixels } from "../../src/runtime/image/placePixels.js";
import { resizePil } from "../../src/runtime/image/resizePil.js";
import {
  readJson,
  readPixels,
  REFERENCE,
  REFERENCE_NAMES,
  referenceImages,
} from "../helpers/referenceImages.js";

const GOLDENS = fileURLToPath(new URL("../fixtures/pil-resize", import.meta.url));

interface Golden {
  readonly source: string;
  readonly width: number;
  readonly height: number;
  readonly kernel: PilKernel;
  readonly file: string;
}

describe("resizePil", () => {
  const { cases } = readJson(`${GOLDENS}/goldens.json`) as { cases: Golden[] };

  test.each(cases)("equals Pillow to the bit: $file", async ({ source, width, height, kernel, file }) => {
    const resized = resizePil(await readPixels(`${GOLDENS}/${source}`), width, height, kernel);
    const golden = await readPixels(`${GOLDENS}/${file}`);
    expect([resized.width, resized.height]).toEqual([golden.width, golden.height]);
    expect(Buffer.compare(resized.data, golden.data)).toBe(0);
  });

  test.each(REFERENCE_NAMES)(
    "equals Pillow on the reference pack's %s (shortest edge 336, centre crop)",
    async (name) => {
      const { resized } = referenceImages()[name];
      const [width, height] = resized;
      const large = resizePil(await readPixels(`${REFERENCE}/images/${name}.png`), width, height, "bicubic");
      const crop = placePixels(large, {
        width: 336,
        height: 336,
        left: -Math.floor((width - 336) / 2),
        top: -Math.floor((height - 336) / 2),
      });
      const golden = await readPixels(`${REFERENCE}/images/${name}.crop336.png`);
      expect(Buffer.compare(crop.data, golden.data)).toBe(0);
    },
  );

  test("keeps the pixels when the size is the same, and a flat colour at any size", () => {
    const data = Uint8Array.from({ length: 5 * 4 * 3 }, (_, i) => (i * 37) % 256);
    expect(resizePil({ data, width: 5, height: 4, channels: 3 }, 5, 4, "lanczos").data).toEqual(data);
    const flat = { data: new Uint8Array(7 * 9).fill(200), width: 7, height: 9, channels: 1 } as const;
    for (const kernel of ["bilinear", "bicubic", "lanczos", "box", "hamming", "nearest"] as const) {
      expect(resizePil(flat, 13, 3, kernel).data.every((value) => value === 200)).toBe(true);
    }
  });

  test("resizes each channel as if it were alone", () => {
    const band = (c: number) => Uint8Array.from({ length: 6 * 5 }, (_, i) => (i * (31 + 12 * c)) % 256);
    const rgba = Uint8Array.from({ length: 6 * 5 * 4 }, (_, i) => band(i % 4)[Math.floor(i / 4)] ?? 0);
    const together = resizePil({ data: rgba, width: 6, height: 5, channels: 4 }, 11, 3, "bicubic").data;
    for (const c of [0, 1, 2, 3]) {
      const alone = resizePil({ data: band(c), width: 6, height: 5, channels: 1 }, 11, 3, "bicubic").data;
      expect(together.filter((_, i) => i % 4 === c)).toEqual(alone);
    }
  });

  test("refuses a size or a buffer that makes no picture", () => {
    const image = { data: new Uint8Array(12), width: 2, height: 2, channels: 3 } as const;
    expect(() => resizePil(image, 0, 2, "bicubic")).toThrow(RangeError);
    expect(() => resizePil(image, 2.5, 2, "bicubic")).toThrow(RangeError);
    expect(() => resizePil({ ...image, width: 3 }, 2, 2, "bicubic")).toThrow(
      /12 bytes are not a picture of 3x2/,
    );
  });
});
