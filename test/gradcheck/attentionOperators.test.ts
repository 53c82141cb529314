import { describe, expect, it } from "vitest";
import { readDecoder } from "../../src/core/graph/decoder.js";
import { GraphBuilder } from "../helpers/graphBuilder.js";
import { fill, type Tensor } from "../helpers/interpreter/tensor.js";
import { distance, runOrt } from "../helpers/ortValues.js";
import { randomTensor } from "../helpers/ruleCheck.js";
import { thrownBy } from "../helpers/thrownBy.js";

const [HEADS, SIZE, HIDDEN] = [4, 4, 16];

interface Written {
  readonly z: string;
  readonly value: string;
}

/** A decoder of one attention and one sum; `write` writes the attention over q [1, S, heads * size], k and v. */
function decoder(kvHeads: number, write: (b: GraphBuilder, q: string, k: string, v: string) => Written) {
  const b = new GraphBuilder(3);
  b.input("inputs_embeds", [1, "sequence", HIDDEN]);
  const project = (name: string, width: number, x = "inputs_embeds") =>
    b.op("MatMul", [x, b.constant(`${name}/w`, [HIDDEN, width])], {}, name);
  const [q, k, v] = [project("q", HEADS * SIZE), project("k", kvHeads * SIZE), project("v", kvHeads * SIZE)];
  const names = write(b, q, k, v);
  const y = b.op("Add", ["inputs_embeds", project("o", HIDDEN, names.z)]);
  b.op("MatMul", [y, b.constant("head", [HIDDEN, 5])], {}, "logits");
  b.output("logits", [1, "sequence", 5]);
  b.output(names.value, [1, kvHeads, "positions", SIZE]);
  b.output(names.z, [1, "sequence", HEADS * SIZE]);
  return { model: b.model(24), names };
}

const split = (b: GraphBuilder, x: string, heads: number, output?: string) =>
  b.op("Transpose", [b.op("Reshape", [x, b.ints(0, 0, heads, SIZE)])], { perm: [0n, 2n, 1n, 3n] }, output);
const merge = (b: GraphBuilder, x: string) =>
  b.op("Reshape", [b.op("Transpose", [x], { perm: [0n, 2n, 1n, 3n] }), b.ints(0, 0, HEADS * SIZE)]);

/** h to h / groups, as exporters repeat shared heads. */
function repeated(b: GraphBuilder, x: string, groups: number): string {
  const wide = b.op("Expand", [b.op("Unsqueeze", [x, b.ints(2)]), b.ints(1, 1, groups, 1, 1)]);
  return b.op("Reshape", [wide, b.ints(0, HEADS, -1, SIZE)]);
}

const forms: Record<string, ReturnType<typeof decoder>> = {
  "MultiHeadAttention that keeps the cache": decoder(HEADS, (b, q, k, v) => {
    b.node("com.microsoft:MultiHeadAttention", [q, k, v], ["z", "present.0.key", "present.0.value"], {
      num_heads: BigInt(HEADS),
    });
    return { z: "z", value: "present.0.value" };
  }),
  "MultiHeadAttention over repeated heads": decoder(2, (b, q, k, v) => {
    const value = split(b, v, 2, "present.0.value");
    const keys = merge(b, repeated(b, split(b, k, 2), 2));
    const all = [q, keys, merge(b, repeated(b, value, 2))];
    return { z: b.op("com.microsoft:MultiHeadAttention", all, { num_heads: BigInt(HEADS) }, "z"), value };
  }),
  "Attention that keeps the cache": decoder(2, (b, q, k, v) => {
    const counts = { q_num_heads: BigInt(HEADS), kv_num_heads: 2n };
    b.node("Attention", [q, k, v], ["z", "present.0.key", "present.0.value"], counts);
    return { z: "z", value: "present.0.value" };
  }),
  "Attention over heads that are apart": decoder(2, (b, q, k, v) => {
    const value = split(b, v, 2, "present.0.value");
    return { z: merge(b, b.op("Attention", [split(b, q, HEADS), split(b, k, 2), value])), value };
  }),
};

describe.each(Object.entries(forms))("%s", (_, { model, names }) => {
  it("is read", () => {
    const [layer] = readDecoder(model).layers;
    const { dim = [] } = shapeOf(model, names.value) ?? {};
    expect(layer?.attention).toMatchObject({
      output: names.z,
      value: names.value,
      heads: HEADS,
      kvHeads: Number(dim[1]?.value.value),
      headSize: SIZE,
      saysWindow: false,
    });
  });

  it("gives head h the values of h / groups, as the gradient takes them: of one position, nothing else", async () => {
    const found = await runOrt(model, { inputs_embeds: randomTensor([1, 1, HIDDEN], 4) });
    const [z, value] = [found[names.z], found[names.value]] as [Tensor, Tensor];
    const groups = HEADS / (value.dims[1] ?? 1);
    const expected = fill([1, 1, HEADS * SIZE], ([, , i = 0]) => {
      const head = Math.floor(i / SIZE);
      return value.data[Math.floor(head / groups) * SIZE + (i % SIZE)] ?? NaN;
    });
    expect(distance(z, expected)).toBeLessThan(1e-6);
  });
});

function shapeOf({ graph }: ReturnType<typeof decoder>["model"], output: string) {
  const type = graph?.output.find(({ name }) => name === output)?.type?.value;
  return type?.case === "tensorType" ? type.value.shape : undefined;
}

it("heads that are transposed in another way are refused", () => {
  const { model } = decoder(HEADS, (b, q, k, v) => {
    const value = split(b, v, HEADS, "present.0.value");
    const turned = b.op("Reshape", [
      b.op("Transpose", [value], { perm: [0n, 3n, 1n, 2n] }),
      b.ints(0, -1, 16),
    ]);
    const z = b.op("com.microsoft:MultiHeadAttention", [q, k, turned], { num_heads: BigInt(HEADS) }, "z");
    return { z, value };
  });
  expect(thrownBy(() => readDecoder(model)).message).toBe(
    "The attention around node node:z (MultiHeadAttention) could not be read: its values do not lead back to a cache among the outputs.",
  );
});
