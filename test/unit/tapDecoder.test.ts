import { describe, expect, it } from "vitest";
import { readDecoder } from "../../src/core/graph/decoder.js";
import { leanDecoder, tapDecoder } from "../../src/core/instrument/tapDecoder.js";
import { ROWS_FROM_INPUT } from "../../src/core/instrument/lastRows.js";
import { rewriteDecoder } from "../../src/core/instrument/rewriteDecoder.js";
import { TAP_OUTPUT, Taps } from "../../src/core/instrument/taps.js";
import { clone, ModelProtoSchema, writeModel } from "../../src/core/onnx/index.js";
import { GraphBuilder } from "../helpers/graphBuilder.js";
import { fill, tensor, type Tensor } from "../helpers/interpreter/tensor.js";
import { memoryFolder } from "../helpers/memoryFolder.js";
import { distance, runOrt } from "../helpers/ortValues.js";
import { randomTensor } from "../helpers/ruleCheck.js";
import { TINY, tinyDecoder } from "../helpers/tinyDecoder.js";

const SEQUENCE = 3;

/** Feeds of a decoder of two layers with two value heads of size 4 and an empty cache. */
function feeds(): Record<string, Tensor> {
  const past = [0, 1].flatMap((l) => [`past.${l}.key`, `past.${l}.value`]);
  return {
    inputs_embeds: randomTensor([1, SEQUENCE, TINY.hidden], 5),
    mask: fill([1, 1, SEQUENCE, SEQUENCE], ([, , i = 0, j = 0]) => (j <= i ? 0 : -1e9)),
    ...Object.fromEntries(past.map((name) => [name, tensor([1, 2, 0, 4], [])])),
  };
}

