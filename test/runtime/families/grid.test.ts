import { cpSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PreTrainedTokenizer } from "@huggingface/transformers";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { DexarError } from "../../../src/core/errors.js";
import { explainAnswer } from "../../../src/runtime/answer/explain.js";
import { generateAnswer } from "../../../src/runtime/answer/generate.js";
import type { Family, ModelConfigs } from "../../../src/runtime/families/family.js";
import { llava } from "../../../src/runtime/families/llava/family.js";
import { llavaOnevision } from "../../../src/runtime/families/llavaOnevision/family.js";
import { llavaQwen2 } from "../../../src/runtime/families/llavaQwen2/family.js";
import { moondream } from "../../../src/runtime/families/moondream/family.js";
import { PilImage } from "../../../src/runtime/image/pilImage.js";
import { loadModel, readConfigs } from "../../../src/runtime/model/loadModel.js";
import { maxDifference } from "../../helpers/compare.js";
import { expectSecondMoves } from "../../helpers/expectSecondMoves.js";
import { explainRequest, neverAborted } from "../../helpers/explainRequest.js";
import { familyFolder } from "../../helpers/familyFolder.js";
import { loadedModel } from "../../helpers/loadedModel.js";
import { holds, mostMoved, movedCells } from "../../helpers/movedCells.js";
import { thrownBy } from "../../helpers/thrownBy.js";

/** Settings of published models: how a processor cuts the picture, and where its size of patch stands. */
const SQUASH = { size: { height: 384, width: 384 }, do_resize: true };
const CROP = (side: number) => ({
  size: { shortest_edge: side },
  crop_size: { height: side, width: side },
  do_center_crop: true,
});

interface Published {
  readonly family: Family;
  readonly name: string;
  readonly configs: ModelConfigs;
  readonly across: number;
  readonly patch: number;
  readonly side: number;
  readonly crops: boolean;
}

const PUBLISHED: readonly Published[] = [
  {
    name: "llava-1.5",
    family: llava,
    configs: { config: {}, image: CROP(336), processor: { patch_size: 14, num_additional_image_tokens: 1 } },
    across: 24,
    patch: 14,
    side: 336,
    crops: true,
  },
  {
    name: "llava-interleave-qwen",
    family: llava,
    configs: {
      config: {
        vision_config: { model_type: "siglip_vision_model", patch_size: 14 },
        vision_feature_select_strategy: "full",
      },
      image: SQUASH,
      processor: {},
    },
    across: 27,
    patch: 14,
    side: 384,
    crops: false,
  },
  {
    name: "llava-onevision",
    family: llavaOnevision,
    configs: {
      config: { vision_config: { patch_size: 14 } },
      image: { ...SQUASH, do_pad: true },
      processor: { num_image_tokens: 729, vision_feature_select_strategy: "full" },
    },
    across: 27,
    patch: 14,
    side: 384,
    crops: false,
  },
  {
    name: "nanoLLaVA",
    family: llavaQwen2,
    configs: {
      config: { mm_vision_tower: "google/siglip-so400m-patch14-384" },
      image: SQUASH,
      processor: {},
    },
    across: 27,
    patch: 14,
    side: 384,
    crops: false,
  },
  {
    name: "FastVLM",
    family: llavaQwen2,
    configs: { config: { mm_vision_tower: "mobileclip_l_1024" }, image: CROP(1024), processor: {} },
    across: 16,
    patch: 64,
    side: 1024,
    crops: true,
  },
  {
    name: "moondream2",
    family: moondream,
    configs: { config: {}, image: { size: { height: 378, width: 378 } }, processor: {} },
    across: 27,
    patch: 14,
    side: 378,
    crops: false,
  },
];

