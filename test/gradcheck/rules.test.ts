import { describe, expect, it } from "vitest";
import { rules } from "../../src/core/autodiff/rules/index.js";
import { GraphBuilder } from "../helpers/graphBuilder.js";
import { randomTensor, ruleError } from "../helpers/ruleCheck.js";
import { ruleCases } from "./ruleCases.js";

describe("the rules against central differences in float64", () => {
  it("covers every rule of the table", () => {
    expect(Object.keys(ruleCases).toSorted()).toEqual(Object.keys(rules).toSorted());
    for (const cases of Object.values(ruleCases)) expect(cases.length).toBeGreaterThan(0);
  });

  for (const [operator, cases] of Object.entries(ruleCases)) {
    describe(operator, () => {
      for (const { title, build, width = 6, low = -1.5, high = 1.5 } of cases) {
        it.each([1, 3])(`${title}, %i rows`, (rows) => {
          const builder = new GraphBuilder(operator.length + rows);
          build(builder);
          const x = randomTensor([1, rows, width], 5 * rows, low, high);
          expect(ruleError(builder, x)).toBeLessThan(1e-7);
          expect(ruleError(builder, x, "webgpu")).toBeLessThan(1e-7);
        });
      }
    });
  }
});
