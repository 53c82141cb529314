import { mkdtempSync, rmSync, utimesSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import type { Run } from "../../src/core/run/types.js";
import type { ExplainRequest } from "../../src/protocol/modelProcess.js";
import { explainAlternative } from "../../src/runtime/answer/explainAlternative.js";
import { explainAnswer } from "../../src/runtime/answer/explain.js";
import { explainToFile } from "../../src/runtime/answer/explainToFile.js";
import { loadModel, type LoadedVlm } from "../../src/runtime/model/loadModel.js";
import { BUNDLED_MODEL, bundledRequest } from "../helpers/bundledModel.js";
import { maxDifference } from "../helpers/compare.js";
import { neverAborted } from "../helpers/explainRequest.js";
import { gradientDifference, gradientOf, largest } from "../helpers/runGradient.js";
import { watchForwards } from "../helpers/watchForwards.js";

const folder = mkdtempSync(path.join(tmpdir(), "dexar-last-answer-"));
const quiet = () => undefined;
const answer = (vlm: LoadedVlm, change: Partial<ExplainRequest> = {}): Promise<Run> =>
  explainAnswer(vlm, bundledRequest(change), quiet, neverAborted);

describe.each(["fp32", "q4"])("after an answer (%s)", (dtype) => {
  let vlm: LoadedVlm;
  let fresh: LoadedVlm;
  beforeAll(async () => {
    [vlm, fresh] = await Promise.all([loadModel(BUNDLED_MODEL, dtype), loadModel(BUNDLED_MODEL, dtype)]);
  });
  beforeEach(() => fresh.lastAnswer.clear());
  afterEach(() => void vi.restoreAllMocks());
  afterAll(async () => {
    await Promise.all([vlm.dispose(), fresh.dispose()]);
  });

  /** The same answer from a model that remembers nothing: tokens alike, gradients up to rounding. */
  async function expectAsFresh(run: Run, change: Partial<ExplainRequest>): Promise<void> {
    fresh.lastAnswer.clear();
    const expected = await answer(fresh, change);
    expect(run.info.tokens.map(({ id }) => id)).toEqual(expected.info.tokens.map(({ id }) => id));
    expect(gradientDifference(gradientOf(run), gradientOf(expected))).toBeLessThan(1e-4);
  }

  test.each([
    ["another question", { prompt: "what is in the picture?" }],
    ["another target", { target: { text: "a ghost" } }],
    ["a target of one token", { target: { ids: [5] } }],
  ])("%s about the picture takes in only what is new, and gives the same", async (_, change) => {
    vlm.lastAnswer.clear();
    const first = await answer(vlm);
    const forwards = await watchForwards(vlm);
    const run = await answer(vlm, change);
    expect(forwards[0]).toBeLessThan(first.info.prompt.tokens.length - first.info.cells.length);
    await expectAsFresh(run, change);
  });

  test("the same question goes through the whole model, and its numbers are the same to the last bit", async () => {
    vlm.lastAnswer.clear();
    const first = await answer(vlm);
    const again = await answer(vlm);
    expect(again.arrays).toEqual(first.arrays);
  });

  test("a third question builds on the second", async () => {
    await answer(vlm);
    await answer(vlm, { prompt: "what is in the picture?" });
    const forwards = await watchForwards(vlm);
    const run = await answer(vlm, { prompt: "what colour is it?" });
    expect(forwards[0]).toBeLessThan(run.info.cells.length);
    await expectAsFresh(run, { prompt: "what colour is it?" });
  });

  test.each([
    [
      "another picture",
      { imagePath: bundledRequest({}).imagePath.replace(/[^/\\]+$/, "rocket-and-house.png") },
    ],
    ["the same picture in another size", { resize: "transformers.js" as const }],
  ])("%s goes through the whole model", async (_, change) => {
    await answer(vlm);
    const forwards = await watchForwards(vlm);
    const run = await answer(vlm, change);
    expect(forwards[0]).toBe(run.info.prompt.tokens.length);
  });

  describe("that was saved", () => {
    const files = {
      runPath: path.join(folder, `${dtype}.dexar`),
      picturePath: path.join(folder, `${dtype}.png`),
      digestPath: path.join(folder, `${dtype}.digest`),
    };
    const ask = (model: LoadedVlm, index: number, tokenId: number) =>
      explainAlternative(model, { runPath: files.runPath, index, tokenId }, neverAborted);
    let tokens: Run["info"]["tokens"];
    beforeEach(async () => {
      const saved = await explainToFile(vlm, { ...bundledRequest({}), files }, quiet, neverAborted);
      tokens = saved.info.tokens;
    });

    test("another token at any step takes no forward pass, and gives the same", async () => {
      const forwards = await watchForwards(vlm);
      for (const index of [0, 3, tokens.length - 1]) {
        const tokenId = tokens[index]?.alternatives[1]?.id ?? -1;
        const quick = await ask(vlm, index, tokenId);
        const slow = await ask(fresh, index, tokenId);
        expect([quick.tokenId, quick.text]).toEqual([slow.tokenId, slow.text]);
        expect(quick.logprob).toBeCloseTo(slow.logprob, 2);
        const scale = largest(slow.gradient);
        expect(scale).toBeGreaterThan(0);
        expect(quick.gradient).toHaveLength(slow.gradient.length);
        expect(maxDifference(quick.gradient, slow.gradient)).toBeLessThan(1e-4 * scale);
        const reference = largest(slow.gradientReferenceLast);
        expect(maxDifference(quick.gradientReferenceLast, slow.gradientReferenceLast)).toBeLessThan(
          1e-4 * reference,
        );
      }
      expect(forwards).toEqual([]);
    });

    test("a step or token that is not there is refused", async () => {
      await expect(ask(vlm, tokens.length, 5)).rejects.toMatchObject({ code: "bad-alternative" });
      await expect(ask(vlm, 0, 10_000_000)).rejects.toMatchObject({ code: "bad-target" });
    });

    test("a run file that was changed since is read again", async () => {
      utimesSync(files.runPath, new Date(0), new Date(0));
      const forwards = await watchForwards(vlm);
      await ask(vlm, 0, tokens[0]?.alternatives[1]?.id ?? -1);
      expect(forwards).toHaveLength(1);
    });
  });
});

afterAll(() => rmSync(folder, { recursive: true }));
