import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { attribute } from "../../src/core/attribution/attribute.js";
import { attributionInput } from "../../src/core/attribution/attributionInput.js";
import { createEngine } from "../../src/runtime/engine.js";
import { correlation, maxDifference } from "../helpers/compare.js";
import { explainRequest, neverAborted } from "../helpers/explainRequest.js";
import { readFloats } from "../helpers/referencePack.js";

const ROOT = join(import.meta.dirname, "../..");
const MODEL = join(ROOT, "models/emoji-llava");
const ORACLE = join(ROOT, "test/fixtures/bundled-oracle");
/** Of an array's largest value: the bar for exactness in design/engine.md. */
const RELATIVE_LIMIT = 1e-4;
const CORRELATION = 0.9999;

interface OracleCase {
  readonly id: string;
  readonly image: string;
  readonly prompt: string;
  readonly input_ids: readonly number[];
  readonly target_ids: readonly number[];
  readonly teacher_forced: { readonly arrays: Readonly<Record<string, { readonly file: string }>> };
}

const oracle = JSON.parse(readFileSync(join(ORACLE, "cases.json"), "utf8")) as {
  readonly decoder_sha256: string;
  readonly cases: readonly OracleCase[];
};
const engine = createEngine();

beforeAll(async () => {
  await engine.load({ modelDir: MODEL, device: "cpu", dtype: "fp32" }, () => undefined);
});
afterAll(() => engine.dispose());

describe("the bundled decoder against float64 PyTorch autograd over explicit attention (tools/train/oracle.py)", () => {
  test("the oracle was made from the committed weights, for three scenes", () => {
    const decoder = readFileSync(join(MODEL, "onnx/decoder_model_merged.onnx"));
    expect(createHash("sha256").update(decoder).digest("hex")).toBe(oracle.decoder_sha256);
    expect(oracle.cases).toHaveLength(3);
  });

  test.each(oracle.cases)("$id", async (golden) => {
    const request = explainRequest({
      imagePath: join(ROOT, "examples", golden.image),
      prompt: golden.prompt,
      target: { ids: golden.target_ids },
    });
    const run = await engine.explain(request, () => undefined, neverAborted);
    const found = attribute(attributionInput(run), run.info.settings);
    expect([...run.arrays.inputIds]).toEqual([...golden.input_ids, ...golden.target_ids]);
    const values: Record<string, Float32Array> = {
      dA: run.arrays.gradient ?? new Float32Array(),
      lens_logits: run.arrays.lensLogit,
      S_img: found.scoreImage,
      S_text: found.scoreText,
      w: found.headWeight,
      E: found.tokenHeatmap,
      delta: found.tokenWeight,
      seq_without_stop: found.sequenceHeatmap,
    };
    for (const [name, mine] of Object.entries(values)) {
      const expected = readFloats(join(ORACLE, golden.teacher_forced.arrays[name]?.file ?? "")) ?? new Float32Array();
      const scale = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
      expect(scale, name).toBeGreaterThan(0);
      expect(maxDifference(mine, expected) / scale, name).toBeLessThanOrEqual(RELATIVE_LIMIT);
    }
    const heatmap = readFloats(join(ORACLE, golden.teacher_forced.arrays["E"]?.file ?? "")) ?? [];
    expect(correlation(found.tokenHeatmap, heatmap)).toBeGreaterThanOrEqual(CORRELATION);
  });

  test("greedy answers are the oracle's targets", async () => {
    for (const golden of oracle.cases) {
      const request = explainRequest({
        imagePath: join(ROOT, "examples", golden.image),
        prompt: golden.prompt,
        maxNewTokens: 64,
      });
      const { ids } = await engine.generate(request, () => undefined, neverAborted);
      expect(ids, golden.id).toEqual(golden.target_ids);
    }
  });
});
