import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { PreTrainedModel, Tensor } from "@huggingface/transformers";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readRun } from "../../src/core/run/readRun.js";
import type { Run, RunToken } from "../../src/core/run/types.js";
import { writeRun } from "../../src/core/run/writeRun.js";
import type { ExplainRequest } from "../../src/protocol/modelProcess.js";
import { explainAnswer } from "../../src/runtime/answer/explain.js";
import { preparePrompt } from "../../src/runtime/answer/prompt.js";
import { createEngine } from "../../src/runtime/engine.js";
import { loadModel } from "../../src/runtime/model/loadModel.js";
import { BUNDLED_MODEL, bundledRequest, EXAMPLE_PICTURE } from "../helpers/bundledModel.js";
import { maxDifference } from "../helpers/compare.js";
import { neverAborted } from "../helpers/explainRequest.js";
import { watchForwards } from "../helpers/watchForwards.js";

const engine = createEngine();
const quiet = () => undefined;
const folder = mkdtempSync(join(tmpdir(), "dexar-generation-"));

beforeAll(async () => {
  await engine.load({ modelDir: BUNDLED_MODEL, device: "cpu", dtype: "fp32" }, quiet);
});
afterAll(async () => {
  await engine.dispose();
  rmSync(folder, { recursive: true });
});

const explain = (change: Partial<ExplainRequest> = {}) =>
  engine.explain(bundledRequest(change), quiet, neverAborted);
const answer = (change: Partial<ExplainRequest> = {}) =>
  engine.generate(bundledRequest(change), quiet, neverAborted);
const ids = ({ info }: Run) => info.tokens.map(({ id }) => id);
const textOf = (tokens: readonly Pick<RunToken, "text">[]) => tokens.map(({ text }) => text).join("");

/** Explains to a file and gives its path. */
async function runFile(name: string, change: Partial<ExplainRequest> = {}): Promise<string> {
  const runPath = join(folder, `${name}.dexar`);
  const files = {
    runPath,
    picturePath: join(folder, `${name}.png`),
    digestPath: join(folder, `${name}.json`),
  };
  await engine.explainToFile({ ...bundledRequest(change), files }, quiet, neverAborted);
  return runPath;
}

describe("choosing tokens", () => {
  const free = { temperature: 3, maxNewTokens: 16 };

  test.each([{ topP: 0.95 }, { minP: 0.01 }, { topK: 50, topP: 0.9, minP: 0.001, repetitionPenalty: 1.1 }])(
    "the same seed gives the same answer with %o",
    async (options) => {
      const [a, b, c] = [
        await answer({ ...free, ...options, seed: 1 }),
        await answer({ ...free, ...options, seed: 1 }),
        await answer({ ...free, ...options, seed: 3 }),
      ];
      expect(b.ids).toEqual(a.ids);
      expect(c.ids).not.toEqual(a.ids);
    },
  );

  test.each([{ topP: 0 }, { minP: 1 }])("with %o only the likeliest token is left", async (options) => {
    const greedy = await answer();
    expect((await answer({ temperature: 1, seed: 5, ...options })).ids).toEqual(greedy.ids);
  });

  test("a repetition penalty changes a greedy answer, and is in the run", async () => {
    const plain = await explain();
    const run = await explain({ repetitionPenalty: 40 });
    expect(ids(run)).not.toEqual(ids(plain));
    expect(run.info.generation.repetitionPenalty).toBe(40);
    expect(plain.info.generation).not.toHaveProperty("repetitionPenalty");
  });

  test("a repetition penalty counts the words of the prompt as transformers.js does, in the cache or not", async () => {
    const vlm = await loadModel(BUNDLED_MODEL, "fp32");
    const prompt = "there is a dog and a frog. describe the picture.";
    const request = bundledRequest({ prompt, repetitionPenalty: 1.5, maxNewTokens: 12 });
    const { inputs } = await preparePrompt(vlm, request);
    const model: PreTrainedModel = await vlm.family.modelClass.from_pretrained(BUNDLED_MODEL, {
      dtype: "fp32",
    });
    const options = { repetition_penalty: 1.5, do_sample: false, max_new_tokens: 12 };
    const made = (await model.generate({ ...inputs, ...options })) as Tensor;
    await model.dispose();
    const expected = Array.from(made.data as BigInt64Array, Number);
    const ask = (given: ExplainRequest) => explainAnswer(vlm, given, quiet, neverAborted);
    const whole = await ask(request);
    expect([...whole.arrays.inputIds.slice(0, whole.info.prompt.tokens.length), ...ids(whole)]).toEqual(
      expected,
    );
    await ask(bundledRequest({ prompt: "what colour is it?", maxNewTokens: 2 }));
    const forwards = await watchForwards(vlm);
    expect(ids(await ask(request))).toEqual(ids(whole));
    expect(forwards[0]).toBeLessThan(whole.info.prompt.tokens.length);
    await vlm.dispose();
  });

  test("ids are the same with and without capture", async () => {
    const options = { temperature: 1.5, topP: 0.8, seed: 11, repetitionPenalty: 1.2, stopStrings: ["frog"] };
    expect(ids(await explain(options))).toEqual((await answer(options)).ids);
  });
});

