import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import type { ExplainRequest } from "../../src/protocol/modelProcess.js";
import { decoderOf } from "../../src/runtime/answer/answer.js";
import { explainAnswer } from "../../src/runtime/answer/explain.js";
import { loadModel, type LoadedVlm } from "../../src/runtime/model/loadModel.js";
import { BUNDLED_MODEL, bundledRequest } from "../helpers/bundledModel.js";
import { neverAborted } from "../helpers/explainRequest.js";
import { gradientDifference, gradientOf } from "../helpers/runGradient.js";
import { watchForwards } from "../helpers/watchForwards.js";

const quiet = () => undefined;
describe("a target of a model whose prompt attends to all of itself", () => {
  let causal: LoadedVlm;
  let stepwise: LoadedVlm;
  beforeAll(async () => {
    causal = await loadModel(BUNDLED_MODEL, "fp32");
    // The model is causal all the same: both ways of forcing must then give the same numbers.
    stepwise = { ...causal, family: { ...causal.family, promptIsCausal: false } };
  });
  afterEach(() => void vi.restoreAllMocks());
  afterAll(() => causal.dispose());

  const explain = (vlm: LoadedVlm, change: Partial<ExplainRequest>, signal = neverAborted) => {
    causal.lastAnswer.clear();
    return explainAnswer(vlm, bundledRequest(change), quiet, signal);
  };

  test("goes through the decoder after the prompt, one token at a time", async () => {
    const [eos = -1] = [causal.processor.tokenizer?.eos_token_id];
    const ids = [40, eos, 41, 42];
    const expected = await explain(causal, { target: { ids } });
    const lengths = await watchForwards(stepwise);
    const run = await explain(stepwise, { target: { ids } });
    expect(lengths).toEqual([run.info.prompt.tokens.length, 1, 1, 1]);
    expect(run.info.generation.finish).toBe("target");
    expect(run.info.tokens.map(({ id, kind }) => [id, kind])).toEqual(ids.map((id) => [id, "forced"]));
    run.info.tokens.forEach(({ logprob }, k) => {
      expect(logprob).toBeCloseTo(expected.info.tokens[k]?.logprob ?? NaN, 4);
    });
    expect(gradientDifference(gradientOf(run), gradientOf(expected))).toBeLessThan(1e-4);
  });

  test("keeps the finished tokens of a cancelled target", async () => {
    const cancel = new AbortController();
    const decoder = decoderOf(stepwise, await stepwise.tapped());
    const run = decoder.run.bind(decoder);
    let forwards = 0;
    vi.spyOn(decoder, "run").mockImplementation((feeds) => {
      if (++forwards === 3) cancel.abort();
      return run(feeds);
    });
    const cancelled = await explain(
      stepwise,
      { target: { ids: [40, 41, 42, 43] }, captureEvery: 1 },
      cancel.signal,
    );
    expect(cancelled.info.generation.finish).toBe("cancelled");
    expect(cancelled.info.tokens.map(({ id }) => id)).toEqual([40, 41]);
  });

  test("never goes on from what an earlier question left", async () => {
    await explain(stepwise, {});
    const lengths = await watchForwards(stepwise);
    const run = await explainAnswer(
      stepwise,
      bundledRequest({ prompt: "what is left?" }),
      quiet,
      neverAborted,
    );
    expect(lengths[0]).toBe(run.info.prompt.tokens.length);
  });
});
