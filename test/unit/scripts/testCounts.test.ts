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

describe("testCounts", () => {
  it("adds skipped and todo", () => {
    const report = {
      success: true,
      numPassedTests: 5,
      numFailedTests: 0,
      numPendingTests: 2,
      numTodoTests: 1,
      testResults: [file("passed", "passed")],
    };
    expect(testCounts(report)).toEqual({ passed: 5, failed: 0, skipped: 3 });
  });

  it("counts a file that did not load as one failure", () => {
    const report = {
      success: false,
      numPassedTests: 1,
      numFailedTests: 1,
      numPendingTests: 0,
      numTodoTests: 0,
      testResults: [file("failed", "passed", "failed"), file("failed"), file("failed", "skipped")],
    };
    expect(testCounts(report).failed).toBe(3);
  });

  it("counts a run that failed outside its tests as one failure", () => {
    const report = {
      success: false,
      numPassedTests: 9,
      numFailedTests: 0,
      numPendingTests: 0,
      numTodoTests: 0,
      testResults: [file("passed", "passed")],
    };
    expect(testCounts(report)).toEqual({ passed: 9, failed: 1, skipped: 0 });
  });
});

describe("failedTests", () => {
  it("names file, test and the first line of the message", () => {
    const report = {
      success: false,
      numPassedTests: 1,
      numFailedTests: 1,
      numPendingTests: 0,
      numTodoTests: 0,
      testResults: [file("passed", "passed"), file("failed", "passed", "failed"), file("failed")],
    };
    expect(failedTests(report)).toEqual([
      "test/some.test.ts: test 1: Error: 1 is not 2",
      "test/some.test.ts: SyntaxError: no",
    ]);
  });
});