describe("stop strings", () => {
  test("end the answer with the token that completes one, and keep it", async () => {
    const whole = await explain();
    const run = await explain({ stopStrings: ["nothing of it", "dog"] });
    const { finish, stopString, stopStrings } = run.info.generation;
    expect({ finish, stopString, stopStrings }).toEqual({
      finish: "stop",
      stopString: "dog",
      stopStrings: ["nothing of it", "dog"],
    });
    expect(textOf(run.info.tokens)).toContain("dog");
    expect(textOf(run.info.tokens.slice(0, -1))).not.toContain("dog");
    expect(ids(run)).toEqual(ids(whole).slice(0, run.info.tokens.length));
    expect(run.info.tokens.at(-1)?.stop).toBe(false);
  });

  test("that never come change nothing", async () => {
    const run = await explain({ stopStrings: ["elephant"] });
    expect(ids(run)).toEqual(ids(await explain()));
    expect(run.info.generation).not.toHaveProperty("stopString");
  });
});

describe("a system prompt", () => {
  const systemPrompt = "you see a small picture.";

  test("comes before the user's words; its tokens are text without a place in them", async () => {
    const { info } = await explain({ systemPrompt, maxNewTokens: 2 });
    expect(info.prompt.text).toBe("what do you see?");
    expect(info.prompt.rendered.indexOf(systemPrompt)).toBeGreaterThanOrEqual(0);
    expect(info.prompt.rendered.indexOf(systemPrompt)).toBeLessThan(info.prompt.rendered.indexOf("what do"));
    const words = info.prompt.tokens.filter(({ kind }) => kind === "text");
    const ofSystem = words.filter(({ span }) => span === null);
    expect(textOf(ofSystem).trim()).toBe(systemPrompt);
    const ofUser = words.flatMap(({ span }) => (span ? [info.prompt.text.slice(...span)] : []));
    expect(ofUser.join("").replaceAll(" ", "")).toBe("whatdoyousee?");
    expect(info.generation.systemPrompt).toBe(systemPrompt);
  });

  test("does not go with a raw prompt", async () => {
    const raw = { rawPrompt: true, prompt: "<image> what?", systemPrompt };
    await expect(explain(raw)).rejects.toMatchObject({ code: "bad-raw-prompt" });
  });

  test("may not hold the image placeholder", async () => {
    await expect(explain({ systemPrompt: "an <image>" })).rejects.toMatchObject({ code: "bad-prompt" });
  });
});

