import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import { attribute } from "../../../src/core/attribution/attribute.js";
import { attributionInput } from "../../../src/core/attribution/attributionInput.js";
import { resolveSettings } from "../../../src/core/attribution/resolveSettings.js";
import type { Run } from "../../../src/core/run/types.js";
import type { ExplainRequest } from "../../../src/protocol/modelProcess.js";
import { explainAnswer } from "../../../src/runtime/answer/explain.js";
import { florence2 } from "../../../src/runtime/families/florence2/family.js";
import type { ModelConfigs } from "../../../src/runtime/families/family.js";
import { readRunFile } from "../../../src/runtime/files/readRunFile.js";
import { loadModel, type LoadedVlm } from "../../../src/runtime/model/loadModel.js";
import { maxDifference } from "../../helpers/compare.js";
import { explainRequest, neverAborted } from "../../helpers/explainRequest.js";
import { expectSameFromFile } from "../../helpers/expectSameFromFile.js";
import { familyFolder } from "../../helpers/familyFolder.js";
import { loadedModel } from "../../helpers/loadedModel.js";
import { holds, mostMoved, movedCells } from "../../helpers/movedCells.js";
import { gradientDifference, gradientOf } from "../../helpers/runGradient.js";
import { failureOf, thrownBy } from "../../helpers/thrownBy.js";
import { anySize, expectWholeGrid } from "../../helpers/wholeGrid.js";

const FOLDER = familyFolder("florence2");
const GRID = 8;
const temporary = mkdtempSync(join(tmpdir(), "dexar-florence2-"));
afterAll(() => rmSync(temporary, { recursive: true }));

const request = (change: Partial<ExplainRequest>) =>
  explainRequest({
    imagePath: join(FOLDER, "pictures", "wide.png"),
    prompt: "<CAPTION>",
    rawPrompt: false,
    maxNewTokens: 5,
    ...change,
  });

const explain = (model: LoadedVlm, change: Partial<ExplainRequest>): Promise<Run> =>
  explainAnswer(model, request(change), () => undefined, neverAborted);

/** As the hub's Florence-2 has it. */
function configsOf(vision: Record<string, unknown> = {}): ModelConfigs {
  const image_feature_source = ["spatial_avg_pool", "temporal_avg_pool"];
  return {
    config: { vision_config: { patch_stride: [4, 2, 2, 2], image_feature_source, ...vision } },
    image: { do_resize: true, size: { height: 768, width: 768 }, do_center_crop: false },
    processor: {},
  };
}

describe("the image tokens", () => {
  test("are one without a place and a grid of 24 x 24 over all of any picture", () => {
    fc.assert(
      fc.property(anySize, (size) => {
        const layout = florence2.layout(size, configsOf(), "python");
        expect(layout.summary).toBe("1 (their mean) + 24 x 24");
        expectWholeGrid(layout, size, [24, 24], [[0, 0, 0, 0]]);
      }),
      { numRuns: 20 },
    );
  });

  test("stand in the order of config.json", () => {
    const cells = (sources: string[]) =>
      florence2.layout({ width: 96, height: 96 }, configsOf({ image_feature_source: sources }), "python")
        .cells;
    expect(cells(["temporal_avg_pool", "spatial_avg_pool"]).at(-1)).toEqual([0, 0, 0, 0]);
    expect(cells(["last_frame"])).toHaveLength(576);
    const error = thrownBy(() => cells(["class_token"]));
    expect(error.code).toBe("image-layout-unknown");
    expect(error.message).toContain('image_feature_source "class_token"');
  });

  test("need the strides of the vision encoder", () => {
    const configs = configsOf({ patch_stride: undefined });
    const error = thrownBy(() => florence2.layout({ width: 9, height: 9 }, configs, "python"));
    expect(error.code).toBe("model-config-damaged");
    expect(error.message).toContain("patch_stride");
  });
});

