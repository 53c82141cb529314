import { describe, expect, it } from "vitest";
import { formatBench } from "../../../src/bench/report/formatBench.js";
import type { BenchGrowth, BenchReport, BenchRow } from "../../../src/bench/report/types.js";

const time: BenchRow = { id: "a", section: "whole answer", label: "explain", unit: "ms", value: 300 };
const bytes: BenchRow = { id: "b", section: "memory", label: "explain", unit: "bytes", value: 2e7 };
const against = { against: 100, ratio: 3 };

function reportOf(rows: BenchRow[], growth: BenchGrowth[] = [], sameAnswer = true): BenchReport {
  const machine = {
    ...{ cpu: "A processor with a name as long as they are", cores: 2, memory: 25e9, platform: "linux x64" },
    ...{ node: "v20.0.0", onnxruntime: "1.30.0", transformers: "4.3.1", load: [0.5, 2] as const },
  };
  const model = {
    ...{ shape: "smolvlm-256m", style: "decomposed", dtype: "fp32", promptTokens: 832, imageTokens: 768 },
    ...{ tokens: 32, seed: 1, rounds: 5, sameAnswer, rows, growth },
  };
  return { tool: "dexar", time: "2026-11-23T12:00:00.000Z", machine, models: [model], partial: false };
}

const grows: BenchGrowth = {
  ...{ id: "g", label: "work", unit: "ms", per: "word", slope: 2, intercept: 0, r2: 0.99876 },
  points: [
    [1, 2],
    [3, 6],
  ],
};

describe("a printed report", () => {
  it("has a table for each section, without its empty columns", () => {
    const text = formatBench(
      reportOf([{ ...time, quartiles: [290, 1310.4] }, { ...time, ...against }, bytes]),
    );
    expect(text.split("\n")).toEqual(
      expect.arrayContaining([
        "## smolvlm-256m decomposed fp32",
        "| whole answer, ms | median | quartiles | against | ratio |",
        "| ---------------- | -----: | --------: | ------: | ----: |",
        "| explain          |    300 |  290–1310 |         |       |",
        "| explain          |    300 |           |     100 | 3.00x |",
        "| memory, MB | value |",
        "| explain    |  20.0 |",
      ]),
    );
    expect(text).not.toMatch(/bars:|INTERRUPTED|DIFFER/);
  });

  it("ends with how many bars were met, and names those that were not", () => {
    const rows = [
      { ...time, ...against, bar: { limit: 3, met: true } },
      { ...time, ...against, label: "live", bar: { limit: 2, met: false } },
      { ...bytes, ...against, label: "textbook", bar: { least: 3, met: true } },
      { ...bytes, ...against, ratio: 1.2, label: "foretold", bar: { least: 0.85, limit: 1.15, met: false } },
    ];
    const text = formatBench(reportOf(rows));
    expect(text).toMatch(/\| live +\| +300 \| +100 \| 3\.00x \| <= 2x NOT MET \|/);
    expect(text).toMatch(/\| textbook .* 3\.00x \| +>= 3x met \|/);
    expect(text).toMatch(
      /\nbars: 2 of 4 met\n\n- NOT MET: smolvlm-256m fp32, whole answer: live, 3\.00x \(<= 2x\)\n- NOT MET: smolvlm-256m fp32, memory: foretold, 1\.20x \(0\.85x to 1\.15x\)\n$/,
    );
  });

  it("says why there is no number", () => {
    const text = formatBench(reportOf([{ ...bytes, value: null, note: "not measured on this system" }]));
    expect(text).toMatch(/\| explain +\| +- \|\n\n-: not measured on this system/);
  });

  it("says how things grow, and what is known to be kept of them", () => {
    const memory = { ...grows, unit: "bytes", slope: 1.2e6, statedSlope: 1e6, label: "heap" } as const;
    const text = formatBench(reportOf([], [grows, memory]));
    expect(text).toContain("| ms, with 1 to 3 words | per word | at none |     R² |");
    expect(text).toMatch(/\| work +\| +2\.00 \| +0\.00 \| 0\.9988 \|/);
    expect(text).toContain("| MB, with 1 to 3 words | per word | kept |");
    expect(text).toMatch(/\| heap +\| +1\.20 \| 1\.00 \|/);
  });

  it("says how often everything was timed", () => {
    const report = reportOf([]);
    expect(formatBench(report)).toContain("answer of 32; medians of 5 rounds in turn.");
    const once = { ...report, models: report.models.map((model) => ({ ...model, rounds: 1 })) };
    expect(formatBench(once)).toContain("answer of 32; one round.");
  });

  it("is loud when answers differ or models are missing", () => {
    expect(formatBench(reportOf([], [], false))).toContain("THE ANSWERS DIFFER");
    expect(formatBench({ ...reportOf([]), partial: true })).toContain("INTERRUPTED: not all models");
  });
});
