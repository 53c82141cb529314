import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { PreTrainedModel } from "@huggingface/transformers";
import { describe, expect, test } from "vitest";
import { attribute } from "../../src/core/attribution/attribute.js";
import { attributionInput } from "../../src/core/attribution/attributionInput.js";
import type { Attribution } from "../../src/core/attribution/types.js";
import type { Run } from "../../src/core/run/types.js";
import { encodeNpy } from "../../src/core/tensor/npy.js";
import { explainAnswer } from "../../src/runtime/answer/explain.js";
import { generateAnswer } from "../../src/runtime/answer/generate.js";
import { modelInputs } from "../../src/runtime/answer/prompt.js";
import { loadPicture } from "../../src/runtime/image/picture.js";
import type { LoadedVlm } from "../../src/runtime/model/loadModel.js";
import { correlation, maxDifference } from "./compare.js";
import { explainRequest, neverAborted } from "./explainRequest.js";
import { familyCases, familyFolder, type FamilyAnswer, type FamilyCase } from "./familyFolder.js";
import { loadedModel } from "./loadedModel.js";
import { largest } from "./runGradient.js";

/** Of each array's largest value. */
const LIMIT = 1e-4;
const CORRELATION = 0.9999;
const HALF_CORRELATION = 0.99;
/** Mean difference of pixel values from Python's, in steps of the 255 of a byte. */
const PIXEL_STEPS = 0.5;

/** Which weight types of a tiny model are tested, and how. */
export interface FamilyTest {
  /** Folder of test/families. */
  readonly name: string;
  /** Overlays that are models of their own (another graph style, another configuration); the folder itself always is. */
  readonly overlays?: readonly string[];
  /** Weight types that hold the golden values' weights exactly; `fp32` and, by the recipe's weights, `q4`. */
  readonly exact?: readonly string[];
  /** Half precision: maps alike, answers as without capture. */
  readonly halves?: readonly string[];
  /** Weight types whose answer is another: as without capture. */
  readonly rounded?: readonly string[];
}

/** The golden tests of a family's tiny model; each folder and weight type is loaded once. */
export function testFamily({
  name,
  overlays = [],
  exact = ["fp32"],
  halves = [],
  rounded = [],
}: FamilyTest): void {
  for (const dtype of exact) describeModel({ name, overlay: null, dtype }, testExact);
  for (const overlay of overlays) describeModel({ name, overlay, dtype: "fp32" }, testExact);
  for (const dtype of halves) describeModel({ name, overlay: null, dtype }, testHalf);
  for (const dtype of rounded) describeModel({ name, overlay: null, dtype }, testRounded);
}

type Tests = (vlm: () => LoadedVlm, golden: FamilyCase) => void;

const testExact: Tests = (vlm, golden) => {
  test(`${golden.id}: forced target against float64`, async () => {
    expect(golden.forced.arrays).toHaveProperty("dA");
    expectAnswer(await explained(vlm(), golden, true), golden, golden.forced);
  });
  test(`${golden.id}: greedy answer against float64, with capture, without, and by plain transformers.js`, async () => {
    expectAnswer(await explained(vlm(), golden, false), golden, golden.greedy);
    expect(await withoutCapture(vlm(), golden)).toEqual(golden.greedy.ids);
    expect(await byTransformers(vlm(), golden)).toEqual(golden.greedy.ids);
  });
  if (!golden.pixels.areNoise)
    test(`${golden.id}: pixel values as Python's`, () => expectPixels(vlm(), golden));
};

const testHalf: Tests = (vlm, golden) => {
  test(`${golden.id}: answer as without capture, maps alike`, async () => {
    expect(answerOf((await explained(vlm(), golden, false)).run)).toEqual(
      await withoutCapture(vlm(), golden),
    );
    const { found } = await explained(vlm(), golden, true);
    expectAlike(found.tokenHeatmap, golden.forced.arrays["E"], HALF_CORRELATION);
  });
};

const testRounded: Tests = (vlm, golden) => {
  test(`${golden.id}: answer as without capture and by plain transformers.js`, async () => {
    const { run, found } = await explained(vlm(), golden, false);
    expect(answerOf(run)).toEqual(await withoutCapture(vlm(), golden));
    expect(answerOf(run)).toEqual(await byTransformers(vlm(), golden));
    expect(found.tokenHeatmap.every(Number.isFinite)).toBe(true);
    expect(Math.max(...(run.arrays.gradient ?? []))).toBeGreaterThan(0);
  });
};

interface Variant {
  readonly name: string;
  readonly overlay: string | null;
  readonly dtype: string;
}

