import { fromBinary } from "@bufbuild/protobuf";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { attribute } from "../../src/core/attribution/attribute.js";
import { attributionInput } from "../../src/core/attribution/attributionInput.js";
import { readDecoder } from "../../src/core/graph/decoder.js";
import { GRADIENT_IO } from "../../src/core/instrument/gradientIo.js";
import { buildGradientModel } from "../../src/core/instrument/gradientModel.js";
import { ModelProtoSchema, writeModel, type ModelProto } from "../../src/core/onnx/index.js";
import { createEngine } from "../../src/runtime/engine.js";
import { correlation } from "../helpers/compare.js";
import { explainRequest, neverAborted } from "../helpers/explainRequest.js";
import { tensor, type Tensor } from "../helpers/interpreter/tensor.js";
import { llavaModelFolder } from "../helpers/llavaModels.js";
import { memoryFolder } from "../helpers/memoryFolder.js";
import { distance, runOrt } from "../helpers/ortValues.js";
import { quantiseDynamic } from "../helpers/quantiseDynamic.js";
import { goldenCases } from "../helpers/referencePack.js";
import { randomTensor } from "../helpers/ruleCheck.js";

const KINDS = ["int8", "uint8", "columns"] as const;
const MODELS = ["p1", "p1-decomposed"] as const;
/** Rounding of float32. */
const SAME_FUNCTION = 2e-6;
/** Eight bits in a random model of four layers: sanity, not exactness. */
const ALIKE = 0.95;

function part(model: (typeof MODELS)[number], name: string): ModelProto {
  return fromBinary(ModelProtoSchema, readFileSync(join(llavaModelFolder(model), "onnx", `${name}.onnx`)));
}

/** What the gradient model of a decoder says of two tokens, for taps and caches drawn at random. */
async function gradients(model: ModelProto): Promise<Record<string, Tensor>> {
  const decoder = readDecoder(model);
  const gradient = buildGradientModel(decoder, memoryFolder({}));
  const feeds: Record<string, Tensor> = {
    [GRADIENT_IO.taps]: randomTensor([1, 2, gradient.taps.width], 1),
    [GRADIENT_IO.targets]: tensor([2], [7, 1900]),
  };
  decoder.layers.forEach(({ attention: { kvHeads, headSize } }, l) => {
    feeds[GRADIENT_IO.value(l)] = randomTensor([1, kvHeads, 5, headSize], 10 + l);
  });
  return runOrt(gradient.model, feeds, [GRADIENT_IO.targets]);
}

describe.each(MODELS)("%s, dynamically quantised", (model) => {
  test.each(KINDS)("%s: gradients are those of the dequantised weights", async (kind) => {
    const { quantised, dequantised } = quantiseDynamic(part(model, "decoder_model_merged"), kind);
    const [found, expected] = [await gradients(quantised), await gradients(dequantised)];
    expect(Object.keys(found)).toContain(GRADIENT_IO.gradient(0));
    for (const name of Object.keys(expected)) {
      const [mine, theirs] = [found[name], expected[name]];
      if (!mine || !theirs) throw new RangeError(`no ${name}`);
      const scale = theirs.data.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
      expect(scale).toBeGreaterThan(0);
      expect(distance(mine, theirs) / scale, name).toBeLessThan(SAME_FUNCTION);
    }
  });

  describe.each([
    ["q8", "_quantized", "int8"],
    ["uint8", "_uint8", "uint8"],
  ] as const)("end to end as %s", (dtype, suffix, kind) => {
    let folder: string;
    const engine = createEngine();
    beforeAll(async () => {
      folder = mkdtempSync(join(tmpdir(), "dexar-q8-"));
      cpSync(llavaModelFolder(model), folder, { recursive: true });
      for (const name of ["decoder_model_merged", "vision_encoder", "embed_tokens"]) {
        const { quantised } = quantiseDynamic(part(model, name), kind);
        writeFileSync(join(folder, "onnx", `${name}${suffix}.onnx`), writeModel(quantised));
      }
      const loaded = await engine.load({ modelDir: folder, device: "cpu", dtype }, () => undefined);
      expect(loaded.dtype).toBe(dtype);
    });
    afterAll(async () => {
      await engine.dispose();
      rmSync(folder, { recursive: true });
    });

    test.each(goldenCases("p1", "fp32").slice(0, 2))("$id: capture changes nothing, maps like those of float32", async (golden) => {
      const request = explainRequest({ imagePath: golden.image, prompt: golden.prompt });
      const plain = await engine.generate(request, () => undefined, neverAborted);
      const explained = await engine.explain(request, () => undefined, neverAborted);
      expect(explained.info.tokens.map((token) => token.id)).toEqual(plain.ids);
      const forced = explainRequest({ imagePath: golden.image, prompt: golden.prompt, target: { text: golden.target } });
      const run = await engine.explain(forced, () => undefined, neverAborted);
      const { sequenceHeatmap } = attribute(attributionInput(run), run.info.settings);
      expect(correlation(sequenceHeatmap, golden.forced.array("seq") ?? [])).toBeGreaterThan(ALIKE);
    });
  });
});
