import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AutoProcessor, RawImage, type Tensor } from "@huggingface/transformers";
import fc from "fast-check";
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import type { Run } from "../../../src/core/run/types.js";
import type { ExplainRequest } from "../../../src/protocol/modelProcess.js";
import { explainAnswer } from "../../../src/runtime/answer/explain.js";
import type { ModelConfigs } from "../../../src/runtime/families/family.js";
import { paligemma } from "../../../src/runtime/families/paligemma/family.js";
import { keepPromptsWhole } from "../../../src/runtime/model/keepPromptsWhole.js";
import { loadModel } from "../../../src/runtime/model/loadModel.js";
import { CPU } from "../../../src/runtime/session/device.js";
import { ON_CPU } from "../../../src/runtime/session/placement.js";
import { explainRequest, neverAborted } from "../../helpers/explainRequest.js";
import { expectSameFromFile } from "../../helpers/expectSameFromFile.js";
import { familyFolder } from "../../helpers/familyFolder.js";
import { loadedModel } from "../../helpers/loadedModel.js";
import { gradientDifference, gradientOf } from "../../helpers/runGradient.js";
import { anySize, expectWholeGrid, testSquares } from "../../helpers/wholeGrid.js";

const FOLDER = familyFolder("paligemma");
const temporary = mkdtempSync(join(tmpdir(), "dexar-paligemma-"));

const request = (change: Partial<ExplainRequest>) =>
  explainRequest({
    imagePath: join(FOLDER, "pictures", "wide.png"),
    prompt: "What is there?",
    rawPrompt: false,
    maxNewTokens: 6,
    ...change,
  });

const difference = (one: Run, other: Run) => gradientDifference(gradientOf(one), gradientOf(other));

afterAll(() => rmSync(temporary, { recursive: true }));

function configsOf(side: number, patch: number): ModelConfigs {
  return {
    config: { vision_config: { patch_size: patch } },
    image: { do_resize: true, size: { height: side, width: side } },
    processor: {},
  };
}

describe("the grid", () => {
  test("covers all of any picture, squeezed into a square: 16, 32 or 64 cells a side", () => {
    fc.assert(
      fc.property(anySize, fc.constantFrom(16, 32, 64), (size, across) => {
        const layout = paligemma.layout(size, configsOf(14 * across, 14), "python");
        expectWholeGrid(layout, size, [across, across]);
      }),
      { numRuns: 20 },
    );
  });
});

describe("a loaded model", () => {
  const vlm = loadedModel(FOLDER);
  beforeEach(() => vlm().lastAnswer.clear());

  const explain = (change: Partial<ExplainRequest>, model = vlm()): Promise<Run> =>
    explainAnswer(model, request(change), () => undefined, neverAborted);

  testSquares(vlm);

  test("a prompt is what Python's processor makes of the words, and they are found in it", async () => {
    const run = await explain({ prompt: "describe this image en" });
    expect(run.info.prompt.rendered).toBe("<image><bos>describe this image en\n");
    expect(run.info.warnings).toEqual([]);
    const kinds = run.info.prompt.tokens.map(({ kind }) => kind);
    expect(kinds.slice(0, 18)).toEqual([...Array<string>(16).fill("image"), "special", "text"]);
    expect(kinds.at(-1)).toBe("special");
    const words = run.info.prompt.tokens.filter(({ kind }) => kind === "text");
    expect(words[0]?.span?.[0]).toBe(0);
    expect(words.at(-1)?.span?.[1]).toBe("describe this image en".length);
  });

  test("ids are also those of transformers.js's own processor, which writes the prompt itself", async () => {
    const processor = await AutoProcessor.from_pretrained(FOLDER);
    const image = new RawImage(new Uint8ClampedArray(3 * 40 * 30), 40, 30, 3);
    const { input_ids: ids } = (await processor(image, "<image>What is there?")) as { input_ids: Tensor };
    const run = await explain({});
    const own = [...run.arrays.inputIds.slice(0, run.info.prompt.tokens.length)];
    expect(Array.from(ids.data as BigInt64Array, Number)).toEqual(own);
  });

  test("a tokenizer that puts <bos> before every text adds none to it", async () => {
    const folder = join(temporary, "bos");
    cpSync(FOLDER, folder, { recursive: true });
    const path = join(folder, "tokenizer.json");
    const [special, text] = [
      { SpecialToken: { id: "<bos>", type_id: 0 } },
      { Sequence: { id: "A", type_id: 0 } },
    ];
    const post_processor = {
      type: "TemplateProcessing",
      single: [special, text],
      pair: [special, text, { Sequence: { id: "B", type_id: 0 } }],
      special_tokens: { "<bos>": { id: "<bos>", ids: [302], tokens: ["<bos>"] } },
    };
    const tokenizer = JSON.parse(readFileSync(path, "utf8")) as object;
    writeFileSync(path, JSON.stringify({ ...tokenizer, post_processor }));
    const other = await loadModel(folder, "fp32");
    expect(other.processor.tokenizer?.encode("a")[0]).toBe(302);
    const run = await explain({}, other);
    await other.dispose();
    expect(run.arrays.inputIds).toEqual((await explain({})).arrays.inputIds);
  });

  test("a raw prompt is taken as it is", async () => {
    const run = await explain({ prompt: "<image><bos>a dog\n", rawPrompt: true });
    const template = await explain({ prompt: "a dog" });
    expect(run.arrays.inputIds).toEqual(template.arrays.inputIds);
  });

  test("a forced answer has the gradients that the same answer had when it was generated", async () => {
    const generated = await explain({});
    const ids = generated.info.tokens.map(({ id }) => id);
    const forced = await explain({ target: { ids } });
    expect(difference(forced, generated)).toBeLessThan(1e-5);
    // In one pass with the prompt its tokens would be seen by the prompt: other numbers.
    const causal = { ...paligemma };
    Reflect.deleteProperty(causal, "promptIsCausal");
    const wrong = await explain({ target: { ids } }, { ...vlm(), family: causal });
    expect(difference(wrong, generated)).toBeGreaterThan(1e-2);
  });

  test("another question about the picture has the numbers of a fresh model", async () => {
    const fresh = await explain({ prompt: "What is here?" });
    vlm().lastAnswer.clear();
    await explain({ prompt: "What is there?" });
    expect(difference(await explain({ prompt: "What is here?" }), fresh)).toBe(0);
  });

  test("another token of a finished run comes out alike from the file and from what is kept", async () => {
    await expectSameFromFile(vlm(), { request: request({}), folder: temporary, index: 3, tokenId: 70 });
  });
});

test("a device that needs prompts in pieces is not used for the decoder, and a notice says so", async () => {
  const slow = { ...CPU, name: "webgpu", piece: 8 } as const;
  const placement = { ...ON_CPU, decoder: slow };
  const vlm = await loadModel(FOLDER, "fp32", { placement });
  expect(vlm.device.name).toBe("cpu");
  expect(vlm.placement.notices).toEqual([expect.stringContaining("WebGPU here computes long prompts")]);
  const run = await explainAnswer(vlm, request({}), () => undefined, neverAborted);
  expect(run.info.warnings).toEqual(vlm.placement.notices);
  await vlm.dispose();
  expect(keepPromptsWhole({ ...paligemma, promptIsCausal: false }, ON_CPU)).toBe(ON_CPU);
});