function describeModel({ name, overlay, dtype }: Variant, tests: Tests): void {
  describe([name, overlay, dtype].filter(Boolean).join(" "), () => {
    const folder = familyFolder(name, overlay);
    const vlm = loadedModel(folder, dtype);
    for (const golden of familyCases(folder)) tests(vlm, golden);
  });
}

const temporary = mkdtempSync(join(tmpdir(), "dexar-pixels-"));

/** A question with the golden pixel values, put through the chat template. */
function request(golden: FamilyCase, forced: boolean) {
  const pixelValuesPath = join(temporary, `${golden.id}.npy`);
  writeFileSync(pixelValuesPath, encodeNpy("<f4", golden.pixels.shape, golden.pixels.values));
  return explainRequest({
    imagePath: golden.image,
    prompt: golden.question,
    rawPrompt: false,
    pixelValuesPath,
    target: forced ? { ids: golden.forced.ids } : null,
    maxNewTokens: golden.greedy.ids.length,
    captureEvery: 4,
    settings: golden.settings,
  });
}

async function explained(
  vlm: LoadedVlm,
  golden: FamilyCase,
  forced: boolean,
): Promise<{ run: Run; found: Attribution }> {
  const run = await explainAnswer(vlm, request(golden, forced), () => undefined, neverAborted);
  expect(run.info.prompt.rendered).toBe(golden.rendered);
  return { run, found: attribute(attributionInput(run), run.info.settings) };
}

async function withoutCapture(vlm: LoadedVlm, golden: FamilyCase): Promise<readonly number[]> {
  return (await generateAnswer(vlm, request(golden, false), () => undefined, neverAborted)).ids;
}

/** The answer of transformers.js with sessions of its own. */
async function byTransformers(vlm: LoadedVlm, golden: FamilyCase): Promise<number[]> {
  const { pixelValuesPath, maxNewTokens } = request(golden, false);
  const prompt = await inputsOf(vlm, golden, pixelValuesPath);
  const options = { dtype: Object.fromEntries(vlm.parts.all.map(({ file, dtype }) => [file, dtype])) };
  const model: PreTrainedModel = await vlm.family.modelClass.from_pretrained(vlm.dir, options as never);
  vlm.family.adjustModel?.(model);
  try {
    const made = await model.generate({
      ...prompt.inputs,
      max_new_tokens: maxNewTokens,
      do_sample: false,
    });
    const ids = Array.from((made as unknown as { data: BigInt64Array }).data, Number);
    return ids.slice(ids.length - maxNewTokens);
  } finally {
    await model.dispose();
  }
}

async function inputsOf(vlm: LoadedVlm, golden: FamilyCase, pixelValuesPath: string | null) {
  const picture = await loadPicture(golden.image);
  return modelInputs(vlm, { picture, rendered: golden.rendered, resize: "pil", pixelValuesPath });
}

async function expectPixels(vlm: LoadedVlm, golden: FamilyCase): Promise<void> {
  const { inputs } = await inputsOf(vlm, golden, null);
  const own = inputs["pixel_values"]?.data as Float32Array;
  const std = Math.max(...(vlm.configs.image["image_std"] as number[]));
  expect(own.length).toBe(golden.pixels.values.length);
  const sum = own.reduce((all, value, i) => all + Math.abs(value - (golden.pixels.values[i] ?? NaN)), 0);
  expect((255 * std * sum) / own.length).toBeLessThanOrEqual(PIXEL_STEPS);
}

function answerOf(run: Run): number[] {
  return run.info.tokens.map((token) => token.id);
}

/** The ids, positions and every array of a golden answer, at the limits of fp32. */
export function expectAnswer(
  { run, found }: { run: Run; found: Attribution },
  golden: FamilyCase,
  answer: FamilyAnswer,
): void {
  expect(answerOf(run)).toEqual(answer.ids);
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
    expectClose(name, values[name], expected);
  }
  expectAlike(found.tokenHeatmap, answer.arrays["E"], CORRELATION);
  if (largest(answer.arrays["seq"] ?? []) > 0)
    expectAlike(found.sequenceHeatmap, answer.arrays["seq"], CORRELATION);
}

function expectClose(name: string, own: Float32Array | undefined, expected: Float32Array): void {
  const limit = LIMIT * Math.max(largest(expected), Number.MIN_VALUE);
  expect(maxDifference(own ?? [], expected), name).toBeLessThanOrEqual(limit);
}

function expectAlike(own: Float32Array, expected: Float32Array | undefined, least: number): void {
  expect(correlation(own, expected ?? [])).toBeGreaterThanOrEqual(least);
}
