import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DexarError } from "../../src/core/errors.js";
import { decodeNpy, encodeNpy } from "../../src/core/tensor/npy.js";

/** An .npy file with any header text, as numpy lays it out. */
function npy(header: string, data: readonly number[], version = 1): Uint8Array {
  const text = `${header}\n`;
  return Uint8Array.from([
    ...[0x93, ...Buffer.from("NUMPY"), version, 0, text.length & 255, text.length >> 8],
    ...Buffer.from(text),
    ...data,
  ]);
}

describe("npy", () => {
  it("writes the bytes numpy writes", () => {
    const bytes = encodeNpy("<f4", [2, 1], Float32Array.of(1, -2));
    expect(bytes.length).toBe(128 + 8);
    expect(Buffer.from(bytes.subarray(0, 10)).toString("hex")).toBe("934e554d505901007600");
    expect(Buffer.from(bytes.subarray(10, 128)).toString()).toBe(
      `${"{'descr': '<f4', 'fortran_order': False, 'shape': (2, 1), }".padEnd(117)}\n`,
    );
    expect(Buffer.from(bytes.subarray(128)).toString("hex")).toBe("0000803f000000c0");
    const vector = encodeNpy("<i8", [1], Int32Array.of(-2));
    expect(Buffer.from(vector).toString("latin1")).toContain("'shape': (1,), ");
    expect(Buffer.from(vector.subarray(-8)).toString("hex")).toBe("feffffffffffffff");
  });

  it("reads back what it wrote", () => {
    const shape = fc.array(fc.nat({ max: 3 }), { maxLength: 4 });
    fc.assert(
      fc.property(
        shape,
        fc.constantFrom("<f4" as const, "<i4" as const, "<i8" as const),
        (dimensions, type) => {
          const count = dimensions.reduce((product, size) => product * size, 1);
          const values = Array.from({ length: count }, (_, index) => index * 1000 - 7);
          const data = type === "<f4" ? Float32Array.from(values) : Int32Array.from(values);
          expect(decodeNpy(encodeNpy(type, dimensions, data), "x")).toEqual({ shape: dimensions, data });
        },
      ),
    );
  });

  it("reads float16", () => {
    const bytes = npy("{'descr': '<f2', 'fortran_order': False, 'shape': (3,), }", [0, 0x3c, 0, 0xc0, 1, 0]);
    expect(decodeNpy(bytes, "x").data).toEqual(Float32Array.of(1, -2, 2 ** -24));
  });

  const good = "{'descr': '<f4', 'fortran_order': False, 'shape': (1,), }";
  const damaged: [string, Uint8Array][] = [
    ["begin", Uint8Array.of(1, 2, 3)],
    ["version 2", npy(good, [0, 0, 0, 0], 2)],
    ["cut off", npy(good, []).subarray(0, 40)],
    ["number type", npy(good.replace("<f4", ">f4"), [0, 0, 0, 0])],
    ["number type", npy(good.replace("<f4", "|O"), [0, 0, 0, 0])],
    ["C order", npy(good.replace("False", "True"), [0, 0, 0, 0])],
    ["no shape", npy(good.replace("(1,)", "(-1,)"), [0, 0, 0, 0])],
    ["does not fit", npy(good, [0, 0, 0])],
    ["does not fit", npy(good.replace("(1,)", "(99999999, 99999999)"), [0, 0, 0, 0])],
    ["whole numbers", npy(good.replace("(1,)", "(1 2,)"), [0, 0, 0, 0])],
    ["32 bits", npy(good.replace("<f4", "<i8"), [0, 0, 0, 0, 1, 0, 0, 0])],
  ];
  for (const [what, bytes] of damaged)
    it(`refuses a damaged array: ${what}`, () => {
      expect(() => decodeNpy(bytes, "grid.npy")).toThrow(new RegExp(`^grid.npy cannot be read: .*${what}`));
    });

  it("refuses to write a shape that does not hold the data", () => {
    expect(() => encodeNpy("<f4", [2, 2], new Float32Array(3))).toThrow(DexarError);
  });
});
