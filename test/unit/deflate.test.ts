import { deflateSync, inflateSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { deflate, inflate, joinBytes } from "../../src/core/run/deflate.js";

const plain = (bytes: Uint8Array): Uint8Array<ArrayBuffer> => Uint8Array.from(bytes);

describe("deflate", () => {
  it("gives the zlib format and takes it back, for any bytes", async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), fc.nat({ max: 400 }), async (bytes, repeats) => {
        const whole = joinBytes(Array<Uint8Array>(repeats).fill(bytes));
        const packed = await deflate(whole);
        expect(plain(inflateSync(packed))).toEqual(whole);
        expect(await inflate(packed, whole.length)).toEqual(whole);
      }),
      { numRuns: 30 },
    );
  });

  it("stops where more comes out than may", async () => {
    const bomb = plain(deflateSync(new Uint8Array(50_000_000)));
    expect(bomb.length).toBeLessThan(60_000);
    await expect(inflate(bomb, 1_000_000)).rejects.toThrow(/more than 1000000 bytes/);
  });

  it("fails on bytes that were cut or changed", async () => {
    const packed = await deflate(Uint8Array.from({ length: 5000 }, (_, index) => (index * index) % 251));
    await expect(inflate(packed.subarray(0, packed.length - 5), 5000)).rejects.toThrow();
    await expect(inflate(new Uint8Array(), 5000)).rejects.toThrow();
    for (const place of [0, 40, packed.length - 1]) {
      const changed = packed.slice();
      changed[place] = (changed[place] ?? 0) ^ 0x10;
      await expect(inflate(changed, 5000)).rejects.toThrow();
    }
  });
});
