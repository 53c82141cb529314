import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { PreTrainedModel, Tensor } from "@huggingface/transformers";
import { describe, expect, test } from "vitest";
import { attribute } from "../../../src/core/attribution/attribute.js";
import { attributionInput } from "../../../src/core/attribution/attributionInput.js";
import { encodeNpy } from "../../../src/core/tensor/npy.js";
import { explainAnswer } from "../../../src/runtime/answer/explain.js";
import { generateAnswer } from "../../../src/runtime/answer/generate.js";
import { preparePrompt } from "../../../src/runtime/answer/prompt.js";
import { maxDifference } from "../../helpers/compare.js";
import { explainRequest, neverAborted } from "../../helpers/explainRequest.js";
import { familyCases, familyFolder } from "../../helpers/familyFolder.js";
import { expectAnswer } from "../../helpers/familyGolden.js";
import { loadedModel } from "../../helpers/loadedModel.js";

/** Pillow 13, which made LLaVA's pixels, resizes columns before rows where that is less work: one step of 255 at most. */
const STEP = 1.01 / 255 / 0.5;
/** What Qwen-VL models get beside the patches: frames, rows and columns of each picture. */
const GRIDS = [1, 18, 8, 1, 8, 10];

describe.each([
  { name: "llavaInterleave", pictures: ["wide", "tall"], cells: [16, 16], grids: null, closeness: STEP },
  { name: "qwen2vl", pictures: ["tall", "small"], cells: [36, 20], grids: GRIDS, closeness: 1e-6 },
  { name: "qwen25vl", pictures: ["tall", "small"], cells: [36, 20], grids: GRIDS, closeness: 1e-6 },
  { name: "qwen3vl", pictures: ["tall", "small"], cells: [36, 20], grids: GRIDS, closeness: 1e-6 },
])("two pictures in one prompt of $name", ({ name, pictures, cells, grids, closeness }) => {
  const folder = familyFolder(name);
  const [golden] = familyCases(join(folder, "pair"));
  if (!golden) throw new Error("no golden case of two pictures");
  const imagePaths = pictures.map((picture) => join(folder, "pictures", `${picture}.png`));
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
  const vlm = loadedModel(folder);

  test.each([
    ["forced target", true, golden.forced],
    ["greedy answer", false, golden.greedy],
  ] as const)("%s against float64", async (_, forced, answer) => {
    const run = await explainAnswer(vlm(), request(forced), () => undefined, neverAborted);
    const found = attribute(attributionInput(run), run.info.settings);
    expect(run.info.prompt.rendered).toBe(golden.rendered);
    expectAnswer({ run, found }, golden, answer);
  });

  test("the answer without capture and by plain transformers.js is the same", async () => {
    const { ids } = await generateAnswer(vlm(), request(false), () => undefined, neverAborted);
    expect(ids).toEqual(golden.greedy.ids);
    const { inputs } = await preparePrompt(vlm(), request(false));
    const model: PreTrainedModel = await vlm().family.modelClass.from_pretrained(folder, { dtype: "fp32" });
    const made = (await model.generate({ ...inputs, max_new_tokens: ids.length, do_sample: false })) as Tensor;
    expect(Array.from(made.data as BigInt64Array, Number).slice(-ids.length)).toEqual(ids);
    await model.dispose();
  });

  test("pixel values of both, one after the other, and a grid of cells for each", async () => {
    const { inputs, layout, placed } = await preparePrompt(vlm(), request(false, null));
    const { pixel_values: pixels, image_grid_thw: given } = inputs;
    expect(pixels?.dims).toEqual(golden.pixels.shape);
    expect(maxDifference(pixels?.data as Float32Array, golden.pixels.values)).toBeLessThan(closeness);
    expect(given ? Array.from(given.data as BigInt64Array, Number) : null).toEqual(grids);
    expect(placed?.map(({ tokens }) => tokens)).toEqual(cells);
    expect(layout.cells).toHaveLength(golden.imagePositions.length);
  });
});
