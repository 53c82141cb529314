import { describe, expect, it } from "vitest";
import { bytesText } from "../../../src/core/memory/bytesText.js";
import { ENGINE_COSTS } from "../../../src/core/memory/engineCosts.js";
import {
  cacheBytes,
  estimateMemory,
  gradientBytes,
  keptGradientBytes,
  tapBytes,
} from "../../../src/core/memory/estimateMemory.js";
import { MEMORY_PARTS, MOMENTS, type AnswerSize } from "../../../src/core/memory/types.js";
import { sizedModel } from "../../helpers/sizedModel.js";

const ANSWER: AnswerSize = {
  promptTokens: 500,
  imageTokens: 400,
  answerTokens: 21,
  captureEvery: 8,
  forced: false,
};
const PLAIN = { ...ANSWER, captureEvery: null };
const model = sizedModel();

describe("the estimate of an answer's memory", () => {
  it("is the largest of the moments, each the sum of its parts", () => {
    const { parts, moments, privatePeak, peakAt } = estimateMemory(model, ANSWER);
    for (const moment of MOMENTS) {
      expect(moments[moment]).toBe(MEMORY_PARTS.reduce((sum, part) => sum + parts[part][moment], 0));
    }
    expect(privatePeak).toBe(Math.max(...Object.values(moments)));
    expect(moments[peakAt]).toBe(privatePeak);
  });

  it("knows the sizes of cache, logits, tapped rows and gradients", () => {
    expect(cacheBytes(model, 500)).toBe(2 * 3 * 2 * 20 * 4 * 500);
    expect(gradientBytes(model, ANSWER)).toBe(21 * 3 * 4 * 520 * 4);
    const { parts } = estimateMemory(model, ANSWER);
    const { cacheCopies, waitingCaches, perLogit, gradientCopies } = ENGINE_COSTS;
    expect(parts.logits.prompt).toBe(500 * 1000 * perLogit);
    expect(parts.cache.prompt).toBe(cacheCopies * cacheBytes(model, 500));
    expect(parts.cache.answer).toBe((cacheCopies + waitingCaches.most) * cacheBytes(model, 520));
    expect(tapBytes(model)).toBe(480 * 4);
    expect(parts.taps).toEqual({ loading: 0, prompt: 0, answer: 29 * 480 * 4, saving: 29 * 480 * 4 });
    const all = gradientBytes(model, ANSWER);
    expect(parts.gradients.saving).toBeCloseTo((gradientCopies.batches + 8 / 21) * all);
    expect(parts.weights.answer).toBe(5e8 + 2e7);
  });

  it("is a number for an answer without a picture, too", () => {
    const vision = { patch: 14, patches: null, merged: 4, hidden: 64, mlp: 256, heads: 4 };
    const anySize = { ...model, vision };
    const { privatePeak, parts } = estimateMemory(anySize, { ...ANSWER, imageTokens: 0 });
    expect(privatePeak).toBeGreaterThan(0);
    expect(parts.image.prompt).toBeLessThan(estimateMemory(anySize, ANSWER).parts.image.prompt);
  });

  it("counts nothing of the explanation where nothing is explained", () => {
    const { parts, moments } = estimateMemory(model, PLAIN);
    for (const part of ["taps", "gradientModel", "gradients"] as const) {
      expect(Object.values(parts[part])).toEqual([0, 0, 0, 0]);
    }
    expect(moments.saving).toBe(0);
  });

  it("counts mapped weights apart: the gradient model reads the decoder's where they lie", () => {
    const programs = ENGINE_COSTS.programs;
    expect(estimateMemory(model, PLAIN).mapped).toBe(programs + 1e6 + 8e7);
    expect(estimateMemory(model, ANSWER).mapped).toBe(programs + 3e8 + 8e7);
  });

  it("counts caches that wait for the collector up to the bytes that call it, one at least", () => {
    const { cacheCopies, waitingCaches } = ENGINE_COSTS;
    const cacheOf = (promptTokens: number) =>
      estimateMemory(model, { ...ANSWER, promptTokens }).parts.cache.answer;
    const one = (promptTokens: number) => cacheBytes(model, promptTokens + ANSWER.answerTokens - 1);
    expect(one(100_000)).toBeLessThan(waitingCaches.bytes);
    expect(cacheOf(100_000)).toBe(cacheCopies * one(100_000) + waitingCaches.bytes);
    expect(cacheOf(1_000_000)).toBe((cacheCopies + 1) * one(1_000_000));
  });

  it("computes the prompt's logits once where the decoder keeps only the last", () => {
    const lean = sizedModel({ decoder: { lastLogitsOnly: true } });
    expect(estimateMemory(lean, PLAIN).parts.logits.prompt).toBe(1000 * ENGINE_COSTS.perLogit);
    const forced = estimateMemory(lean, { ...PLAIN, forced: true });
    expect(forced.parts.logits.prompt).toBe(21 * 1000 * ENGINE_COSTS.perLogit);
  });

  it("keeps all logits of a given answer, which goes through the decoder with the prompt", () => {
    const { parts } = estimateMemory(model, { ...ANSWER, forced: true });
    expect(parts.logits.saving).toBe(parts.logits.prompt);
    expect(parts.taps.saving).toBe((2 * 21 + 8) * tapBytes(model));
    expect(parts.cache.saving).toBe(ENGINE_COSTS.cacheCopies * cacheBytes(model, 520));
  });

  it("keeps no more than so many bytes of gradients where the others go to a file", () => {
    const most = ENGINE_COSTS.gradientsInMemory;
    const long = { ...ANSWER, answerTokens: 4000 };
    const arena = (bytes: number) => bytes * (8 / 4000);
    const all = gradientBytes(model, long);
    expect(all).toBeGreaterThan(most);
    expect(estimateMemory(model, { ...long, spooled: true }).parts.gradients.saving).toBeCloseTo(
      arena(all) + most,
    );
    expect(keptGradientBytes(model, { ...ANSWER, spooled: true })).toBe(gradientBytes(model, ANSWER));
    expect(keptGradientBytes(model, long)).toBe(all);
  });

  it("counts the last batch's gradients as ONNX Runtime has them, as it hands them over, and as they are kept", () => {
    const all = gradientBytes(model, ANSWER);
    const answerOf = (change: Partial<AnswerSize>) =>
      estimateMemory(model, { ...ANSWER, ...change }).parts.gradients.answer;
    expect(answerOf({})).toBeCloseTo((1 + (2 * 8) / 21) * all);
    expect(answerOf({ captureEvery: 21 })).toBe(3 * all);
    const long = { answerTokens: 4000, spooled: true };
    const batch = gradientBytes(model, { ...ANSWER, ...long }) * (8 / 4000);
    expect(answerOf(long)).toBeCloseTo(3 * batch + ENGINE_COSTS.gradientsInMemory);
  });

  it("joins gradients only when there are several batches", () => {
    const one = estimateMemory(model, { ...ANSWER, captureEvery: 21 });
    expect(one.parts.gradients.saving).toBe(
      (ENGINE_COSTS.gradientCopies.oneBatch + 1) * gradientBytes(model, ANSWER),
    );
  });

  it("halves the cache in half precision, and counts what is cast and unpacked", () => {
    const half = sizedModel({ decoder: { cacheBytes: 2, unpackedLayer: 7e6 } });
    const [a, b] = [estimateMemory(half, ANSWER).parts, estimateMemory(model, ANSWER).parts];
    expect(cacheBytes(half, 10)).toBe(cacheBytes(model, 10) / 2);
    const cast = cacheBytes(model, 520) / 2;
    expect(a.gradientModel.saving).toBe(b.gradientModel.saving + cast + 7e6);
  });

  it("counts attention matrices where attention is not fused", () => {
    const plain = sizedModel({ decoder: { style: "decomposed" } });
    const [a, b] = [estimateMemory(plain, PLAIN).parts, estimateMemory(model, PLAIN).parts];
    expect(a.activations.prompt - b.activations.prompt).toBe(ENGINE_COSTS.scoreCopies * 4 * 500 * 500 * 4);
  });

  it("counts the vision encoder's activations where its configuration tells them", () => {
    const vision = { patch: 14, patches: 576, merged: 1, hidden: 1024, mlp: 4096, heads: 16 };
    const [a, b] = [estimateMemory({ ...model, vision }, PLAIN), estimateMemory(model, PLAIN)];
    expect(a.parts.image.loading).toBe(0);
    const one = a.parts.image.prompt - b.parts.image.prompt;
    expect(one).toBeGreaterThan(2 * 16 * 576 * 576 * 4);
    // 400 image tokens of 64 a tile are 7 tiles.
    const tiled = estimateMemory({ ...model, vision: { ...vision, merged: 9 } }, PLAIN);
    expect(tiled.parts.image.prompt - b.parts.image.prompt).toBe(7 * one);
    // A picture of any size is one view with four patches for each of its 400 tokens.
    const free = estimateMemory({ ...model, vision: { ...vision, patches: null, merged: 4 } }, PLAIN);
    const view = { ...vision, patches: 1600, merged: 4 };
    const same = estimateMemory({ ...model, vision: view }, PLAIN);
    expect(free.parts.image.prompt).toBe(same.parts.image.prompt);
    expect(free.parts.image.prompt - b.parts.image.prompt).toBeGreaterThan(2 * 16 * 1600 * 1600 * 4);
  });

  it("peaks while loading when weights are cast and the prompt is short", () => {
    const cast = sizedModel();
    const decoder = { ...cast.weights.decoder, whileLoading: 3e8 };
    const estimate = estimateMemory(
      { ...cast, weights: { ...cast.weights, decoder } },
      { ...PLAIN, promptTokens: 10, imageTokens: 0 },
    );
    expect(estimate.peakAt).toBe("loading");
  });

  it.each(["promptTokens", "answerTokens", "imageTokens"] as const)("grows with %s", (field) => {
    const more = { ...ANSWER, [field]: ANSWER[field] + 100 };
    expect(estimateMemory(model, more).privatePeak).toBeGreaterThan(
      estimateMemory(model, ANSWER).privatePeak,
    );
  });
});

it("writes bytes in words", () => {
  expect([0, 840.4e6, 1.456e9, 14.23e9].map(bytesText)).toEqual(["0 MB", "840 MB", "1.46 GB", "14.2 GB"]);
});
