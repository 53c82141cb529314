import { describe, expect, it } from "vitest";
import { packArrays, unpackArrays } from "../../src/core/run/packArrays.js";

describe("packArrays", () => {
  it("gives back plain data and typed arrays, also views and large ones", () => {
    const large = Float32Array.from({ length: 7001 }, (_, index) => Math.sin(index));
    const value = {
      name: "x",
      list: [1, null],
      view: large.subarray(3, 7),
      large,
      whole: Int32Array.of(-1, 2),
    };
    expect(unpackArrays(packArrays(value))).toEqual({ ...value, view: large.slice(3, 7) });
  });

  it("cannot end the element it stands in", () => {
    expect(packArrays({ text: "</script><!--" })).not.toContain("<");
  });
});
