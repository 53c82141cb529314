import { Tensor, type InferenceSession } from "onnxruntime-node";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ROWS_FROM_INPUT } from "../../src/core/instrument/lastRows.js";
import { TAP_OUTPUT } from "../../src/core/instrument/taps.js";
import { readExplainableDecoder } from "../../src/runtime/model/explainableDecoder.js";
import { createSession } from "../../src/runtime/session/createSession.js";
import { asPast, inPieces } from "../../src/runtime/session/inPieces.js";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { maxDifference } from "../helpers/compare.js";
import { buildTiny, TINY } from "../helpers/tinyShape.js";

const cache = mkdtempSync(path.join(tmpdir(), "dexar-pieces-"));
afterAll(() => rmSync(cache, { recursive: true }));

/** Inputs of positions `from` to `from + count`, each with values of its own. */
function feeds(session: InferenceSession, from: number, count: number): Record<string, Tensor> {
  const embeds = Float32Array.from({ length: count * TINY.hidden }, (_, i) =>
    Math.sin(3.7 * (from * TINY.hidden + i) ** 1.1),
  );
  const positions = BigInt64Array.from({ length: count }, (_, i) => BigInt(from + i));
  const mask = new BigInt64Array(from + count).fill(1n);
  return {
    inputs_embeds: new Tensor("float32", embeds, [1, count, TINY.hidden]),
    attention_mask: new Tensor("int64", mask, [1, from + count]),
    ...(session.inputNames.includes("position_ids") && {
      position_ids: new Tensor("int64", positions, [1, count]),
    }),
  };
}

function emptyCache(session: InferenceSession): Record<string, Tensor> {
  const names = session.inputNames.filter((name) => name.startsWith("past_key_values"));
  const empty = () => new Tensor("float32", new Float32Array(), [1, TINY.kvHeads, 0, TINY.headSize]);
  return Object.fromEntries(names.map((name) => [name, empty()]));
}

const tapFrom = (row: number) => ({
  [ROWS_FROM_INPUT]: new Tensor("int64", BigInt64Array.of(BigInt(row)), [1]),
});

describe.each(["fused", "decomposed"] as const)("a %s decoder in pieces", (style) => {
  let session: InferenceSession;
  beforeAll(async () => {
    const folder = await buildTiny({ cache, dtype: "fp32", imageTokens: 8, style });
    const decoder = readExplainableDecoder(path.join(folder, "onnx", "decoder_model_merged.onnx"));
    session = await createSession("decoder", decoder.tapped);
  });
  afterAll(() => session.release());

  // 17 positions in pieces of 5: the last piece has 2; rows end within a piece, at its edge, and span several.
  it.each([1, 2, 3, 12, 17])("gives what it gives at once, with %i tapped rows", async (rows) => {
    const start = await session.run({ ...feeds(session, 0, 4), ...emptyCache(session), ...tapFrom(-1) });
    const asked = { ...feeds(session, 4, 17), ...asPast(start), ...tapFrom(-rows) };
    const whole = await session.run(asked);
    const parts = await inPieces(session, 5).run(asked);
    expect(Object.keys(parts).sort()).toEqual(Object.keys(whole).sort());
    for (const [name, expected] of Object.entries(whole)) {
      const found = parts[name];
      expect(found?.dims).toEqual(expected.dims);
      expect(maxDifference(found?.data as Float32Array, expected.data as Float32Array)).toBeLessThan(1e-5);
    }
    expect(parts[TAP_OUTPUT]?.dims[1]).toBe(rows);
  });

  it("leaves what is short enough to the decoder itself", async () => {
    const asked = { ...feeds(session, 0, 5), ...emptyCache(session), ...tapFrom(-2) };
    expect((await inPieces(session, 5).run(asked))["logits"]?.data).toEqual(
      (await session.run(asked))["logits"]?.data,
    );
  });
});