describe("a loaded model", () => {
  const vlm = loadedModel(FOLDER);
  beforeEach(() => vlm().lastAnswer.clear());

  test("is a merged decoder that attends to an encoder, without a norm before its head", () => {
    const { attends, merge, layers, head } = vlm().decoder.structure;
    expect(attends).toBe("encoder");
    expect(merge?.node.name).toBe("optimum::if");
    expect(layers.map(({ attention }) => attention.value)).toEqual([
      "present.0.encoder.value",
      "present.1.encoder.value",
    ]);
    expect(layers.at(-1)?.blockOutput).toBe(head.input);
  });

  test.each([
    { width: 200, height: 90, square: [0, 0, 24, 11] },
    { width: 200, height: 90, square: [177, 79, 22, 10] },
    { width: 60, height: 240, square: [38, 122, 7, 26] },
    { width: 128, height: 128, square: [66, 34, 12, 12] },
  ] as const)("a square on $width x $height at $square moves its cell most", async ({ square, ...size }) => {
    const found = await movedCells(vlm(), size, square);
    const [x, y, width, height] = square;
    expect(found.cells).toHaveLength(1 + GRID ** 2);
    expect(holds(mostMoved(found, 1), [x + width / 2, y + height / 2])).toBe(true);
    // The mean of all patches moves, too, and is drawn nowhere.
    expect(found.moved[0]).toBeGreaterThan(0);
  });

  test("a task becomes its question, whose words are the template's", async () => {
    const { info } = await explain(vlm(), { prompt: "<CAPTION>" });
    expect(info.prompt.rendered).toBe("<image>What does the image describe?");
    expect(info.warnings).toEqual([]);
    const kinds = info.prompt.tokens.map(({ kind }) => kind);
    expect(kinds.slice(0, 1 + GRID ** 2).every((kind) => kind === "image")).toBe(true);
    expect(kinds.slice(1 + GRID ** 2).every((kind) => kind === "special")).toBe(true);
  });

  test.each([
    [
      "<CAPTION_TO_PHRASE_GROUNDING>the blue dog",
      "<image>Locate the phrases in the caption: the blue dog",
      false,
    ],
    ["the blue dog", "<image>the blue dog", false],
    ["<image>the blue dog", "<image>the blue dog", true],
  ])("the words of %s are found in the prompt", async (prompt, rendered, rawPrompt) => {
    const { info } = await explain(vlm(), { prompt, rawPrompt, maxNewTokens: 1 });
    expect(info.prompt.rendered).toBe(rendered);
    expect(info.warnings).toEqual([]);
    const words = info.prompt.tokens.filter(({ kind }) => kind === "text");
    const [from, to] = [words[0]?.span?.[0] ?? NaN, words.at(-1)?.span?.[1] ?? NaN];
    expect(prompt.slice(from, to).trim()).toBe("the blue dog");
  });

  test("the gradient is zero where there are answer tokens, and they are in no text set", async () => {
    const run = await explain(vlm(), {});
    expect(run.info.model.attends).toBe("encoder");
    const [prompt, tokens] = [run.info.prompt.tokens.length, run.info.tokens.length];
    const width = prompt + tokens - 1;
    const gradient = run.arrays.gradient ?? new Float32Array();
    for (let row = 0; row < gradient.length / width; row++) {
      const own = gradient.subarray(row * width, (row + 1) * width);
      expect(own.subarray(0, prompt).some((value) => value !== 0)).toBe(true);
      expect(own.subarray(prompt).every((value) => value === 0)).toBe(true);
    }
    const { layers, heads } = run.info.model;
    const settings = resolveSettings({ score: { kind: "mean" } }, layers, heads);
    const { scoreText } = attribute(attributionInput(run), settings);
    const first = 1 + GRID ** 2;
    const text = gradient
      .subarray(width * (gradient.length / width - 1) + first, gradient.length)
      .slice(0, prompt - first);
    const mean = text.reduce((sum, value) => sum + Math.max(value, 0), 0) / text.length;
    expect(scoreText.at(-1)).toBeCloseTo(mean, 6);
  });

  test("both presets agree where no norm follows the last block", async () => {
    const { arrays, info } = await explain(vlm(), { maxNewTokens: 2 });
    const { heads, layers } = info.model;
    const width = arrays.inputIds.length - 1;
    const own = arrays.gradient?.subarray((layers - 1) * heads * width, layers * heads * width) ?? [];
    expect(maxDifference(own, arrays.gradientReferenceLast?.subarray(0, heads * width) ?? [])).toBe(0);
  });

  test("a forced answer has the gradients that the same answer had when it was generated", async () => {
    const generated = await explain(vlm(), {});
    const ids = generated.info.tokens.map(({ id }) => id);
    const forced = await explain(vlm(), { target: { ids } });
    expect(gradientDifference(gradientOf(forced), gradientOf(generated))).toBeLessThan(1e-6);
  });

  test("a run file keeps what it is; another token comes out alike from the file and from what is kept", async () => {
    const asked = { request: request({}), folder: temporary, index: 3, tokenId: 70 };
    const runPath = await expectSameFromFile(vlm(), asked);
    expect((await readRunFile(runPath)).info.model.attends).toBe("encoder");
  });

  test("prompt and answer have positions of their own, as many each as the model knows", async () => {
    const run = await explain(vlm(), { maxNewTokens: 140 });
    expect(run.info.tokens).toHaveLength(140);
    const error = await failureOf(explain(vlm(), { maxNewTokens: 160 }));
    expect(error.code).toBe("prompt-too-long");
    expect(error.nextStep).toContain("at most 159 new tokens");
    const long = await failureOf(explain(vlm(), { prompt: "the blue dog ".repeat(40), maxNewTokens: 1 }));
    expect(long.nextStep).toBe("Shorten the prompt.");
  });
});

test("an answer that always begins with a token begins with it when it is forced, too", async () => {
  const folder = join(temporary, "model");
  cpSync(FOLDER, folder, { recursive: true });
  const path = join(folder, "generation_config.json");
  const config = JSON.parse(readFileSync(path, "utf8")) as { bos_token_id: number };
  writeFileSync(path, JSON.stringify({ ...config, forced_bos_token_id: config.bos_token_id }));
  const vlm = await loadModel(folder, "fp32");
  try {
    const generated = await explain(vlm, { maxNewTokens: 3 });
    expect(generated.info.tokens[0]?.id).toBe(config.bos_token_id);
    const forced = await explain(vlm, { target: { text: " dog" } });
    expect(forced.info.tokens[0]?.id).toBe(config.bos_token_id);
    expect(
      forced.info.tokens
        .slice(1)
        .map(({ text }) => text)
        .join(""),
    ).toBe(" dog");
    const same = await explain(vlm, { target: { ids: generated.info.tokens.map(({ id }) => id) } });
    expect(gradientDifference(gradientOf(same), gradientOf(generated))).toBeLessThan(1e-6);
  } finally {
    await vlm.dispose();
  }
});
