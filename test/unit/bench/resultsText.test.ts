import { expect, it } from "vitest";
import type { BenchReport } from "../../../src/bench/report/types.js";
import { withResults } from "../../../tools/benchResults/resultsText.js";

const report: BenchReport = {
  ...{ tool: "dexar 1", time: "2026-11-23T12:00:00.000Z", models: [], partial: false },
  machine: {
    ...{ cpu: "a processor", cores: 2, memory: 8e9, platform: "linux x64", node: "v20.0.0" },
    ...{ onnxruntime: "1.30.0", transformers: "4.3.1", load: [0, 1] },
  },
};
const FILE = [
  "# Results",
  "<!-- results: written by npm run bench:results -->",
  "old",
  "<!-- end of results -->",
  "# Why",
].join("\n");

it("puts results in the place of the old ones, each with its command, and leaves the rest", () => {
  const text = withResults(FILE, [
    { args: ["--dtype", "fp32"], report, seconds: 90 },
    { args: ["--short"], report, seconds: 30 },
  ]);
  expect(text.startsWith("# Results\n<!-- results")).toBe(true);
  expect(text.endsWith("<!-- end of results -->\n# Why")).toBe(true);
  expect(text).not.toContain("old");
  expect(text).toMatch(
    /All of it took 2\.0 minutes\.[^]*## `dexar bench --dtype fp32`\n\nTook 1\.5 minutes\./,
  );
  expect(text).toContain("## `dexar bench --short`");
  expect(text.match(/2 x a processor/g)).toHaveLength(2);
  expect(withResults(text, [])).not.toContain("a processor");
});

it("does not touch a file that does not say where they are", () => {
  expect(() => withResults("# Results\n", [])).toThrow("no lines");
});
