import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { attribute } from "../../../src/core/attribution/attribute.js";
import { attributionInput } from "../../../src/core/attribution/attributionInput.js";
import { encodeNpy } from "../../../src/core/tensor/npy.js";
import { explainAnswer } from "../../../src/runtime/answer/explain.js";
import { generateAnswer } from "../../../src/runtime/answer/generate.js";
import { preparePrompt } from "../../../src/runtime/answer/prompt.js";
import { loadModel, type LoadedVlm } from "../../../src/runtime/model/loadModel.js";
import { maxDifference } from "../../helpers/compare.js";
import { explainRequest, neverAborted } from "../../helpers/explainRequest.js";
import { familyCases, familyFolder } from "../../helpers/familyFolder.js";

const FOLDER = familyFolder("llavaInterleave");
/** Of each array's largest value. */
const LIMIT = 1e-4;

describe("two pictures in one prompt of LLaVA-interleave", () => {
  const [golden] = familyCases(join(FOLDER, "pair"));
  if (!golden) throw new Error("no golden case of two pictures");
  const imagePaths = ["wide", "tall"].map((name) => join(FOLDER, "pictures", `${name}.png`));
  const pixelValuesPath = join(mkdtempSync(join(tmpdir(), "dexar-pair-")), "pixels.npy");
  writeFileSync(pixelValuesPath, encodeNpy("<f4", golden.pixels.shape, golden.pixels.values));
  const request = (forced: boolean, pixels: string | null = pixelValuesPath) => ({
    ...explainRequest({
      imagePath: imagePaths[0] ?? "",
      prompt: golden.question,
      rawPrompt: false,
      pixelValuesPath: pixels,
      target: forced ? { ids: golden.forced.ids } : null,
      maxNewTokens: golden.greedy.ids.length,
    }),
    imagePaths,
  });
  let loaded: LoadedVlm | null = null;
  beforeAll(async () => {
    loaded = await loadModel(FOLDER, "fp32");
  });
  afterAll(() => loaded?.dispose());
  const vlm = () => {
    if (loaded) return loaded;
    throw new Error("the model is not loaded");
  };

  test.each([
    ["forced target", true, golden.forced],
    ["greedy answer", false, golden.greedy],
  ] as const)("%s against float64", async (_, forced, answer) => {
    const run = await explainAnswer(vlm(), request(forced), () => undefined, neverAborted);
    const found = attribute(attributionInput(run), run.info.settings);
    expect(run.info.prompt.rendered).toBe(golden.rendered);
    expect(run.info.tokens.map(({ id }) => id)).toEqual(answer.ids);
    expect([...run.arrays.inputIds.slice(0, golden.inputIds.length)]).toEqual(golden.inputIds);
    expect([...run.arrays.imagePositions]).toEqual(golden.imagePositions);
    const values: Readonly<Record<string, Float32Array>> = {
      dA: run.arrays.gradient ?? new Float32Array(),
      S_img: found.scoreImage,
      S_text: found.scoreText,
      w: found.headWeight,
      E: found.tokenHeatmap,
      delta: found.tokenWeight,
      seq: found.sequenceHeatmap,
      lens_logits: run.arrays.lensLogit,
    };
    for (const [name, expected] of Object.entries(answer.arrays)) {
      const scale = Math.max(...expected.map(Math.abs));
      expect(scale, name).toBeGreaterThan(0);
      expect(maxDifference(values[name] ?? [], expected) / scale, name).toBeLessThanOrEqual(LIMIT);
    }
  });

  test("the answer without capture is the same", async () => {
    const { ids } = await generateAnswer(vlm(), request(false), () => undefined, neverAborted);
    expect(ids).toEqual(golden.greedy.ids);
  });

  test("pixel values of both, one after the other, and a grid of cells for each", async () => {
    const { inputs, layout } = await preparePrompt(vlm(), request(false, null));
    expect(inputs["pixel_values"]?.dims).toEqual(golden.pixels.shape);
    // One step of 255 at most: Pillow 13, which made them, resizes columns before rows where that is less work.
    const step = 1 / 255 / 0.5;
    expect(maxDifference(inputs["pixel_values"]?.data as Float32Array, golden.pixels.values)).toBeLessThan(1.01 * step);
    expect(layout.cells).toHaveLength(32);
    expect(layout.summary).toBe("4 x 4; 4 x 4");
  });
});
