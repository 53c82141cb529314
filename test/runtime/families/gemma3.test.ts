import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import type { Run } from "../../../src/core/run/types.js";
import type { ExplainRequest } from "../../../src/protocol/modelProcess.js";
import { decoderOf } from "../../../src/runtime/answer/answer.js";
import { generateAnswer } from "../../../src/runtime/answer/generate.js";
import { explainAnswer } from "../../../src/runtime/answer/explain.js";
import type { ModelConfigs } from "../../../src/runtime/families/family.js";
import { gemma3 } from "../../../src/runtime/families/gemma3/family.js";
import { loadModel, type LoadedVlm } from "../../../src/runtime/model/loadModel.js";
import { maxDifference } from "../../helpers/compare.js";
import { explainRequest, neverAborted } from "../../helpers/explainRequest.js";
import { familyFolder } from "../../helpers/familyFolder.js";
import { holds, mostMoved, movedCells } from "../../helpers/movedCells.js";
import { thrownBy } from "../../helpers/thrownBy.js";

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
    const side = fc.integer({ min: 1, max: 3000 });
    fc.assert(
      fc.property(side, side, fc.constantFrom(64, 256), (width, height, tokens) => {
        const configs = configsOf({}, { mm_tokens_per_image: tokens });
        const { cells, seen } = gemma3.layout({ width, height }, configs, "python");
        const across = Math.sqrt(tokens);
        expect(cells).toHaveLength(tokens);
        expect(seen).toEqual([0, 0, width, height]);
        const expected = cells.flatMap((_, i) => [
          ((i % across) * width) / across,
          (Math.floor(i / across) * height) / across,
          width / across,
          height / across,
        ]);
        expect(maxDifference(cells.flat(), expected)).toBeLessThan(1e-6);
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
  let vlm: LoadedVlm;
  beforeAll(async () => {
    vlm = await loadModel(FOLDER, "fp32");
  });
  beforeEach(() => vlm.lastAnswer.clear());
  afterAll(() => vlm.dispose());

  const requestOf = (change: Partial<ExplainRequest>) =>
    explainRequest({
      imagePath: join(FOLDER, "pictures", "wide.png"),
      prompt: "What is there?",
      rawPrompt: false,
      maxNewTokens: 4,
      ...change,
    });
  const explain = (change: Partial<ExplainRequest>): Promise<Run> =>
    explainAnswer(vlm, requestOf(change), () => undefined, neverAborted);

  test.each([
    { width: 200, height: 90, x: 15, y: 10 },
    { width: 200, height: 90, x: 170, y: 75 },
    { width: 60, height: 240, x: 40, y: 110 },
    { width: 60, height: 240, x: 5, y: 220 },
    { width: 128, height: 128, x: 70, y: 40 },
  ])("a square on $width x $height at $x, $y moves its cell most", async ({ width, height, x, y }) => {
    const found = await movedCells(vlm, { width, height }, [x, y, 8, 8]);
    expect(found.cells).toHaveLength(16);
    expect(holds(mostMoved(found), [x + 4, y + 4])).toBe(true);
  });

  test("the picture stands between its marks and blank lines, and the words after it are found", async () => {
    const { info } = await explain({});
    expect(info.warnings).toEqual([]);
    const text = info.prompt.tokens.map((token) => token.text).join("");
    expect(text).toMatch(/\n\n<start_of_image>(<image_soft_token>){16}<end_of_image>\n\nWhat is there\?/u);
    const words = info.prompt.tokens.filter(({ kind }) => kind === "text");
    expect(words[0]?.span?.[0]).toBe(0);
    expect(words.at(-1)?.span?.[1]).toBe("What is there?".length);
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
    const plain = await generateAnswer(vlm, request, () => undefined, neverAborted);
    expect(run.info.tokens.map(({ id }) => id)).toEqual(plain.ids);
  });

  test("another question goes on after the picture, with the numbers of a fresh model", async () => {
    const fresh = await explain({ prompt: "What is here?" });
    vlm.lastAnswer.clear();
    const first = await explain({ prompt: "How many are there?" });
    const decoder = decoderOf(vlm, await vlm.tapped());
    const run = decoder.run.bind(decoder);
    const lengths: number[] = [];
    const spy = vi.spyOn(decoder, "run").mockImplementation((feeds) => {
      lengths.push(feeds["inputs_embeds"]?.dims[1] ?? -1);
      return run(feeds);
    });
    const second = await explain({ prompt: "What is here?" });
    spy.mockRestore();
    const reused = second.info.prompt.tokens.length - (lengths[0] ?? 0);
    expect(reused).toBeGreaterThan(first.arrays.imagePositions.at(-1) ?? Infinity);
    expect(reused).toBeLessThan(second.info.prompt.tokens.length);
    const scale = Math.max(...gradientOf(fresh).map(Math.abs));
    expect(scale).toBeGreaterThan(0);
    expect(maxDifference(gradientOf(second), gradientOf(fresh))).toBeLessThan(1e-4 * scale);
  });

  test("a position outside a layer's window has no gradient there, and has one in the layer without", async () => {
    const { info, arrays } = await explain({ target: { ids: [70, 71] } });
    const window = 32;
    const [layers, heads] = [2, 4];
    const positions = arrays.inputIds.length - 1;
    const gradient = arrays.gradient ?? new Float32Array();
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

const gradientOf = ({ arrays }: Run): Float32Array => {
  if (arrays.gradient === null) throw new Error("the run has no gradient");
  return arrays.gradient;
};

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