describe.each(PUBLISHED)("the grid of $name", ({ family, configs, across, patch, side, crops }) => {
  test("has its published number of cells, which tile what is seen, row by row", () => {
    const pixels = fc.integer({ min: 1, max: 1500 });
    fc.assert(
      fc.property(pixels, pixels, (width, height) => {
        fc.pre(Math.max(width, height) / Math.min(width, height) < 20);
        const { cells, seen } = family.layout({ width, height }, configs, "python");
        const [left, top, seenWidth, seenHeight] = seen;
        const [w, h] = [seenWidth / across, seenHeight / across];
        const expected = Array.from({ length: across ** 2 }, (_, i) => {
          return [left + (i % across) * w, top + Math.floor(i / across) * h, w, h];
        });
        expect(cells).toHaveLength(expected.length);
        expect(maxDifference(cells.flat(), expected.flat())).toBeLessThan(1e-6);
        // Pixels beyond the last whole patch are not seen: 6 of the 384 in 27 patches of 14.
        const share = (across * patch) / side;
        if (!crops) expect(maxDifference(seen, [0, 0, width * share, height * share])).toBeLessThan(1e-6);
        else expect(Math.abs(seenWidth - seenHeight)).toBeLessThan(1 + 0.01 * seenWidth);
      }),
      { numRuns: 30 },
    );
  });
});

describe("what a folder says of patches", () => {
  const configs = (config: object, processor: object = {}): ModelConfigs => ({
    config: config as ModelConfigs["config"],
    image: SQUASH,
    processor: processor as ModelConfigs["processor"],
  });
  const size = { width: 30, height: 20 };

  test("all features of a CLIP tower: the class token is a cell without area, in front", () => {
    const full = configs({ vision_config: { model_type: "clip_vision_model", patch_size: 16 } }, FULL);
    const { cells } = llava.layout(size, full, "python");
    expect(cells).toHaveLength(577);
    expect(cells[0]).toEqual([0, 0, 0, 0]);
    expect(cells[1]).toEqual([0, 0, 30 / 24, 20 / 24]);
    const said = configs({ vision_config: { patch_size: 16 } }, { ...FULL, num_additional_image_tokens: 1 });
    expect(llava.layout(size, said, "python").cells).toHaveLength(577);
  });

  test("nothing, or nonsense, is refused and named", () => {
    const none = thrownBy(() =>
      llavaQwen2.layout(size, configs({ mm_vision_tower: "unheard-of" }), "python"),
    );
    expect(none.code).toBe("model-config-damaged");
    expect(none.message).toContain("(patch_size)");
    const odd = thrownBy(() => llava.layout(size, configs({}, { patch_size: "14px" }), "python"));
    expect(odd.message).toBe('The patch_size of the model is "14px", not a whole number of pixels.');
  });
});

const FULL = { vision_feature_select_strategy: "full" };

describe("a folder without a processor of its own", () => {
  test("still has tokenizer, pictures, and the processor's template before the tokenizer's", async () => {
    const folder = familyFolder("llavaOnevision");
    const processor = await llavaOnevision.openProcessor?.(folder);
    expect(processor?.tokenizer).toBeInstanceOf(PreTrainedTokenizer);
    expect(processor?.chat_template).toContain("selectattr");
    expect(processor?.tokenizer?.chat_template).toContain("Answer the question.");
  });

  test("repeats the image token as often as the pixel values have patches, class token included", async () => {
    const folder = familyFolder("bakllava");
    const processor = await llava.openProcessor?.(folder);
    if (!processor) throw new Error("no processor");
    const known = readConfigs(folder);
    const call = {
      processor,
      image: PilImage.fromPicture({ data: new Uint8Array(300), width: 10, height: 10 }),
      text: "USER: <image>\nWhy?",
      imageToken: { id: Number(known.config["image_token_index"]), text: "<image>" },
      addSpecialTokens: true,
    };
    const count = async (configs: ModelConfigs) => {
      const { input_ids: ids } = await llava.process({ ...call, configs });
      return (ids?.tolist() as bigint[][])[0]?.filter((id) => Number(id) === call.imageToken.id).length;
    };
    expect(await count(known)).toBe(16);
    expect(await count({ ...known, processor: { ...known.processor, ...FULL } })).toBe(17);
  });
});