describe("going on from a run", () => {
  test("gives what the whole answer would have been, and its gradients", async () => {
    const whole = await explain();
    const runPath = await runFile("cut", { maxNewTokens: 4 });
    const run = await explain({ continueFrom: runPath, imagePath: "", maxNewTokens: 40 });
    expect(ids(run)).toEqual(ids(whole));
    expect(run.info.image.name).toBe("dog-and-frog.png");
    expect(run.info.generation.continued).toEqual({ run: expect.any(String) as string, tokens: 4 });
    const expected = whole.arrays.gradient ?? new Float32Array();
    const scale = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    expect(run.arrays.gradient).toHaveLength(expected.length);
    expect(maxDifference(run.arrays.gradient ?? [], expected)).toBeLessThan(1e-4 * scale);
    expect(maxDifference(run.arrays.lensLogit, whole.arrays.lensLogit)).toBeLessThan(1e-3);
  });

  test("again and again, by live batches, gives the same ids", async () => {
    const whole = await explain();
    let path = await runFile("step0", { maxNewTokens: 2 });
    for (let step = 1; step <= 3; step++)
      path = await runFile(`step${step}`, { continueFrom: path, maxNewTokens: 2, captureEvery: 1 });
    const { run } = await readRun(new Uint8Array(readFileSync(path)));
    expect(ids(run)).toEqual(ids(whole).slice(0, 8));
  });

  test("that ended by itself leaves its end token out and says at least one more", async () => {
    const path = await runFile("ended");
    const { run } = await readRun(new Uint8Array(readFileSync(path)));
    expect(run.info.tokens.at(-1)?.stop).toBe(true);
    const more = await explain({ continueFrom: path, maxNewTokens: 3 });
    const before = run.info.tokens.length - 1;
    expect(ids(more).slice(0, before)).toEqual(ids(run).slice(0, before));
    expect(more.info.tokens[before]?.stop).toBe(false);
    expect(more.info.tokens.length).toBeGreaterThan(before);
  });

  test("of a given answer keeps the kind of its tokens", async () => {
    const path = await runFile("forced", { target: { text: "there is a" } });
    const { info } = await explain({ continueFrom: path, maxNewTokens: 2 });
    const kinds = info.tokens.map(({ kind }) => kind);
    expect(kinds.slice(-2)).toEqual(["generated", "generated"]);
    expect(new Set(kinds.slice(0, -2))).toEqual(new Set(["forced"]));
  });

  test("is refused when its tokens have other probabilities now than they had", async () => {
    const path = await runFile("tampered", { maxNewTokens: 2 });
    const { run, attribution } = await readRun(new Uint8Array(readFileSync(path)));
    const tokens = run.info.tokens.map((token) => ({ ...token, logprob: token.logprob - 0.2 }));
    writeFileSync(path, await writeRun({ ...run, info: { ...run.info, tokens } }, attribution));
    await expect(explain({ continueFrom: path })).rejects.toMatchObject({ code: "run-not-reproducible" });
  });

  test("is refused for another picture, prompt or model, and with a target", async () => {
    const continueFrom = await runFile("other", { maxNewTokens: 2 });
    const cases: readonly (readonly [Partial<ExplainRequest>, string])[] = [
      [{ imagePath: EXAMPLE_PICTURE.replace("dog-and-frog", "butterfly") }, "continue-other-picture"],
      [{ prompt: "what colour is it?" }, "continue-other-prompt"],
      [{ systemPrompt: "be brief." }, "continue-other-prompt"],
      [{ target: { text: "a dog" } }, "continue-with-target"],
    ];
    for (const [change, code] of cases)
      await expect(explain({ continueFrom, ...change })).rejects.toMatchObject({ code });
    const other = createEngine();
    await other.load({ modelDir: BUNDLED_MODEL, device: "cpu", dtype: "q4" }, quiet);
    const asked = other.explain(bundledRequest({ continueFrom }), quiet, neverAborted);
    await expect(asked).rejects.toMatchObject({ code: "wrong-model" });
    await other.dispose();
  });
});
