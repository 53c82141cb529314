import { InferenceSession, Tensor as OrtTensor } from "onnxruntime-node";
import { describe, expect, it } from "vitest";
import { readDecoder } from "../../src/core/graph/decoder.js";
import { GRADIENT_IO } from "../../src/core/instrument/gradientIo.js";
import { ROWS_FROM_INPUT } from "../../src/core/instrument/lastRows.js";
import { rewriteDecoder } from "../../src/core/instrument/rewriteDecoder.js";
import { TAP_OUTPUT } from "../../src/core/instrument/taps.js";
import { graphWeights } from "../../src/core/memory/graphWeights.js";
import { clone, ModelProtoSchema, writeModel, type ModelProto } from "../../src/core/onnx/index.js";
import { fill, type Tensor } from "../helpers/interpreter/tensor.js";
import { memoryFolder } from "../helpers/memoryFolder.js";
import { mergeDecoders, USE_CACHE } from "../helpers/mergeDecoders.js";
import { randomTensor } from "../helpers/ruleCheck.js";
import { thrownBy } from "../helpers/thrownBy.js";
import { TINY, tinyDecoder, type TinyDecoderOptions } from "../helpers/tinyDecoder.js";

const SEQUENCE = 3;
const PAST = 2;
const OPTIONS: TinyDecoderOptions = { style: "decomposed", headBias: true };

function feeds(): Record<string, Tensor> {
  const past = [0, 1].flatMap((l) => [`past.${l}.key`, `past.${l}.value`]);
  return {
    inputs_embeds: randomTensor([1, SEQUENCE, TINY.hidden], 5),
    mask: fill([1, 1, SEQUENCE, PAST + SEQUENCE], ([, , i = 0, j = 0]) => (j <= PAST + i ? 0 : -1e9)),
    ...Object.fromEntries(past.map((name, i) => [name, randomTensor([1, 2, PAST, 4], 30 + i)])),
  };
}

/** All outputs as plain arrays, for the last two rows. */
async function run(model: ModelProto, cached: boolean | null): Promise<Record<string, number[]>> {
  const session = await InferenceSession.create(writeModel(model), { logSeverityLevel: 3 });
  const given: Record<string, OrtTensor> = Object.fromEntries(
    Object.entries(feeds()).map(([name, { dims, data }]) => [
      name,
      new OrtTensor("float32", Float32Array.from(data), dims),
    ]),
  );
  if (session.inputNames.includes(ROWS_FROM_INPUT))
    given[ROWS_FROM_INPUT] = new OrtTensor("int64", BigInt64Array.of(-2n), [1]);
  if (cached !== null) given[USE_CACHE] = new OrtTensor("bool", [cached], [1]);
  const results = await session.run(given);
  await session.release();
  return Object.fromEntries(
    Object.entries(results).map(([name, { data }]) => [name, Array.from(data as Float32Array)]),
  );
}

/** The decoder with another activation. */
function other(model: ModelProto): ModelProto {
  const copy = clone(ModelProtoSchema, model);
  for (const node of copy.graph?.node ?? []) if (node.opType === "Sigmoid") node.opType = "Tanh";
  return copy;
}

/** The decoder with attention scores on another scale: the same structure, other numbers. */
function rescaled(model: ModelProto): ModelProto {
  const copy = clone(ModelProtoSchema, model);
  const scale = copy.graph?.initializer.find(({ name }) => name === "scalar_0.3");
  if (!scale) throw new RangeError("the decoder has no scale");
  scale.rawData = new Uint8Array(Float32Array.of(0.9).buffer);
  return copy;
}

