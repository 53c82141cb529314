import { describe, expect, it } from "vitest";
import { estimateMemory } from "../../../src/core/memory/estimateMemory.js";
import type { AnswerSize } from "../../../src/core/memory/types.js";
import { MemoryCheck, type SizedModel } from "../../../src/runtime/memory/memoryCheck.js";
import { sizedModel } from "../../helpers/sizedModel.js";
import { thrownBy } from "../../helpers/thrownBy.js";

const ANSWER: AnswerSize = {
  promptTokens: 2000,
  imageTokens: 1000,
  answerTokens: 400,
  captureEvery: 16,
  forced: false,
};
const fp32 = sizedModel({ weights: 2e9 });
const need = (memory: typeof fp32, change: Partial<AnswerSize>) =>
  estimateMemory(memory, { ...ANSWER, ...change }).privatePeak;

function checkWith(available: number, others: readonly SizedModel[] = [], own = 0): MemoryCheck {
  const model = { name: "big", dtype: "fp32", memory: fp32, others: () => others };
  return new MemoryCheck(model, () => ({ available, own }));
}

describe("the check before a model is loaded", () => {
  it("refuses what certainly does not fit, and names what is needed and what there is", () => {
    const error = thrownBy(() => checkWith(1.2e9).beforeLoading());
    expect(error.code).toBe("not-enough-memory");
    expect(error.message).toBe("big in fp32 needs about 2.08 GB of memory, and 1.20 GB can be had.");
    expect(error.nextStep).toBe("Close other programs, or take a smaller model.");
  });

  it("never refuses what could work within the error of the estimate", () => {
    checkWith(2.08e9 * 0.86).beforeLoading();
    expect(() => checkWith(2.08e9 * 0.84).beforeLoading()).toThrow("needs about");
  });

  it("counts what the process has already as its own", () => {
    checkWith(1.2e9, [], 1e9).beforeLoading();
  });

  it("proposes the largest weight type that fits", () => {
    const others = [
      { dtype: "fp16", memory: sizedModel({ weights: 1.9e9 }) },
      { dtype: "q8", memory: sizedModel({ weights: 6e8 }) },
      { dtype: "q4", memory: sizedModel({ weights: 3e8 }) },
      { dtype: "bnb4", memory: null },
    ];
    const { nextStep } = thrownBy(() => checkWith(1.2e9, others).beforeLoading());
    expect(nextStep).toMatch(/^Choose the weight type q8, which needs about 6\d\d MB\.$/);
  });

  it("says when even the smallest does not fit", () => {
    const others = [{ dtype: "q4", memory: sizedModel({ weights: 1.9e9 }) }];
    const { nextStep } = thrownBy(() => checkWith(1.2e9, others).beforeLoading());
    expect(nextStep).toContain("Even q4 needs about 1.98 GB.");
  });

  it("lets a model pass whose files could not be read: loading says why", () => {
    const model = { name: "odd", dtype: "fp32", memory: null, others: () => [] };
    const check = new MemoryCheck(model, () => ({ available: 0, own: 0 }));
    check.beforeLoading();
    expect(check.beforeAnswer(ANSWER)).toEqual([]);
  });
});

describe("the check before an answer", () => {
  const prompt = need(fp32, { answerTokens: 1 });

  it("is silent when there is room", () => {
    expect(checkWith(need(fp32, {})).beforeAnswer(ANSWER)).toEqual([]);
  });

  it("warns of the longest answer, and does not refuse it: it may end sooner", () => {
    const [warning, ...more] = checkWith(prompt * 0.9).beforeAnswer(ANSWER);
    expect(warning).toMatch(/^This answer may take about .* GB of memory, and .* can be had/);
    expect(more).toEqual([]);
  });

  it("refuses a prompt that certainly does not fit", () => {
    const error = thrownBy(() => checkWith(prompt * 0.8).beforeAnswer(ANSWER));
    expect(error.message).toContain("for a prompt of 2000 tokens");
    expect(error.nextStep).toContain("shorten the prompt");
  });

  it("refuses a given answer by its own length", () => {
    const given = { ...ANSWER, answerTokens: 3000, forced: true };
    expect(() => checkWith(prompt).beforeAnswer(given)).toThrow("needs about");
  });
});
