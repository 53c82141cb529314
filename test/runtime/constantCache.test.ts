import { Tensor } from "onnxruntime-node";
import { expect, test } from "vitest";
import { constantCaches } from "../../src/runtime/session/constantCache.js";
import { DecoderSession, type DecoderStep } from "../../src/runtime/session/decoderSession.js";

const float = (values: number[], dims: number[]) => new Tensor("float32", Float32Array.from(values), dims);

const OWN = "present.0.decoder.value";
const ENCODER = "present.0.encoder.value";
const past = (name: string) => name.replace("present", "past_key_values");

test("a cache that is taken in and not given out again stays what it was", () => {
  const [given, empty, own] = [
    float([1, 2], [1, 1, 2, 1]),
    float([], [0, 1, 1, 1]),
    float([3], [1, 1, 1, 1]),
  ];
  const feeds = { [past(ENCODER)]: given, [past(OWN)]: own };
  expect(constantCaches(feeds, { [ENCODER]: empty, [OWN]: own, logits: own })).toEqual({ [ENCODER]: given });
  // In the first step it is given out, and nothing was taken in.
  expect(constantCaches({ [past(ENCODER)]: empty }, { [ENCODER]: given })).toEqual({});
});

test("a decoder step has it among its outputs, transformers.js does not: it would free what it has already", async () => {
  const [given, own] = [float([1, 2], [1, 1, 2, 1]), float([3], [1, 1, 1, 1])];
  const session = new DecoderSession(
    {
      inputNames: ["inputs_embeds", past(ENCODER)],
      outputNames: ["logits", ENCODER, OWN],
      inputMetadata: [],
      run: () =>
        Promise.resolve({ logits: float([5], [1, 1, 1]), [ENCODER]: float([], [0, 1, 1, 1]), [OWN]: own }),
      release: () => Promise.resolve(),
    },
    "fp32",
    "cpu",
  );
  let seen: DecoderStep["outputs"] = {};
  session.listener = {
    rows: 1,
    beforeStep: () => Promise.resolve(),
    onStep: ({ outputs }) => (seen = outputs),
  };
  const returned = await session.run({ [past(ENCODER)]: given });
  expect(seen[ENCODER]).toBe(given);
  expect(Object.keys(returned).toSorted()).toEqual(["logits", OWN].toSorted());
});
