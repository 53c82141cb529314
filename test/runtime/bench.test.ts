import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { fitLine, median, quantile } from "../../src/bench/measure/statistics.js";
import { barOf } from "../../src/bench/report/bars.js";
import { formatBench } from "../../src/bench/report/formatBench.js";
import type { BenchReport } from "../../src/bench/report/types.js";
import { runBench } from "../../src/bench/runBench.js";
import { neverAborted } from "../helpers/explainRequest.js";
import { runDexar } from "../helpers/runDexar.js";
import { startModelProcess } from "../helpers/startFakeProcess.js";
import { TINY } from "../helpers/tinyShape.js";

/** The modes whose memory is measured too. */
const OWN = ["plain", "k1", "k4", "k16", "k32", "forced-plain", "forced"];

let cache: string;
beforeAll(() => {
  cache = mkdtempSync(path.join(tmpdir(), "dexar-bench-"));
});
afterAll(() => {
  rmSync(cache, { recursive: true });
});

describe("dexar bench", () => {
  let report: BenchReport;
  let asked: unknown;

  beforeAll(async () => {
    // The command's own shapes take gigabytes: all but the shape is as the command asks.
    const result = await runDexar(
      ["bench", "--short", "--json", "--dtype", "fp32", "--image-tokens", "24", "--tokens", "6"],
      {
        env: { DEXAR_CACHE: cache },
        runBench: (options, context) => {
          asked = options;
          const startClient = (signal: AbortSignal) => startModelProcess({ signal });
          return runBench({ ...options, shapes: [TINY] }, { ...context, startClient });
        },
      },
    );
    expect(result.stderr).toContain("tiny fused fp32: round 3 of 3");
    expect(result.code).toBe(0);
    report = JSON.parse(result.stdout) as BenchReport;
  });

  it("asks for what the flags say", () => {
    expect(asked).toMatchObject({
      cache,
      short: true,
      dtypes: ["fp32"],
      imageTokens: 24,
      tokens: 6,
      seed: 1,
    });
    expect(asked).toHaveProperty("shapes.0.name", "smolvlm-256m");
  });

  it("measures every row", () => {
    const [model] = report.models;
    const memory = ["private", "mapped", "peak"].flatMap((kind) =>
      OWN.map((mode) => `memory.${kind}.${mode}`),
    );
    expect(model?.rows.map((row) => row.id)).toEqual([
      ...["transformers", ...OWN].map((mode) => `whole.${mode}`),
      ...["transformers", "plain", "k1", "k4", "k16", "k32"].map((mode) => `decode.${mode}`),
      "prefill.plain",
      ...["k1", "k4", "k16", "k32", "forced"].map((mode) => `gradient.${mode}`),
      ...memory,
      "step.plain",
      "another-token",
      "first-question",
      "second-question",
      "attribution",
      "run-file.write",
      "run-file.size",
      ...OWN.map((mode) => `memory.estimate.${mode}`),
    ]);
    for (const row of model?.rows ?? []) {
      const untold = process.platform !== "linux" && row.id.startsWith("memory.");
      if (untold) expect(row).toMatchObject({ value: null, note: "not measured on this system" });
      else expect(row.value, row.id).toBeGreaterThan(0);
      if (row.against !== undefined && row.value !== null) {
        expect(row.ratio, row.id).toBeCloseTo(row.value / row.against, 10);
      }
    }
    expect(model).toMatchObject({ shape: "tiny", promptTokens: 88, tokens: 6, rounds: 3, sameAnswer: true });
  });

  it("says what machine and versions it measured", () => {
    expect(report.machine.cores).toBeGreaterThan(0);
    expect(report.machine.onnxruntime).toMatch(/^\d+\.\d+\.\d+/);
    expect(report.machine.transformers).toMatch(/^\d+\.\d+\.\d+/);
    expect(report.machine.load.every(Number.isFinite)).toBe(true);
  });

  it("prints a table with a line for each row", () => {
    const text = formatBench(report);
    for (const row of report.models[0]?.rows ?? []) expect(text).toContain(`| ${row.label} `);
    expect(text).toContain("The answer is the same in all of them.");
  });

  it("prints bars, reached or not, and how time grows", () => {
    const [model] = report.models;
    if (model === undefined) throw new Error("no model");
    const text = formatBench({
      ...report,
      models: [
        {
          ...model,
          sameAnswer: false,
          rows: [
            {
              id: "a",
              label: "slow",
              unit: "ms",
              value: 300,
              against: 100,
              ratio: 3,
              bar: { limit: 2, met: false },
            },
            {
              id: "b",
              label: "lean",
              unit: "bytes",
              value: 2e7,
              against: 2e7,
              ratio: 1,
              bar: { limit: 1.5, met: true },
            },
            { id: "c", label: "hidden", unit: "bytes", value: null, note: "not measured on this system" },
            {
              id: "d",
              label: "foretold",
              unit: "bytes",
              value: 1.2e8,
              against: 1e8,
              ratio: 1.2,
              bar: { limit: 1.15, least: 0.85, met: false },
            },
          ],
          growth: [
            {
              id: "g",
              label: "work",
              per: "word",
              points: [
                [1, 2],
                [3, 6],
              ],
              slope: 2,
              intercept: 0,
              r2: 1,
            },
          ],
        },
      ],
    });
    expect(text).toMatch(/\| slow +\| 300 ms +\| +\| 100 ms +\| 3\.00x \| <= 2x NOT MET/);
    expect(text).toMatch(/\| lean +\| 20 MB +\| +\| 20 MB +\| 1\.00x \| <= 1\.5x met/);
    expect(text).toMatch(/\| hidden +\| not measured on this system/);
    expect(text).toMatch(/\| foretold +\| 120 MB +\| +\| 100 MB +\| 1\.20x \| 0\.85x to 1\.15x NOT MET/);
    expect(text).toMatch(/\| work, 1 to 3 words \| 2\.00 ms per word/);
    expect(text).toContain("THE ANSWERS DIFFER");
  });

  it.each([
    [["--shape", "huge"], "huge"],
    [["--dtype", "fp8"], "fp8"],
    [["--tokens", "1"], "--tokens"],
    [["--image-tokens", "4097"], "--image-tokens"],
  ])("refuses %s", async (flags, named) => {
    const { code, stderr } = await runDexar(["bench", ...flags]);
    expect(code).toBe(2);
    expect(stderr).toContain(named);
  });
});

