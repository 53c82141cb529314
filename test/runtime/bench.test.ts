import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { fitLine, median, quantile } from "../../src/bench/measure/statistics.js";
import { barOf } from "../../src/bench/report/bars.js";
import { formatBench } from "../../src/bench/report/formatBench.js";
import type { BenchReport } from "../../src/bench/report/types.js";
import { runBench, type BenchModel, type BenchOptions } from "../../src/bench/runBench.js";
import { neverAborted } from "../helpers/explainRequest.js";
import { runDexar } from "../helpers/runDexar.js";
import { startModelProcess } from "../helpers/startFakeProcess.js";
import { TINY, TINY_RUN } from "../helpers/tinyShape.js";

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
      [
        "bench",
        "--short",
        "--json",
        "--dtype",
        "fp32",
        "--image-tokens",
        "24",
        "--tokens",
        "6",
        "--rounds",
        "2",
      ],
      {
        env: { DEXAR_CACHE: cache },
        runBench: (options, context) => {
          asked = options;
          const startClient = (signal: AbortSignal) => startModelProcess({ signal });
          return runBench({ ...options, models: TINY_RUN.models }, { ...context, startClient });
        },
      },
    );
    expect(result.stderr).toContain("tiny fused fp32: round 2 of 2");
    expect(result.code).toBe(0);
    report = JSON.parse(result.stdout) as BenchReport;
  });

  it("asks for what the flags say", () => {
    expect(asked).toMatchObject({
      ...{ cache, rounds: 2, growth: false, imageTokens: 24, tokens: 6, seed: 1 },
      models: [{ shape: { name: "smolvlm-256m" }, dtype: "fp32" }],
    });
  });

  it("measures every row", () => {
    const [model] = report.models;
    const memory = ["private", "mapped", "peak"].flatMap((kind) =>
      OWN.map((mode) => `memory.${kind}.${mode}`),
    );
    expect(model?.rows.map((row) => row.id)).toEqual([
      ...["transformers", ...OWN].map((mode) => `whole.${mode}`),
      ...["prefill", "decode"].flatMap((kind) =>
        ["transformers", "plain", "k1", "k4", "k16", "k32"].map((mode) => `${kind}.${mode}`),
      ),
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
      ...["all", "cache", "taps", "gradients"].map((part) => `kept.${part}`),
    ]);
    for (const row of model?.rows ?? []) {
      const untold = process.platform !== "linux" && /^memory\.(private|mapped|peak)/.test(row.id);
      if (untold) expect(row).toMatchObject({ value: null, note: "not measured on this system" });
      else expect(row.value, row.id).toBeGreaterThan(0);
      if (row.against !== undefined && row.value !== null) {
        expect(row.ratio, row.id).toBeCloseTo(row.value / row.against, 10);
      }
    }
    expect(model).toMatchObject({
      shape: "tiny",
      promptTokens: 88,
      tokens: 6,
      rounds: 2,
      seed: 1,
      sameAnswer: true,
    });
  });

  it("has no row that the documentation does not name", () => {
    const docs = readFileSync(path.resolve(import.meta.dirname, "../../docs/benchmark.md"), "utf8");
    for (const { id } of report.models[0]?.rows ?? []) {
      const general = id.replace(/\.(?:transformers|plain|k\d+|forced-plain|forced)$/, ".MODE");
      expect(docs.includes(`\`${id}\``) || docs.includes(`\`${general}\``), id).toBe(true);
    }
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
    const widths = text.split("\n").flatMap((line) => (line.startsWith("|") ? line.length : []));
    expect(Math.max(...widths)).toBeLessThanOrEqual(100);
  });

  it.each([
    [["--shape", "huge"], "huge"],
    [["--dtype", "fp8"], "fp8"],
    [["--tokens", "1"], "--tokens"],
    [["--image-tokens", "4097"], "--image-tokens"],
    [["--rounds", "0"], "--rounds"],
    [["--shape", "llava-1.5-7b", "--dtype", "fp32"], "llava-1.5-7b in fp32 would be 27.0 GB on disk"],
    [["--shape", "llava-1.5-7b", "--dtype", "q4", "fp16"], "Choose --dtype q4"],
  ])("refuses %s", async (flags, named) => {
    const { code, stderr } = await runDexar(["bench", ...flags]);
    expect(code).toBe(2);
    expect(stderr).toContain(named);
  });
});

