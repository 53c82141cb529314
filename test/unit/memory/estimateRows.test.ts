import { expect, it } from "vitest";
import { estimateRows } from "../../../src/bench/report/estimateRows.js";
import { sizedModel } from "../../helpers/sizedModel.js";

const ANSWER = { promptTokens: 300, imageTokens: 200, answerTokens: 10 };
const model = sizedModel();
const estimated = new Map(estimateRows(model, ANSWER, null).map(({ id, value }) => [id, value ?? NaN]));
const measuredAs = (privatePeak: number) => new Map([["plain", { privatePeak, mappedPeak: 0, peak: 0 }]]);

it("foretells the memory of every mode, also where the system does not tell what it was", () => {
  expect([...estimated.keys()]).toEqual(
    ["plain", "k1", "k4", "k16", "k32", "forced-plain", "forced"].map((mode) => `memory.estimate.${mode}`),
  );
  expect(estimated.get("memory.estimate.k16")).toBeGreaterThan(estimated.get("memory.estimate.plain") ?? NaN);
});

it.each([
  [0.86, true],
  [1.14, true],
  [0.84, false],
  [1.16, false],
])("an estimate of %fx of what was measured counts as within 15 %%: %s", (ratio, met) => {
  const value = estimated.get("memory.estimate.plain") ?? NaN;
  const [plain, k1] = estimateRows(model, ANSWER, measuredAs(value / ratio));
  expect(plain).toMatchObject({ value, bar: { least: 0.85, limit: 1.15, met } });
  expect(plain?.ratio).toBeCloseTo(ratio, 10);
  expect(k1).not.toHaveProperty("bar");
});
