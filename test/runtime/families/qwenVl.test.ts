import { createHash } from "node:crypto";
import { cpSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { RawImage, type Tensor } from "@huggingface/transformers";
import fc from "fast-check";
import { beforeEach, describe, expect, test, vi } from "vitest";
import { attribute } from "../../../src/core/attribution/attribute.js";
import { attributionInput } from "../../../src/core/attribution/attributionInput.js";
import type { Run } from "../../../src/core/run/types.js";
import type { ExplainRequest } from "../../../src/protocol/modelProcess.js";
import { explainAnswer } from "../../../src/runtime/answer/explain.js";
import { explainToFile } from "../../../src/runtime/answer/explainToFile.js";
import type { ModelConfigs } from "../../../src/runtime/families/family.js";
import { qwenLayout } from "../../../src/runtime/families/qwenVl/geometry.js";
import { imageConfig } from "../../../src/runtime/families/qwenVl/imageConfig.js";
import {
  openQwenProcessor,
  pythonImageProcessor,
} from "../../../src/runtime/families/qwenVl/openProcessor.js";
import { smartResize } from "../../../src/runtime/families/qwenVl/smartResize.js";
import { PilImage } from "../../../src/runtime/image/pilImage.js";
import { loadModel, type LoadedVlm } from "../../../src/runtime/model/loadModel.js";
import { maxDifference } from "../../helpers/compare.js";
import { expectSecondMoves } from "../../helpers/expectSecondMoves.js";
import { explainRequest, neverAborted } from "../../helpers/explainRequest.js";
import { familyCases, familyFolder } from "../../helpers/familyFolder.js";
import { loadedModel } from "../../helpers/loadedModel.js";
import { holds, mostMoved, movedCells } from "../../helpers/movedCells.js";
import { readPixels, REFERENCE } from "../../helpers/referenceImages.js";
import { gradientDifference, gradientOf } from "../../helpers/runGradient.js";
import { failureOf, thrownBy } from "../../helpers/thrownBy.js";
import { watchForwards } from "../../helpers/watchForwards.js";
import { expectWholeGrid } from "../../helpers/wholeGrid.js";

/** What Python's smart_resize makes of a picture: [factor, fewest, most pixels, width, height, new width, new height]. */
const PYTHON_SIZES = [
  [28, 3136, 12845056, 640, 480, 644, 476],
  [28, 3136, 12845056, 31, 97, 56, 112],
  [28, 3136, 12845056, 1, 1, 56, 56],
  [28, 3136, 12845056, 20, 3000, 28, 2996],
  [28, 3136, 12845056, 42, 70, 56, 56],
  [28, 3136, 12845056, 70, 42, 56, 56],
  [28, 3136, 12845056, 378, 210, 392, 224],
  [28, 3136, 12845056, 200, 1, 812, 28],
  [28, 3136, 1003520, 1600, 900, 1316, 728],
  [28, 3136, 1003520, 4000, 3000, 1148, 840],
  [32, 65536, 16777216, 1600, 900, 1600, 896],
  [32, 65536, 16777216, 97, 31, 480, 160],
  [32, 65536, 16777216, 4000, 3000, 4000, 3008],
  [28, 200704, 1003520, 20, 3000, 56, 5488],
  [28, 200704, 1003520, 42, 70, 364, 588],
] as const;

function configsOf(image: Record<string, unknown>): ModelConfigs {
  return { config: {}, image, processor: {} };
}

const QWEN2 = configsOf({ min_pixels: 3136, max_pixels: 1003520, patch_size: 14, merge_size: 2 });

describe("the grid", () => {
  test("is that of a picture resized as Python resizes it", () => {
    const own = PYTHON_SIZES.map(([factor, minPixels, maxPixels, width, height]) => {
      const resized = smartResize({ width, height }, { factor, minPixels, maxPixels }, "python");
      return [factor, minPixels, maxPixels, width, height, resized.width, resized.height];
    });
    expect(own).toEqual(PYTHON_SIZES);
  });

  test("has a cell per image token; the cells tile the whole picture, row by row", () => {
    const side = fc.integer({ min: 15, max: 3000 });
    fc.assert(
      fc.property(side, side, fc.constantFrom("python", "transformers.js"), (width, height, rule) => {
        const layout = qwenLayout({ width, height }, QWEN2, rule);
        const { rows, cols } = layout;
        expect(rows * cols * 28 ** 2).toBeLessThanOrEqual(1003520);
        expect(rows * cols).toBeGreaterThanOrEqual(4);
        expectWholeGrid(layout, { width, height }, [cols, rows]);
      }),
    );
  });

  test("is said in words, columns first", () => {
    expect(qwenLayout({ width: 640, height: 480 }, QWEN2, "python").summary).toBe("23 x 17");
  });

  test("of a picture much longer than wide is refused", () => {
    const error = thrownBy(() => qwenLayout({ width: 2010, height: 10 }, QWEN2, "python"));
    expect(error.code).toBe("image-too-narrow");
    expect(error.message).toContain("2010x10");
  });

  test("takes Python's settings where preprocessor_config.json is silent, also the newer names", () => {
    const size = { shortest_edge: 65536, longest_edge: 16777216 };
    const qwen3 = configsOf({ size, patch_size: 16, merge_size: 2, min_pixels: null });
    expect(qwenLayout({ width: 97, height: 31 }, qwen3, "python")).toMatchObject({ rows: 5, cols: 15 });
    expect(qwenLayout({ width: 640, height: 480 }, configsOf({}), "python")).toMatchObject({
      rows: 17,
      cols: 23,
    });
    expect(imageConfig({})).toMatchObject({ do_normalize: true, do_resize: true, resample: 3 });
  });

  test("of damaged settings is refused with the field's name", () => {
    const error = thrownBy(() =>
      qwenLayout({ width: 9, height: 9 }, configsOf({ patch_size: "14" }), "python"),
    );
    expect(error.code).toBe("model-config-damaged");
    expect(error.message).toContain("patch_size");
  });
});

interface Sample {
  readonly picture: string;
  readonly config: Record<string, unknown>;
  readonly grid: readonly number[];
  readonly values: number;
  readonly sha256: string;
}

describe("pixel values with the settings of published models", () => {
  const path = join(familyFolder("qwen2vl"), "patches.json");
  const { samples } = JSON.parse(readFileSync(path, "utf8")) as { samples: Sample[] };

  test.each(samples)(
    "$picture as $grid patches: every byte as Python's",
    async ({ picture, config, ...expected }) => {
      const image = PilImage.fromPicture(await readPixels(`${REFERENCE}/images/${picture}.png`));
      const processor = pythonImageProcessor(config);
      const made = (await processor(image)) as Record<"pixel_values" | "image_grid_thw", Tensor>;
      expect(Array.from(made.image_grid_thw.data as BigInt64Array, Number)).toEqual(expected.grid);
      const { pixel_values: patches } = made;
      const run = (patches.dims[1] ?? NaN) / 3;
      const { image_mean: mean, image_std: std } = processor as unknown as Record<string, number[]>;
      const bytes = Uint8Array.from(patches.data as Float32Array, (value, i) => {
        const channel = Math.floor(i / run) % 3;
        return Math.round(255 * (value * (std?.[channel] ?? NaN) + (mean?.[channel] ?? NaN)));
      });
      expect(bytes).toHaveLength(expected.values);
      expect(createHash("sha256").update(bytes).digest("hex")).toBe(expected.sha256);
    },
  );
});

test("transformers.js makes of its own pictures as many patches as the layout has", async () => {
  const folder = familyFolder("qwen3vl");
  const { image_processor: processor } = await openQwenProcessor(folder);
  const image = { size: { shortest_edge: 1024, longest_edge: 2560 }, patch_size: 4, merge_size: 2 };
  for (const [width, height] of [
    [100, 60],
    [40, 90],
    [12, 20],
    [3, 40],
    [90, 11],
  ] as const) {
    const picture = new RawImage(new Uint8ClampedArray(3 * width * height), width, height, 3);
    const { image_grid_thw: grid } = (await processor?.(picture)) as { image_grid_thw: Tensor };
    const { rows, cols } = qwenLayout({ width, height }, configsOf(image), "transformers.js");
    expect(Array.from(grid.data as BigInt64Array, Number)).toEqual([1, 2 * rows, 2 * cols]);
  }
});

describe.each(["qwen2vl", "qwen25vl", "qwen3vl"])("%s", (name) => {
  const [loaded, fresh] = [loadedModel(familyFolder(name)), loadedModel(familyFolder(name))];
  beforeEach(() => void vi.restoreAllMocks());

  test.each([
    { width: 200, height: 120, x: 15, y: 20 },
    { width: 200, height: 120, x: 160, y: 95 },
    { width: 90, height: 260, x: 60, y: 30 },
    { width: 90, height: 260, x: 20, y: 230 },
    { width: 150, height: 150, x: 100, y: 40 },
  ])(
    "a bright square on $width x $height at $x, $y moves the cell there",
    async ({ width, height, x, y }) => {
      const side = 6;
      const found = await movedCells(loaded(), { width, height }, [x, y, side, side]);
      expect(holds(mostMoved(found), [x + side / 2, y + side / 2])).toBe(true);
    },
  );

  const explain = (vlm: LoadedVlm, change: Partial<ExplainRequest>): Promise<Run> => {
    const imagePath = `${familyFolder(name)}/pictures/tall.png`;
    const usual = { imagePath, prompt: "What is in the picture?", rawPrompt: false, maxNewTokens: 4 };
    return explainAnswer(vlm, explainRequest({ ...usual, ...change }), () => undefined, neverAborted);
  };

  /** The same as in a fresh process; gives how many positions the decoder's first run had. */
  const expectAsFresh = async (change: Partial<ExplainRequest>): Promise<number> => {
    const lengths = await watchForwards(loaded());
    const again = await explain(loaded(), change);
    fresh().lastAnswer.clear();
    const expected = await explain(fresh(), change);
    expect(again.info.tokens.map(({ id }) => id)).toEqual(expected.info.tokens.map(({ id }) => id));
    expect(gradientDifference(gradientOf(again), gradientOf(expected))).toBeLessThan(1e-4);
    return lengths[0] ?? NaN;
  };
  const [small, tall] = ["small", "tall"].map((file) =>
    join(familyFolder(name), "pictures", `${file}.png`),
  ) as [string, string];
  const both = { imagePaths: [tall, small], prompt: "Same?" };

  test.each([
    ["another question", {}, { prompt: "What is in the dog?" }],
    ["another target", {}, { target: { text: " a ghost" } }],
    ["a target of one token", {}, { target: { ids: [5] } }],
    ["another question about two pictures", both, { prompt: "Some?" }],
    ["another target about two pictures", both, { target: { text: " a" } }],
  ])("%s goes on from the cache, at the positions of a fresh process", async (_, usual, change) => {
    const first = await explain(loaded(), usual);
    const length = await expectAsFresh({ ...usual, ...change });
    expect(length).toBeLessThan(first.info.prompt.tokens.length - first.info.cells.length);
  });

  test("two pictures in another order are another prompt", async () => {
    const first = await explain(loaded(), both);
    const length = await expectAsFresh({ ...both, imagePath: small, imagePaths: [small, tall] });
    expect(length).toBe(first.info.prompt.tokens.length);
  });

  test("a bright square on the second of two pictures moves its own cell there", async () => {
    await expectSecondMoves(loaded(), tall, { width: 200, height: 120 }, [160, 95, 6, 6]);
  });
});

type Json = Record<string, unknown>;

/** A copy of a model whose config.json has the decoder's settings in the other place. */
function withOtherConfig(name: string, change: (config: Json) => Json): string {
  const folder = mkdtempSync(join(tmpdir(), "dexar-config-"));
  cpSync(familyFolder(name), folder, { recursive: true });
  const path = join(folder, "config.json");
  writeFileSync(path, JSON.stringify(change(JSON.parse(readFileSync(path, "utf8")) as Json)));
  return folder;
}

test.each([
  {
    name: "qwen2vl",
    place: "text_config",
    change: ({ model_type, vision_config, image_token_id, ...text }: Json): Json => ({
      model_type,
      vision_config,
      image_token_id,
      vision_start_token_id: text["vision_start_token_id"],
      text_config: text,
    }),
  },
  {
    name: "qwen25vl",
    place: "the top",
    change: ({ text_config, ...config }: Json): Json => ({ ...(text_config as Json), ...config }),
  },
])(
  "$name with the decoder's settings at $place of config.json answers as before",
  async ({ name, change }) => {
    const folder = withOtherConfig(name, change);
    const vlm = await loadModel(folder, "fp32");
    const [golden] = familyCases(folder);
    if (!golden) throw new Error("no golden case");
    const request = {
      imagePath: golden.image,
      prompt: golden.question,
      rawPrompt: false,
      maxNewTokens: golden.greedy.ids.length,
    };
    const run = await explainAnswer(vlm, explainRequest(request), () => undefined, neverAborted);
    expect(run.info.tokens.map(({ id }) => id)).toEqual(golden.greedy.ids);
    await vlm.dispose();
  },
);

test.each([
  {
    overlay: "deepstack",
    what: "with a decoder that keeps one row of logits when it generates",
    pair: false,
  },
  { overlay: null, what: "about two pictures", pair: true },
])("a run goes on where it ended, $what", async ({ overlay, pair }) => {
  const folder = familyFolder("qwen3vl", overlay);
  const vlm = await loadModel(folder, "fp32");
  const inputs = vlm.decoder.structure.proto.input.map(({ name }) => name);
  expect(inputs.includes("num_logits_to_keep")).toBe(overlay === "deepstack");
  const [golden] = familyCases(pair ? join(folder, "pair") : folder);
  if (!golden) throw new Error("no golden case");
  const out = mkdtempSync(join(tmpdir(), "dexar-continued-"));
  const [runPath, picturePath, digestPath] = ["run.dexar", "p.png", "d.json"].map((file) =>
    join(out, file),
  ) as [string, string, string];
  const request = explainRequest({
    imagePath: golden.image,
    prompt: golden.question,
    rawPrompt: false,
    maxNewTokens: 2,
  });
  const second = pair ? { imagePaths: [golden.image, join(folder, "pictures", "small.png")] } : {};
  await explainToFile(
    vlm,
    { ...request, ...second, files: { runPath, picturePath, digestPath } },
    () => undefined,
    neverAborted,
  );
  const run = await explainAnswer(
    vlm,
    { ...request, continueFrom: runPath, maxNewTokens: golden.greedy.ids.length - 2 },
    () => undefined,
    neverAborted,
  );
  expect(run.info.tokens.map(({ id }) => id)).toEqual(golden.greedy.ids);
  const { tokenHeatmap } = attribute(attributionInput(run), run.info.settings);
  const expected = golden.greedy.arrays["E"] ?? new Float32Array();
  expect(maxDifference(tokenHeatmap, expected)).toBeLessThan(1e-4 * Math.max(...expected));
  await vlm.dispose();
});

test("a picture of too many tokens is refused with what helps", async () => {
  const vlm = await loadModel(
    withOtherConfig("qwen2vl", (config) => ({ ...config, max_position_embeddings: 60 })),
    "fp32",
  );
  const imagePath = `${familyFolder("qwen2vl")}/pictures/tall.png`;
  const request = explainRequest({ imagePath, prompt: "What is in the picture?", rawPrompt: false });
  const error = await failureOf(explainAnswer(vlm, request, () => undefined, neverAborted));
  expect(error.code).toBe("prompt-too-long");
  expect(error.message).toContain("36 of the image");
  expect(error.nextStep).toContain("smaller copy of the picture");
  await vlm.dispose();
});
