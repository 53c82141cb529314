import { describe, expect, it } from "vitest";
import { failedTests, testCounts } from "../../../scripts/testCounts.js";

const file = (status: string, ...tests: string[]) => ({
  name: "test/some.test.ts",
  status,
  message: "SyntaxError: no",
  assertionResults: tests.map((test, index) => ({
    status: test,
    fullName: `test ${index}`,
    failureMessages: test === "failed" ? ["Error: 1 is not 2\n  at line 3"] : [],
  })),
});

/** What vitest counted of these files: passed, failed, skipped, to do. */
const report = (success: boolean, counts: readonly number[], testResults: ReturnType<typeof file>[]) => {
  const [numPassedTests = 0, numFailedTests = 0, numPendingTests = 0, numTodoTests = 0] = counts;
  return { success, numPassedTests, numFailedTests, numPendingTests, numTodoTests, testResults };
};

describe("testCounts", () => {
  it("adds skipped and todo", () => {
    const found = report(true, [5, 0, 2, 1], [file("passed", "passed")]);
    expect(testCounts(found)).toEqual({ passed: 5, failed: 0, skipped: 3 });
  });

  it("counts a file that did not load as one failure", () => {
    const found = report(
      false,
      [1, 1, 0, 0],
      [file("failed", "passed", "failed"), file("failed"), file("failed", "skipped")],
    );
    expect(testCounts(found).failed).toBe(3);
  });

  it("counts a run that failed outside its tests as one failure", () => {
    const found = report(false, [9, 0, 0, 0], [file("passed", "passed")]);
    expect(testCounts(found)).toEqual({ passed: 9, failed: 1, skipped: 0 });
  });
});

describe("failedTests", () => {
  it("names file, test and the first line of the message", () => {
    const found = report(
      false,
      [1, 1, 0, 0],
      [file("passed", "passed"), file("failed", "passed", "failed"), file("failed")],
    );
    expect(failedTests(found)).toEqual([
      "test/some.test.ts: test 1: Error: 1 is not 2",
      "test/some.test.ts: SyntaxError: no",
    ]);
  });
});
