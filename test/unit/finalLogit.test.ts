import { describe, expect, it } from "vitest";
import { readDecoder } from "../../src/core/graph/decoder.js";
import { finalLogit } from "../../src/core/graph/finalLogit.js";
import { DataType } from "../../src/core/onnx/index.js";
import { GraphBuilder } from "../helpers/graphBuilder.js";
import { thrownBy } from "../helpers/thrownBy.js";
import { TINY, tinyDecoder } from "../helpers/tinyDecoder.js";

/** What a decoder makes of a raw logit whose end, from the head's product on, is written by `end`. */
function madeBy(end: (b: GraphBuilder) => string): (raw: number) => number {
  const { model } = tinyDecoder({ style: "fused" });
  const b = new GraphBuilder();
  b.op("Identity", [end(b)], {}, "logits");
  if (!model.graph) throw new RangeError("no graph");
  model.graph.node.splice(model.graph.node.length - 1, 1, ...b.graph.node);
  model.graph.initializer.push(...b.graph.initializer);
  return finalLogit(readDecoder(model));
}

describe("what a decoder makes of a raw logit", () => {
  it("is a soft cap, whose numbers may be cast", () => {
    const half = { to: BigInt(DataType.FLOAT16) };
    const float = { to: BigInt(DataType.FLOAT) };
    const final = madeBy((b) => {
      const cap = b.op("Cast", [b.op("Cast", [b.scalar(30)], half)], float);
      return b.op("Mul", [b.op("Tanh", [b.op("Div", ["lm_head", cap])]), b.op("Identity", [cap])]);
    });
    expect(final(12)).toBeCloseTo(30 * Math.tanh(12 / 30));
  });

  it("is a scale and a shift, in the graph's order", () => {
    const shift = madeBy((b) => b.op("Add", [b.scalar(3), b.op("Mul", ["lm_head", b.scalar(2)])]));
    expect(shift(5)).toBe(13);
    expect(madeBy((b) => b.op("Div", [b.scalar(2), "lm_head"]))(8)).toBe(0.25);
  });

  it("is the same number behind the head's bias, which the lens has already", () => {
    const { model } = tinyDecoder({ style: "fused", headBias: true });
    expect(finalLogit(readDecoder(model))(7)).toBe(7);
  });

  it("is refused where it is another one for every token, or cannot be read", () => {
    const ends: ((b: GraphBuilder) => string)[] = [
      (b) => b.op("Mul", ["lm_head", b.constant("each", [TINY.vocabulary])]),
      (b) => b.op("Add", [b.op("Mul", ["lm_head", b.scalar(2)]), b.constant("late_bias", [TINY.vocabulary])]),
      (b) => b.op("Mul", ["lm_head", b.op("Sqrt", [b.scalar(4)])]),
    ];
    for (const end of ends) {
      const error = thrownBy(() => madeBy(end));
      expect(error.code).toBe("unsupported-op");
      expect(error.message).toMatch(
        /^What operator ai\.onnx:(Mul|Add) .* makes of the logits could not be read/,
      );
    }
  });
});
