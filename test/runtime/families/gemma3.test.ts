import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { Run } from "../../../src/core/run/types.js";
import type { ExplainRequest } from "../../../src/protocol/modelProcess.js";
import { generateAnswer } from "../../../src/runtime/answer/generate.js";
import { explainAnswer } from "../../../src/runtime/answer/explain.js";
import type { ModelConfigs } from "../../../src/runtime/families/family.js";
import { gemma3 } from "../../../src/runtime/families/gemma3/family.js";
import { loadModel } from "../../../src/runtime/model/loadModel.js";
import { expectSecondMoves } from "../../helpers/expectSecondMoves.js";
import { explainRequest, neverAborted } from "../../helpers/explainRequest.js";
import { familyFolder } from "../../helpers/familyFolder.js";
import { loadedModel } from "../../helpers/loadedModel.js";
import { gradientDifference, gradientOf } from "../../helpers/runGradient.js";
import { thrownBy } from "../../helpers/thrownBy.js";
import { watchForwards } from "../../helpers/watchForwards.js";
import { anySize, expectWholeGrid, testSquares } from "../../helpers/wholeGrid.js";

const FOLDER = familyFolder("gemma3");

function configsOf(image: Record<string, unknown>, config: Record<string, unknown> = {}): ModelConfigs {
  return {
    config: { mm_tokens_per_image: 256, vision_config: { image_size: 896, patch_size: 14 }, ...config },
    image: { do_resize: true, size: { height: 896, width: 896 }, ...image },
    processor: {},
  };
}

describe("the grid", () => {
  test("covers all of any picture, squeezed into a square: a cell for 4 x 4 patches", () => {
    fc.assert(
      fc.property(anySize, fc.constantFrom(8, 16), (size, across) => {
        const configs = configsOf({}, { mm_tokens_per_image: across ** 2 });
        expectWholeGrid(gemma3.layout(size, configs, "python"), size, [across, across]);
      }),
      { numRuns: 30 },
    );
  });

  test("with crops beside the whole picture is refused", () => {
    const configs = configsOf({ do_pan_and_scan: true });
    const error = thrownBy(() => gemma3.layout({ width: 9, height: 9 }, configs, "python"));
    expect(error.code).toBe("image-layout-unknown");
    expect(error.message).toContain("do_pan_and_scan");
  });

  test("without the number of tokens is refused by the field's name", () => {
    const configs = configsOf({}, { mm_tokens_per_image: undefined });
    const error = thrownBy(() => gemma3.layout({ width: 9, height: 9 }, configs, "python"));
    expect(error.code).toBe("model-config-damaged");
    expect(error.message).toContain("mm_tokens_per_image");
  });
});

describe("a loaded model", () => {
  const vlm = loadedModel(FOLDER);
  beforeEach(() => vlm().lastAnswer.clear());
  afterEach(() => void vi.restoreAllMocks());

  const requestOf = (change: Partial<ExplainRequest>) =>
    explainRequest({
      imagePath: join(FOLDER, "pictures", "wide.png"),
      prompt: "What is there?",
      rawPrompt: false,
      maxNewTokens: 4,
      ...change,
    });
  const explain = (change: Partial<ExplainRequest>): Promise<Run> =>
    explainAnswer(vlm(), requestOf(change), () => undefined, neverAborted);

  testSquares(vlm);

  test("the picture stands between its marks and blank lines, and the words after it are found", async () => {
    const { info } = await explain({});
    expect(info.warnings).toEqual([]);
    const text = info.prompt.tokens.map((token) => token.text).join("");
    expect(text).toMatch(/\n\n<start_of_image>(<image_soft_token>){16}<end_of_image>\n\nWhat is there\?/u);
    const words = info.prompt.tokens.filter(({ kind }) => kind === "text");
    expect(words[0]?.span?.[0]).toBe(0);
    expect(words.at(-1)?.span?.[1]).toBe("What is there?".length);
  });

  test("words that stand for the picture itself are refused", async () => {
    for (const prompt of ["a <start_of_image>?", "an <image_soft_token>?"])
      await expect(explain({ prompt })).rejects.toMatchObject({ code: "bad-prompt" });
  });

  test("two pictures stand one after the other, each between its marks", async () => {
    const imagePaths = ["wide", "tall"].map((name) => join(FOLDER, "pictures", `${name}.png`));
    const run = await explain({ imagePaths });
    const text = run.info.prompt.tokens.map((token) => token.text).join("");
    const one = "\n\n<start_of_image>(<image_soft_token>){16}<end_of_image>\n\n";
    expect(text).toMatch(new RegExp(`${one}${one}What is there\\?`, "u"));
    expect(run.info.cells).toHaveLength(32);
    expect(run.info.warnings).toEqual([]);
    const request = { ...requestOf({}), imagePaths };
    const plain = await generateAnswer(vlm(), request, () => undefined, neverAborted);
    expect(run.info.tokens.map(({ id }) => id)).toEqual(plain.ids);
  });

  test("a bright square on the second of two pictures moves its own cell there", async () => {
    const before = join(FOLDER, "pictures", "wide.png");
    await expectSecondMoves(vlm(), before, { width: 60, height: 240 }, [40, 110, 8, 8]);
  });

  test("another question goes on after the picture, with the numbers of a fresh model", async () => {
    const fresh = await explain({ prompt: "What is here?" });
    vlm().lastAnswer.clear();
    const first = await explain({ prompt: "How many are there?" });
    const lengths = await watchForwards(vlm());
    const second = await explain({ prompt: "What is here?" });
    const reused = second.info.prompt.tokens.length - (lengths[0] ?? NaN);
    expect(reused).toBeGreaterThan(first.arrays.imagePositions.at(-1) ?? Infinity);
    expect(reused).toBeLessThan(second.info.prompt.tokens.length);
    expect(gradientDifference(gradientOf(second), gradientOf(fresh))).toBeLessThan(1e-4);
  });

  test("a position outside a layer's window has no gradient there, and has one in the layer without", async () => {
    const run = await explain({ target: { ids: [70, 71] } });
    const { info, arrays } = run;
    const window = 32;
    const [layers, heads] = [2, 4];
    const positions = arrays.inputIds.length - 1;
    const gradient = gradientOf(run);
    const own = info.prompt.tokens.length - 1;
    const row = (layer: number) =>
      gradient.subarray(layer * heads * positions, (layer * heads + 1) * positions);
    expect(gradient).toHaveLength(2 * layers * heads * positions);
    expect(
      row(0)
        .subarray(0, own - window + 1)
        .every((value) => value === 0),
    ).toBe(true);
    expect(row(0)[own - window + 1]).not.toBe(0);
    expect(row(1)[0]).not.toBe(0);
  });
});

test("a window that the mask of plain operators may hide is refused when the text outgrows it", async () => {
  const vlm = await loadModel(familyFolder("gemma3", "decomposed"), "fp32");
  const config = { ...vlm.configs.config, text_config: { sliding_window: 8 } };
  const request = explainRequest({
    imagePath: join(FOLDER, "pictures", "wide.png"),
    prompt: "What is there?",
    rawPrompt: false,
  });
  const narrow = { ...vlm, configs: { ...vlm.configs, config } };
  const answer = explainAnswer(narrow, request, () => undefined, neverAborted);
  await expect(answer).rejects.toMatchObject({ code: "unsupported-window" });
  await vlm.dispose();
});
