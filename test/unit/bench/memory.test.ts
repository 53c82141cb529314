import { expect, it } from "vitest";
import { benchBytes, checkMemory } from "../../../src/bench/measure/checkMemory.js";
import { allBytes, keptBytes, keptRows } from "../../../src/bench/report/keptRows.js";
import { gradientBytes } from "../../../src/core/memory/estimateMemory.js";
import { sizedModel } from "../../helpers/sizedModel.js";

// Two cached vectors of 40 numbers in each of 3 layers, rows of 480 numbers.
const model = sizedModel();
const ANSWER = { promptTokens: 100, imageTokens: 60, answerTokens: 10 };
const CACHE = 2 * 3 * 40 * 4;
const TAPS = 480 * 4;

it("of an answer the cache is kept, and explained its taps and gradients", () => {
  expect(keptBytes(model, ANSWER, false)).toEqual({ cache: 10 * CACHE, gradients: 0, taps: 0 });
  const kept = keptBytes(model, ANSWER, true);
  const whole = { ...ANSWER, captureEvery: 16, forced: false };
  expect(kept).toEqual({ cache: 10 * CACHE, taps: 10 * TAPS, gradients: gradientBytes(model, whole) });
  // 10 tokens, 3 layers of 4 heads, 109 positions.
  expect(kept.gradients % (10 * 3 * 4 * 109)).toBe(0);
  expect(allBytes(kept)).toBe(kept.cache + kept.taps + kept.gradients);
});

it("the rows say it for one token, and the parts add up", () => {
  const [all, ...parts] = keptRows(model, ANSWER);
  expect(all?.value).toBeCloseTo(
    parts.reduce((sum, { value }) => sum + (value ?? NaN), 0),
    6,
  );
  expect(parts.map(({ id }) => id)).toEqual(["kept.cache", "kept.taps", "kept.gradients"]);
  expect(parts[0]?.value).toBe(CACHE);
});

it("what is compared has to fit into memory at the same time", () => {
  const bytes = benchBytes(model, ANSWER);
  expect(bytes).toBeGreaterThan(3 * model.weights.decoder.private);
  const check = (available: number) => () =>
    checkMemory("tiny in q4", model, ANSWER, () => ({ available, own: 0 }));
  expect(check(bytes)).not.toThrow();
  expect(check(bytes - 1)).toThrow(/^Measuring tiny in q4 takes about .* of memory, and .* can be had/);
});
