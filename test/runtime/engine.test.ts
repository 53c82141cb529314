import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ExplainRequest, ModelProcessEvent } from "../../src/protocol/modelProcess.js";
import { createEngine } from "../../src/runtime/engine.js";
import { maxDifference } from "../helpers/compare.js";
import { explainRequest, neverAborted } from "../helpers/explainRequest.js";

const ROOT = join(import.meta.dirname, "../..");
const MODEL = join(ROOT, "models/emoji-llava");
const PICTURE = join(ROOT, "examples/dog-and-frog.png");
const quiet = () => undefined;

const request = (change: Partial<ExplainRequest> = {}): ExplainRequest =>
  explainRequest({
    imagePath: PICTURE,
    prompt: "what do you see?",
    rawPrompt: false,
    maxNewTokens: 40,
    captureEvery: 16,
    ...change,
  });

const engine = createEngine();
beforeAll(async () => {
  await engine.load({ modelDir: MODEL, device: "cpu", dtype: "fp32" }, quiet);
});
afterAll(() => engine.dispose());

const ids = (run: { info: { tokens: readonly { id: number }[] } }) =>
  run.info.tokens.map((token) => token.id);

describe("the bundled model", () => {
  test("answers what is in the picture", async () => {
    const { text, finish } = await engine.generate(request(), quiet, neverAborted);
    expect(finish).toBe("stop");
    expect(text).toContain("dog");
    expect(text).toContain("frog");
  });

  test("generates the same ids with and without capture, in fp32 and q4", async () => {
    for (const dtype of ["fp32", "q4"]) {
      const other = createEngine();
      await other.load({ modelDir: MODEL, device: "cpu", dtype }, quiet);
      const plain = await other.generate(request(), quiet, neverAborted);
      expect(ids(await other.explain(request(), quiet, neverAborted))).toEqual(plain.ids);
      await other.dispose();
    }
  });

  test("gives the same gradients token by token, in batches, and forced", async () => {
    const live = await engine.explain(request({ captureEvery: 1 }), quiet, neverAborted);
    const batched = await engine.explain(request({ captureEvery: 7 }), quiet, neverAborted);
    const forced = await engine.explain(request({ target: { ids: ids(live) } }), quiet, neverAborted);
    const scale = Math.max(...(live.arrays.gradient ?? []).map(Math.abs));
    for (const run of [batched, forced]) {
      expect(ids(run)).toEqual(ids(live));
      expect(maxDifference(run.arrays.gradient ?? [], live.arrays.gradient ?? [])).toBeLessThan(1e-4 * scale);
      expect(maxDifference(run.arrays.lensLogit, live.arrays.lensLogit)).toBeLessThan(1e-3);
    }
  });

  test("the last layer's lens is the logit of the token", async () => {
    const run = await engine.explain(request({ target: { text: "there is a dog" } }), quiet, neverAborted);
    const { layers } = run.info.model;
    // Log-probabilities of two choices at one place differ by their logits.
    const [first] = run.info.tokens;
    const other = first?.alternatives.find((choice) => choice.id !== first.id);
    const swapped = await engine.explain(request({ target: { ids: [other?.id ?? 0] } }), quiet, neverAborted);
    const lens = (r: typeof run) => r.arrays.lensLogit[layers - 1] ?? NaN;
    expect(lens(run) - lens(swapped)).toBeCloseTo((first?.logprob ?? NaN) - (other?.logprob ?? NaN), 3);
  });

  test("gradients are zero beyond a token's own position", async () => {
    const run = await engine.explain(request(), quiet, neverAborted);
    const positions = run.arrays.inputIds.length - 1;
    const tokens = run.info.tokens.length;
    const prompt = run.arrays.inputIds.length - tokens;
    const gradient = run.arrays.gradient ?? new Float32Array();
    const rows = gradient.length / tokens / positions;
    gradient.forEach((value, i) => {
      const [token, position] = [Math.floor(i / rows / positions), i % positions];
      if (position >= prompt + token && value !== 0)
        throw new Error(`token ${token} sees position ${position}`);
    });
    expect(gradient.some((value) => value !== 0)).toBe(true);
  });

  test("samples: the same seed the same answer, another seed another", async () => {
    const sample = (seed: number) =>
      engine.generate(request({ temperature: 3, topK: 50, seed, maxNewTokens: 16 }), quiet, neverAborted);
    const [a, b, c] = [await sample(1), await sample(1), await sample(2)];
    expect(b.ids).toEqual(a.ids);
    expect(c.ids).not.toEqual(a.ids);
  });

  test("sampling with top-k 1 is greedy", async () => {
    const greedy = await engine.generate(request(), quiet, neverAborted);
    const sampled = await engine.generate(request({ temperature: 1, topK: 1, seed: 5 }), quiet, neverAborted);
    expect(sampled.ids).toEqual(greedy.ids);
  });

  test("reports every token, and its heatmap once", async () => {
    const events: ModelProcessEvent[] = [];
    const run = await engine.explain(
      request({ captureEvery: 4 }),
      (event) => events.push(event),
      neverAborted,
    );
    expect(events.flatMap((e) => (e.kind === "token" ? [e.id] : []))).toEqual(ids(run));
    const explained = events.flatMap((e) => (e.kind === "explained" ? [e] : []));
    expect(explained.map((e) => e.first)).toEqual(explained.map((_, i) => i * 4));
    expect(explained.reduce((sum, e) => sum + e.count, 0)).toBe(run.info.tokens.length);
    expect(explained[0]?.tokenHeatmap.length).toBe(4 * run.info.cells.length);
  });

  test("cancelling keeps the finished tokens", async () => {
    const abort = new AbortController();
    const onEvent = (event: ModelProcessEvent) => {
      if (event.kind === "token" && event.index === 4) abort.abort();
    };
    const run = await engine.explain(request(), onEvent, abort.signal);
    expect(run.info.partial).toBe(true);
    expect(run.info.generation.finish).toBe("cancelled");
    expect(run.info.tokens).toHaveLength(5);
    expect(run.arrays.gradient?.length).toBe(
      5 * run.info.model.layers * run.info.model.heads * (run.arrays.inputIds.length - 1),
    );
  });

  test("cancelled before the first token: an error, not an empty run", async () => {
    const signal = AbortSignal.abort();
    await expect(engine.explain(request(), quiet, signal)).rejects.toMatchObject({ code: "cancelled" });
  });

  test("marks the user's words, the template and the image in the prompt", async () => {
    const run = await engine.explain(request({ maxNewTokens: 1 }), quiet, neverAborted);
    const kinds = run.info.prompt.tokens;
    const text = kinds.filter((token) => token.kind === "text").map((token) => token.text);
    expect(text.join("").trim()).toBe("what do you see?");
    expect(kinds.filter((token) => token.kind === "image")).toHaveLength(run.info.cells.length);
    expect(kinds[0]?.kind).toBe("special");
  });

  test("its cells tile the picture", async () => {
    const run = await engine.explain(request({ maxNewTokens: 1 }), quiet, neverAborted);
    expect(run.info.cells).toHaveLength(144);
    expect(run.info.cells[0]).toEqual([0, 0, 8, 8]);
    expect(run.info.cells[143]).toEqual([88, 88, 8, 8]);
  });
});
