import { fromBinary } from "@bufbuild/protobuf";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { readDecoder } from "../../src/core/graph/decoder.js";
import { GRADIENT_IO } from "../../src/core/instrument/gradientIo.js";
import { buildGradientModel } from "../../src/core/instrument/gradientModel.js";
import { ModelProtoSchema, writeModel, type ModelProto } from "../../src/core/onnx/index.js";
import { explainAnswer } from "../../src/runtime/answer/explain.js";
import { generateAnswer } from "../../src/runtime/answer/generate.js";
import { loadModel } from "../../src/runtime/model/loadModel.js";
import { explainRequest, neverAborted } from "../helpers/explainRequest.js";
import { familyFolder } from "../helpers/familyFolder.js";
import { tensor, type Tensor } from "../helpers/interpreter/tensor.js";
import { memoryFolder } from "../helpers/memoryFolder.js";
import { distance, runOrt } from "../helpers/ortValues.js";
import { quantiseBnb4 } from "../helpers/quantiseBnb4.js";
import { randomTensor } from "../helpers/ruleCheck.js";

/** Rounding of float32. */
const SAME_FUNCTION = 2e-6;
const FOLDERS = { fused: familyFolder("smolvlm"), decomposed: familyFolder("smolvlm", "decomposed") };
const temporary = mkdtempSync(join(tmpdir(), "dexar-bnb4-"));
afterAll(() => rmSync(temporary, { recursive: true }));

function decoderOf(folder: string): ModelProto {
  return fromBinary(ModelProtoSchema, readFileSync(join(folder, "onnx", "decoder_model_merged.onnx")));
}

/** What the gradient model of a decoder says of two tokens, for taps and caches drawn at random. */
async function gradients(model: ModelProto): Promise<Record<string, Tensor>> {
  const decoder = readDecoder(model);
  const gradient = buildGradientModel(decoder, memoryFolder({}));
  const feeds: Record<string, Tensor> = {
    [GRADIENT_IO.taps]: randomTensor([1, 2, gradient.taps.width], 1),
    [GRADIENT_IO.targets]: tensor([2], [7, 190]),
  };
  decoder.layers.forEach(({ attention: { kvHeads, headSize } }, l) => {
    feeds[GRADIENT_IO.value(l)] = randomTensor([1, kvHeads, 5, headSize], 10 + l);
  });
  return runOrt(gradient.model, feeds, [GRADIENT_IO.targets]);
}

async function answers(folder: string, dtype: string) {
  const vlm = await loadModel(folder, dtype);
  try {
    const imagePath = join(folder, "pictures", "wide.png");
    const request = explainRequest({ imagePath, prompt: "What is it?", rawPrompt: false, maxNewTokens: 4 });
    const run = await explainAnswer(vlm, request, () => undefined, neverAborted);
    const forced = { ...request, target: { ids: [70, 71, 72] } };
    const { arrays } = await explainAnswer(vlm, forced, () => undefined, neverAborted);
    return {
      ids: run.info.tokens.map(({ id }) => id),
      plain: (await generateAnswer(vlm, request, () => undefined, neverAborted)).ids,
      gradient: arrays.gradient ?? new Float32Array(),
    };
  } finally {
    await vlm.dispose();
  }
}

describe.each(Object.entries(FOLDERS))("%s decoder in bitsandbytes' 4 bits", (style, folder) => {
  test("gradients are those of the dequantised weights", async () => {
    const { quantised, dequantised } = quantiseBnb4(decoderOf(folder));
    expect(quantised.graph?.node.some(({ opType }) => opType === "MatMul" )).toBe(style === "decomposed");
    const [found, expected] = [await gradients(quantised), await gradients(dequantised)];
    expect(Object.keys(found)).toContain(GRADIENT_IO.gradient(0));
    for (const [name, theirs] of Object.entries(expected)) {
      const scale = theirs.data.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
      expect(scale).toBeGreaterThan(0);
      expect(distance(found[name] ?? tensor([0], []), theirs) / scale, name).toBeLessThan(SAME_FUNCTION);
    }
  });

  test("end to end: the answer without capture, and the gradients of the dequantised file", async () => {
    const copy = join(temporary, style);
    cpSync(folder, copy, { recursive: true });
    const { quantised, dequantised } = quantiseBnb4(decoderOf(folder));
    writeFileSync(join(copy, "onnx", "decoder_model_merged_bnb4.onnx"), writeModel(quantised));
    writeFileSync(join(copy, "onnx", "decoder_model_merged.onnx"), writeModel(dequantised));
    const [packed, plain] = [await answers(copy, "bnb4"), await answers(copy, "fp32")];
    expect(packed.ids).toEqual(packed.plain);
    expect(packed.ids).toEqual(plain.ids);
    const scale = plain.gradient.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    expect(scale).toBeGreaterThan(0);
    plain.gradient.forEach((value, i) => {
      if (Math.abs((packed.gradient[i] ?? NaN) - value) > 1e-4 * scale) throw new RangeError(`${i}: ${packed.gradient[i]} for ${value}`);
    });
  });
});
