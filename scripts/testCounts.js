// @ts-check
/**
 * Prints `passed failed skipped` of a vitest JSON report, then a line for each test that failed:
 * `node scripts/testCounts.js report.json`.
 */
import { readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

/**
 * @typedef {object} VitestReport
 * @property {boolean} success
 * @property {number} numPassedTests
 * @property {number} numFailedTests
 * @property {number} numPendingTests
 * @property {number} numTodoTests
 * @property {FileResult[]} testResults
 *
 * @typedef {object} FileResult
 * @property {string} name
 * @property {string} status
 * @property {string} [message]
 * @property {{ status: string, fullName: string, failureMessages?: string[] }[]} assertionResults
 */

/** @param {FileResult} file A file that failed without any failed test: it did not load. */
const didNotLoad = ({ status, assertionResults }) =>
  status === "failed" && !assertionResults.some((result) => result.status === "failed");

/**
 * Counts of a report; a file that failed without any failed test (it did not load) counts as one failure.
 * @param {VitestReport} report
 */
export function testCounts(report) {
  const brokenFiles = report.testResults.filter(didNotLoad).length;
  const failed = report.numFailedTests + brokenFiles;
  return {
    passed: report.numPassedTests,
    // A run can fail with every test passing (an unhandled error): that is a failure too.
    failed: failed === 0 && !report.success ? 1 : failed,
    skipped: report.numPendingTests + report.numTodoTests,
  };
}

/**
 * What failed, a line each: the file, the test and the first line of its message.
 * @param {VitestReport} report
 */
export function failedTests(report) {
  /** @param {string | undefined} text */
  const firstLine = (text) => text?.split("\n", 1)[0] ?? "";
  return report.testResults.flatMap((file) => {
    const name = path.relative(process.cwd(), file.name);
    if (didNotLoad(file)) return [`${name}: ${firstLine(file.message)}`];
    return file.assertionResults
      .filter(({ status }) => status === "failed")
      .map((test) => `${name}: ${test.fullName}: ${firstLine(test.failureMessages?.[0])}`);
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  /** @type {VitestReport} */
  const report = JSON.parse(readFileSync(process.argv[2] ?? "", "utf8"));
  const { passed, failed, skipped } = testCounts(report);
  console.log(passed, failed, skipped);
  for (const line of failedTests(report)) console.log(line);
}