describe.each([false, true])("a merged decoder, casts outside: %s", (casts) => {
  const { model: plain, layers } = tinyDecoder(OPTIONS);
  const merged = mergeDecoders(plain, plain, casts);
  const decoder = readDecoder(merged);
  const written = rewriteDecoder(merged, decoder, memoryFolder({}));
  const expected = rewriteDecoder(plain, readDecoder(plain), memoryFolder({}));

  it("has the structure of one of its copies", () => {
    expect(decoder.layers.map(({ attention }) => attention.value)).toEqual(layers.map(({ value }) => value));
    expect(decoder.merge?.node.name).toBe("optimum::if");
    expect(decoder.merge?.copies.map(({ branch }) => branch)).toEqual(["then_branch", "else_branch"]);
    expect(written.taps.all.map(({ width }) => width)).toEqual(expected.taps.all.map(({ width }) => width));
  });

  it.each([true, false])("taps and cuts the logits in either branch (%s)", async (cached) => {
    const found = await run(written.tapped, cached);
    expect(found).toEqual(await run(expected.tapped, null));
    expect(found[TAP_OUTPUT]).toHaveLength(2 * written.taps.width);
    if (!written.lean || !expected.lean) throw new RangeError("no lean decoder");
    expect(await run(written.lean, cached)).toEqual(await run(expected.lean, null));
  });

  it.each([true, false])("runs and taps the copy whose branch is taken (%s)", async (cached) => {
    const second = rescaled(plain);
    const twins = mergeDecoders(plain, second, casts);
    const { tapped, lean } = rewriteDecoder(twins, readDecoder(twins), memoryFolder({}));
    const [own, other] = [cached ? second : plain, cached ? plain : second].map((model) =>
      rewriteDecoder(model, readDecoder(model), memoryFolder({})),
    );
    if (!own?.lean || !lean || !other) throw new RangeError("no lean decoder");
    const found = await run(tapped, cached);
    expect(found).toEqual(await run(own.tapped, null));
    expect(await run(lean, cached)).toEqual(await run(own.lean, null));
    const not = await run(other.tapped, null);
    for (const name of ["logits", TAP_OUTPUT]) expect(found[name]).not.toEqual(not[name]);
  });

  it("has the same gradient model", () => {
    const operators = (model: ModelProto) => model.graph?.node.map(({ opType }) => opType);
    expect(operators(written.model)).toEqual(operators(expected.model));
    expect(written.model.graph?.output.map(({ name }) => name)).toContain(GRADIENT_IO.gradient(1));
  });
});

it("a merged decoder is dequantised inside its branches", () => {
  const { model } = tinyDecoder({ ...OPTIONS, dynamic: "int8" });
  const merged = mergeDecoders(model, model);
  const written = rewriteDecoder(merged, readDecoder(merged), memoryFolder({}));
  const expected = rewriteDecoder(model, readDecoder(model), memoryFolder({}));
  const operators = ({ graph }: ModelProto) => graph?.node.map(({ opType }) => opType);
  expect(operators(written.model)).toEqual(operators(expected.model));
  expect(operators(written.model)).toContain("DequantizeLinear");
  // The head rounds a row by what the others hold, so only the original will do.
  expect(written.lean).toBeNull();
});

it("the weights of a merged decoder are packed once for each branch", () => {
  const { model } = tinyDecoder(OPTIONS);
  const [plain, merged] = [graphWeights(model, null), graphWeights(mergeDecoders(model, model), null)];
  // Scalars lie in both branches.
  expect((merged.byType["FLOAT"] ?? 0) / (plain.byType["FLOAT"] ?? 0)).toBeCloseTo(1, 2);
  expect(merged.private).toBeGreaterThan(1.8 * plain.private);
});

describe("a merged decoder is refused", () => {
  const { model } = tinyDecoder(OPTIONS);

  it("whose copies have other heads", () => {
    const [four, eight] = [4, 8].map((heads) => tinyDecoder({ style: "fused", heads }).model);
    if (!four || !eight) throw new RangeError("no decoder");
    const error = thrownBy(() => readDecoder(mergeDecoders(four, eight)));
    expect(error.code).toBe("decoder-structure");
    expect(error.message).toContain("The two decoders inside node optimum::if (If) are not alike");
  });

  it.each([
    ["feed-forward", tinyDecoder({ ...OPTIONS, mlp: "gateUp" }).model],
    ["activation", other(model)],
  ])("whose copies have another %s", (_, twin) => {
    const merged = mergeDecoders(model, twin);
    const error = thrownBy(() => rewriteDecoder(merged, readDecoder(merged), memoryFolder({})));
    expect(error.message).toMatch(
      /The (then|else)_branch of the merged decoder has other operators than its twin/,
    );
  });

  it("when a branch does not give what the If gives", () => {
    const merged = mergeDecoders(model, model);
    merged.graph?.node[0]?.attribute[0]?.g?.output.pop();
    expect(thrownBy(() => readDecoder(merged)).message).toContain(
      "The then_branch of node optimum::if (If) has 4 outputs instead of 5",
    );
  });
});

it("an If that does not give the logits is no merge", () => {
  const { model } = tinyDecoder(OPTIONS);
  expect(readDecoder(model).merge).toBeNull();
});
