import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { finalLogit } from "../../../src/core/graph/finalLogit.js";
import { explainAnswer } from "../../../src/runtime/answer/explain.js";
import { explainAlternative } from "../../../src/runtime/answer/explainAlternative.js";
import { explainToFile } from "../../../src/runtime/answer/explainToFile.js";
import { loadModel, type LoadedVlm } from "../../../src/runtime/model/loadModel.js";
import { verifyModel } from "../../../src/runtime/verify.js";
import { explainRequest, neverAborted } from "../../helpers/explainRequest.js";
import { familyFolder } from "../../helpers/familyFolder.js";

const FOLDER = familyFolder("paligemma2");
const temporary = mkdtempSync(join(tmpdir(), "dexar-paligemma2-"));
afterAll(() => rmSync(temporary, { recursive: true }));

describe.each(["fp32", "q4"])("logits that the decoder caps (%s)", (dtype) => {
  let vlm: LoadedVlm;
  beforeAll(async () => {
    vlm = await loadModel(FOLDER, dtype);
  });
  afterAll(() => vlm.dispose());

  test("are the model's own again when the cap is put on those of the lens", async () => {
    const final = finalLogit(vlm.decoder.structure);
    for (const raw of [-50, -3, 0, 0.25, 70]) expect(final(raw)).toBeCloseTo(30 * Math.tanh(raw / 30), 5);
    const { checks } = await verifyModel(FOLDER);
    expect(checks.filter(({ passed }) => !passed)).toEqual([]);
  });

  test("another token's probability is the same from what is kept and from the run file", async () => {
    const files = {
      runPath: join(temporary, `${dtype}.dexar`),
      picturePath: join(temporary, `${dtype}.png`),
      digestPath: join(temporary, `${dtype}.digest`),
    };
    const imagePath = join(FOLDER, "pictures", "wide.png");
    const asked = explainRequest({ imagePath, prompt: "What is there?", rawPrompt: false, maxNewTokens: 4 });
    const { info } = await explainToFile(vlm, { ...asked, files }, () => undefined, neverAborted);
    const [, second] = info.tokens[2]?.alternatives ?? [];
    const ask = () =>
      explainAlternative(vlm, { runPath: files.runPath, index: 2, tokenId: second?.id ?? -1 }, neverAborted);
    const kept = await ask();
    vlm.lastAnswer.clear();
    const again = await ask();
    expect(kept.logprob).toBeCloseTo(again.logprob, 4);
    expect(kept.logprob).toBeCloseTo(second?.logprob ?? NaN, 4);
  });
});

test("a window that only config.json knows of is none, as the decoder's mask hides nothing", async () => {
  const vlm = await loadModel(FOLDER, "fp32");
  const config = { ...vlm.configs.config, text_config: { sliding_window: 8 } };
  const request = explainRequest({
    imagePath: join(FOLDER, "pictures", "wide.png"),
    prompt: "What is there?",
    rawPrompt: false,
    maxNewTokens: 2,
  });
  const narrow = { ...vlm, configs: { ...vlm.configs, config } };
  const run = await explainAnswer(narrow, request, () => undefined, neverAborted);
  const positions = run.arrays.inputIds.length - 1;
  expect(positions).toBeGreaterThan(16);
  expect(run.arrays.gradient?.[0]).not.toBe(0);
  await vlm.dispose();
});