describe("the tapped decoder", () => {
  const { model } = tinyDecoder({ style: "decomposed" });
  const taps = new Taps();
  taps.add("l1/y", TINY.hidden);
  taps.add("l0/h", TINY.hidden);
  taps.add("l1/y", TINY.hidden);
  const { head } = readDecoder(model);
  const tapped = tapDecoder(model, taps, head);

  it("gives the same outputs, the cache to the bit, and the tapped rows side by side", async () => {
    const plain = await runOrt(model, feeds());
    const run = (from: number) =>
      runOrt(tapped, { ...feeds(), [ROWS_FROM_INPUT]: tensor([1], [from]) }, [ROWS_FROM_INPUT]);
    const all = await run(-SEQUENCE);
    for (const [name, value] of Object.entries(plain)) {
      if (name !== "logits") expect([...(all[name]?.data ?? [])]).toEqual([...value.data]);
    }
    expect(Object.keys(all).toSorted()).toEqual([TAP_OUTPUT, ...Object.keys(plain)].toSorted());
    expect(all[TAP_OUTPUT]?.dims).toEqual([1, SEQUENCE, 2 * TINY.hidden]);
    const last = await run(-1);
    const tail = all[TAP_OUTPUT]?.data.slice(-2 * TINY.hidden) ?? [];
    expect(distance(last[TAP_OUTPUT] ?? tensor([0], []), tensor([1, 1, 2 * TINY.hidden], tail))).toBe(0);
  });

  it("gives the logits of the rows that matter, tapped or not", async () => {
    const { logits } = await runOrt(model, feeds());
    const lean = leanDecoder(model, head);
    for (const decoder of [tapped, ...(lean ? [lean] : [])]) {
      for (const rows of [1, 2, SEQUENCE]) {
        const from = { [ROWS_FROM_INPUT]: tensor([1], [-rows]) };
        const found = (await runOrt(decoder, { ...feeds(), ...from }, [ROWS_FROM_INPUT]))["logits"];
        const tail = logits?.data.slice(-rows * TINY.vocabulary) ?? [];
        expect(found?.dims).toEqual([1, rows, TINY.vocabulary]);
        expect(distance(found ?? tensor([0], []), tensor([1, rows, TINY.vocabulary], tail))).toBeLessThan(
          1e-6,
        );
      }
    }
    expect(lean).not.toBeNull();
  });

  it("leaves a dynamically quantised head alone: it rounds a row by what the others hold", () => {
    const { model: dynamic } = tinyDecoder({ style: "fused", dynamic: "int8" });
    const { head: rounding } = readDecoder(dynamic);
    expect(leanDecoder(dynamic, rounding)).toBeNull();
    const inputs = tapDecoder(dynamic, taps, rounding).graph?.node.map((node) => node.input[0]);
    expect(inputs).not.toContain("dexar_head_rows");
  });

  it("taps rows that lie on the first axis, around a Gemm, and leaves a Gemm's logits whole", async () => {
    const { model: flat } = tinyDecoder({ style: "decomposed", linear: "gemm", mlp: "gelu" });
    const written = rewriteDecoder(flat, readDecoder(flat), memoryFolder({}));
    expect(written.lean).toBeNull();
    expect(written.taps.all.filter((tap) => tap.flat).length).toBeGreaterThan(0);
    const run = (from: number) =>
      runOrt(written.tapped, { ...feeds(), [ROWS_FROM_INPUT]: tensor([1], [from]) }, [ROWS_FROM_INPUT]);
    const [all, last, plain] = [await run(-SEQUENCE), await run(-1), await runOrt(flat, feeds())];
    const { width } = written.taps;
    expect(all[TAP_OUTPUT]?.dims).toEqual([1, SEQUENCE, width]);
    const tail = tensor([1, 1, width], all[TAP_OUTPUT]?.data.slice(-width) ?? []);
    expect(distance(last[TAP_OUTPUT] ?? tensor([0], []), tail)).toBe(0);
    for (const [name, value] of Object.entries(plain))
      expect([...(last[name]?.data ?? [])]).toEqual([...value.data]);
  });

  it("leaves the logits of any head whole that reads its rows on the first axis", async () => {
    const { model: flat } = tinyDecoder({ style: "decomposed" });
    const product = flat.graph?.node.find(({ output }) => output[0] === "lm_head");
    const b = new GraphBuilder();
    const rows = b.op("Reshape", [product?.input[0] ?? "", b.ints(-1, TINY.hidden)]);
    const raw = b.op("MatMul", [rows, "lm_head/w"], {}, "raw");
    b.op("Reshape", [raw, b.ints(1, -1, TINY.vocabulary)], {}, "lm_head");
    if (!flat.graph || !product) throw new RangeError("no head");
    flat.graph.node.splice(flat.graph.node.indexOf(product), 1, ...b.graph.node);
    flat.graph.initializer.push(...b.graph.initializer);
    const written = rewriteDecoder(flat, readDecoder(flat), memoryFolder({}));
    expect(written.lean).toBeNull();
    const from = { [ROWS_FROM_INPUT]: tensor([1], [-1]) };
    const { logits } = await runOrt(written.tapped, { ...feeds(), ...from }, [ROWS_FROM_INPUT]);
    expect(logits).toEqual((await runOrt(flat, feeds()))["logits"]);
  });

  it("taps each tensor once, in the order in which it was asked for", () => {
    expect(taps.all.map((tap) => tap.tensor)).toEqual(["l1/y", "l0/h"]);
    expect(taps.width).toBe(2 * TINY.hidden);
  });

  it("ends with the taps, so that they are cut out before the head is run, however that is fused", () => {
    const nodes = tapped.graph?.node ?? [];
    expect(nodes.at(-1)?.output).toEqual([TAP_OUTPUT]);
    expect(nodes.slice(0, -1).some((node) => node.input.includes("logits"))).toBe(true);
  });

  it("has an output that transformers.js does not take for cache", () => {
    expect(TAP_OUTPUT.startsWith("present")).toBe(false);
  });

  it("leaves the original model alone", () => {
    const { model: fused } = tinyDecoder({ style: "fused" });
    const before = writeModel(clone(ModelProtoSchema, fused));
    const hidden = new Taps();
    hidden.add("final/normed/residual_sum", TINY.hidden);
    const result = tapDecoder(fused, hidden, readDecoder(fused).head);
    expect(writeModel(fused)).toEqual(before);
    const norm = result.graph?.node.find((node) => node.output[0] === "final/normed");
    expect(norm?.output).toEqual(["final/normed", "", "", "final/normed/residual_sum"]);
  });
});
