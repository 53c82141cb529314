// @ts-check
/** Prints `passed failed skipped` of a vitest JSON report: `node scripts/testCounts.js report.json`. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/**
 * @typedef {object} VitestReport
 * @property {boolean} success
 * @property {number} numPassedTests
 * @property {number} numFailedTests
 * @property {number} numPendingTests
 * @property {number} numTodoTests
 * @property {{ status: string, assertionResults: { status: string }[] }[]} testResults
 */

/**
 * Counts of a report; a file that failed without any failed test (it did not load) counts as one failure.
 * @param {VitestReport} report
 */
export function testCounts(report) {
  const brokenFiles = report.testResults.filter(
    ({ status, assertionResults }) =>
      status === "failed" && !assertionResults.some((result) => result.status === "failed"),
  ).length;
  const failed = report.numFailedTests + brokenFiles;
  return {
    passed: report.numPassedTests,
    // A run can fail with every test passing (an unhandled error): that is a failure too.
    failed: failed === 0 && !report.success ? 1 : failed,
    skipped: report.numPendingTests + report.numTodoTests,
  };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { passed, failed, skipped } = testCounts(JSON.parse(readFileSync(process.argv[2] ?? "", "utf8")));
  console.log(passed, failed, skipped);
}