test("graphs of another size of patch than the configuration says are refused with what to do", async () => {
  const folder = mkdtempSync(join(tmpdir(), "dexar-patch-"));
  cpSync(familyFolder("llavaInterleave"), folder, { recursive: true });
  writeFileSync(join(folder, "processor_config.json"), JSON.stringify({ ...FULL, patch_size: 28 }));
  const vlm = await loadModel(folder, "fp32");
  const request = explainRequest({
    imagePath: join(folder, "pictures/wide.png"),
    prompt: "What is it?",
    rawPrompt: false,
    maxNewTokens: 2,
  });
  const failure = await generateAnswer(vlm, request, () => undefined, neverAborted).catch(
    (error: unknown) => error,
  );
  expect(failure).toBeInstanceOf(DexarError);
  expect(failure).toMatchObject({
    code: "features-mismatch",
    message: expect.stringMatching(/tokens: 4, features 16/) as unknown,
  });
  await vlm.dispose();
});

describe("two pictures in one prompt of LLaVA-OneVision", () => {
  const folder = familyFolder("llavaOnevision");
  const vlm = loadedModel(folder);
  const pictures = ["wide", "tall"].map((name) => join(folder, "pictures", `${name}.png`)) as [
    string,
    string,
  ];

  test("a bright square on the second one moves its own cell there", async () => {
    await expectSecondMoves(vlm(), pictures[0], { width: 200, height: 120 }, [108, 38, 34, 20]);
  });

  test("have 16 tokens each, and the answer is that without capture", async () => {
    const asked = { prompt: "What is it?", rawPrompt: false, maxNewTokens: 3 };
    const request = explainRequest({ ...asked, imagePath: pictures[0], imagePaths: pictures });
    const { info } = await explainAnswer(vlm(), request, () => undefined, neverAborted);
    expect(info.images?.map(({ name, tokens }) => [name, tokens])).toEqual([
      ["wide.png", 16],
      ["tall.png", 16],
    ]);
    const plain = await generateAnswer(vlm(), request, () => undefined, neverAborted);
    expect(info.tokens.map(({ id }) => id)).toEqual(plain.ids);
  });
});

/** A picture, and the row and column, of the four each way, that the square lies in. */
const SQUARES = [
  { width: 200, height: 120, row: 0, col: 1 },
  { width: 200, height: 120, row: 3, col: 2 },
  { width: 90, height: 200, row: 1, col: 3 },
  { width: 90, height: 200, row: 2, col: 0 },
  { width: 160, height: 160, row: 0, col: 2 },
] as const;

describe.each([
  { model: "llavaInterleave", overlay: null, crops: false },
  { model: "bakllava", overlay: null, crops: true },
  { model: "llavaOnevision", overlay: null, crops: false },
  { model: "llavaQwen2", overlay: null, crops: false },
  { model: "llavaQwen2", overlay: "fastvlm", crops: true },
  { model: "moondream", overlay: null, crops: false },
])("a bright square on the picture: $model $overlay", ({ model, overlay, crops }) => {
  const vlm = loadedModel(familyFolder(model, overlay));

  test.each(SQUARES)("of $width x $height in row $row, column $col", async ({ width, height, row, col }) => {
    const short = Math.min(width, height);
    const seen = crops ? { width: short, height: short } : { width, height };
    const x = (width - seen.width) / 2 + ((col + 0.5) * seen.width) / 4;
    const y = (height - seen.height) / 2 + ((row + 0.5) * seen.height) / 4;
    const [across, down] = [Math.round(seen.width / 6), Math.round(seen.height / 6)];
    const square = [Math.round(x - across / 2), Math.round(y - down / 2), across, down] as const;
    const found = await movedCells(vlm(), { width, height }, square);
    expect(holds(mostMoved(found), [x, y])).toBe(true);
  });
});