describe("what the command asks for", () => {
  const asked = async (...flags: string[]): Promise<BenchOptions> => {
    let found: BenchOptions | undefined;
    await runDexar(["bench", ...flags], {
      runBench: (options) => {
        found = options;
        return Promise.reject(new Error("asked"));
      },
    });
    if (found === undefined) throw new Error("nothing was asked for");
    return found;
  };
  const named = ({ models }: BenchOptions) => models.map(({ shape, dtype }) => `${shape.name} ${dtype}`);

  it("is fp32 and 4 bits, without what would be too large", async () => {
    expect(named(await asked())).toEqual(["smolvlm-256m fp32", "smolvlm-256m q4"]);
    expect(named(await asked("--shape", "llava-1.5-7b", "smolvlm-2.2b"))).toEqual([
      ...["smolvlm-2.2b fp32", "smolvlm-2.2b q4", "llava-1.5-7b q4"],
    ]);
  });

  it("is 5 rounds with growth, 3 without it in short, or as many as are asked for", async () => {
    expect(await asked()).toMatchObject({ rounds: 5, growth: true });
    expect(await asked("--short")).toMatchObject({ rounds: 3, growth: false });
    expect(await asked("--short", "--rounds", "1")).toMatchObject({ rounds: 1, growth: false });
    expect(await asked("--rounds", "9")).toMatchObject({ rounds: 9, growth: true });
  });
});

describe("the full form", () => {
  it("fits how time grows with the answer and with the image", async () => {
    const startClient = () => startModelProcess();
    const doing: string[] = [];
    const { models } = await runBench(
      { ...TINY_RUN, growth: true, cache },
      { startClient, signal: neverAborted, onProgress: (what) => doing.push(what) },
    );
    const growth = models[0]?.growth ?? [];
    const memory = process.platform === "linux" ? ["memory.plain", "memory.k16"] : [];
    expect(growth.map(({ id }) => id)).toEqual([
      ...["answer.plain", "answer.k16", "answer.gradient"],
      ...memory,
      ...["image.step", "image.gradient", "image.prefill"],
    ]);
    for (const { id, points, slope, intercept, r2 } of growth) {
      expect(points, id).toHaveLength(id.startsWith("memory") ? 3 : 6);
      expect([slope, intercept, r2].every(Number.isFinite), id).toBe(true);
      expect(
        points.every(([, time]) => time > 0),
        id,
      ).toBe(true);
    }
    expect(growth[0]?.points.map(([tokens]) => tokens)).toEqual([8, 16, 32, 64, 128, 256]);
    expect(growth.at(-1)?.points.map(([tokens]) => tokens)).toEqual([64, 256, 576, 1024, 2304, 4096]);
    const stated = growth.flatMap(({ id, statedSlope }) =>
      statedSlope === undefined ? [] : [[id, statedSlope]],
    );
    expect(stated.map(([id]) => id)).toEqual(memory);
    expect(doing).toContain("tiny fused fp32: growth of memory");
  });

  it("stops when it is told to, and reports the models it finished", async () => {
    const stopAt = async (models: BenchModel[], doing: string) => {
      const controller = new AbortController();
      return runBench(
        { ...TINY_RUN, models, cache },
        {
          startClient: (signal) => startModelProcess({ signal }),
          signal: controller.signal,
          onProgress: (what) => {
            if (what === doing) controller.abort();
          },
        },
      );
    };
    const first = { shape: TINY, dtype: "fp32" } as const;
    await expect(stopAt([first], "tiny fused fp32: round 1 of 1")).rejects.toMatchObject({
      code: "cancelled",
    });
    const other = { ...first, shape: { ...TINY, name: "tiny-too" } };
    const report = await stopAt([first, other], "tiny-too fused fp32: loading");
    expect(report).toMatchObject({ partial: true, models: [{ shape: "tiny" }] });
    expect(formatBench(report)).toContain("INTERRUPTED");
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