describe("the full form", () => {
  it("fits how time grows with the answer and with the image", async () => {
    const startClient = () => startModelProcess();
    const doing: string[] = [];
    const { models } = await runBench(
      {
        shapes: [TINY],
        style: "fused",
        dtypes: ["fp32"],
        imageTokens: 24,
        tokens: 2,
        seed: 1,
        short: false,
        cache,
      },
      { startClient, signal: neverAborted, onProgress: (what) => doing.push(what) },
    );
    const growth = models[0]?.growth ?? [];
    expect(growth.map(({ id }) => id)).toEqual([
      "answer.plain",
      "answer.k16",
      "answer.gradient",
      "image.step",
      "image.gradient",
    ]);
    for (const { id, points, slope, intercept, r2 } of growth) {
      expect(points, id).toHaveLength(6);
      expect([slope, intercept, r2].every(Number.isFinite), id).toBe(true);
      expect(
        points.every(([, time]) => time > 0),
        id,
      ).toBe(true);
    }
    expect(growth[0]?.points.map(([tokens]) => tokens)).toEqual([8, 16, 32, 64, 128, 256]);
    expect(growth[3]?.points.map(([tokens]) => tokens)).toEqual([64, 256, 576, 1024, 2304, 4096]);
    expect(doing).toContain("tiny fused fp32: round 5 of 5");
  });

  it("stops when it is told to", async () => {
    const controller = new AbortController();
    const run = runBench(
      {
        shapes: [TINY],
        style: "fused",
        dtypes: ["fp32"],
        imageTokens: 24,
        tokens: 2,
        seed: 1,
        short: true,
        cache,
      },
      {
        startClient: () => Promise.reject(new Error("not reached")),
        signal: controller.signal,
        onProgress: (what) => {
          if (what.endsWith("round 2 of 3")) controller.abort();
        },
      },
    );
    await expect(run).rejects.toMatchObject({ code: "cancelled" });
  });
});

describe("bars", () => {
  it("are those of the setting they were set for", () => {
    const setting = {
      shape: "smolvlm-256m",
      style: "fused",
      dtype: "fp32",
      promptTokens: 832,
      tokens: 32,
    } as const;
    expect(barOf("whole.k16", setting)).toBe(1.1);
    expect(barOf("whole.k16", { ...setting, dtype: "q4" })).toBe(1.25);
    expect(barOf("decode.k1", { ...setting, dtype: "q4" })).toBe(2);
    expect(barOf("whole.k4", setting)).toBeUndefined();
    expect(barOf("whole.k16", { ...setting, tokens: 64 })).toBeUndefined();
    expect(barOf("whole.k16", { ...setting, shape: "smolvlm-500m" })).toBeUndefined();
  });
});

describe("statistics", () => {
  it("takes the middle", () => {
    expect(median([5, 1, 9])).toBe(5);
    expect(median([4, 1, 9, 6])).toBe(5);
    expect(quantile([1, 2, 3, 4, 5], 0.25)).toBe(2);
    expect(quantile([7], 0.75)).toBe(7);
    expect(median([])).toBeNaN();
  });

  it("fits a line", () => {
    const exact = fitLine([
      [1, 5],
      [2, 7],
      [4, 11],
    ]);
    expect(exact.slope).toBeCloseTo(2, 12);
    expect(exact.intercept).toBeCloseTo(3, 12);
    expect(exact.r2).toBeCloseTo(1, 12);
    expect(
      fitLine([
        [0, 0],
        [1, 1],
        [2, 0],
      ]),
    ).toEqual({ slope: 0, intercept: 1 / 3, r2: 0 });
    expect(
      fitLine([
        [0, 2],
        [1, 2],
      ]),
    ).toEqual({ slope: 0, intercept: 2, r2: 1 });
  });
});
