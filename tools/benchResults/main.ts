/**
 * Measures everything that bench/RESULTS.md has tables of, and writes them there:
 *
 *     npm run bench:results -- [arguments for the first command, such as --textbook python3]
 *
 * Needs `npm run build` first, and a machine that does nothing else.
 */
import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { format } from "prettier";
import type { BenchReport } from "../../src/bench/report/types.js";
import { withResults, type MeasuredForm } from "./resultsText.js";

const ROOT = path.resolve(import.meta.dirname, "../..");
const RESULTS = path.join(ROOT, "bench/RESULTS.md");

/** One `dexar bench` after the other; the bars are about the first two. */
const FORMS = [
  ["--dtype", "fp32", ...process.argv.slice(2)],
  ["--dtype", "q4", "--short", "--rounds", "5"],
  [
    "--shape",
    "smolvlm-500m",
    "llava-onevision-0.5b",
    "--dtype",
    "q4",
    "--short",
    "--rounds",
    "2",
    "--tokens",
    "16",
  ],
];

function measure(args: readonly string[]): MeasuredForm {
  const start = performance.now();
  const { status, stdout } = spawnSync(
    process.execPath,
    [path.join(ROOT, "dist/cli.js"), "bench", ...args, "--json"],
    { encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] },
  );
  if (status !== 0) throw new Error(`dexar bench ${args.join(" ")} ended with exit code ${status}`);
  const report = JSON.parse(stdout) as BenchReport;
  return { args, report, seconds: (performance.now() - start) / 1000 };
}

const markdown = withResults(
  readFileSync(RESULTS, "utf8"),
  FORMS.map((args) => measure(args)),
);
writeFileSync(RESULTS, await format(markdown, { parser: "markdown" }));
console.log(`written: ${path.relative(process.cwd(), RESULTS)}`);
