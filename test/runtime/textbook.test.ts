import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { TextbookPlan } from "../../src/bench/measure/textbook.js";
import { requestFor, writePicture } from "../../src/bench/measure/subject.js";
import { textbookPeer } from "../../src/bench/measure/textbookPeer.js";
import { textbookText } from "../../src/bench/report/textbookText.js";
import { formatBench } from "../../src/bench/report/formatBench.js";
import type { BenchReport } from "../../src/bench/report/types.js";
import { runBench, type BenchOptions } from "../../src/bench/runBench.js";
import { decodeNpy } from "../../src/core/tensor/npy.js";
import { decoderOf } from "../../src/runtime/answer/answer.js";
import { generateAnswer } from "../../src/runtime/answer/generate.js";
import { readRunFile } from "../../src/runtime/files/readRunFile.js";
import { loadModel } from "../../src/runtime/model/loadModel.js";
import { neverAborted } from "../helpers/explainRequest.js";
import { runDexar } from "../helpers/runDexar.js";
import { startModelProcess } from "../helpers/startFakeProcess.js";
import { TEXTBOOK_RESULT, textbookStandIn } from "../helpers/textbookStandIn.js";
import { codeOf } from "../helpers/thrownBy.js";
import { TINY, TINY_RUN } from "../helpers/tinyShape.js";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), "dexar-textbook-"));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

function bench(textbook: TextbookPlan, options: Partial<BenchOptions> = {}) {
  const doing: string[] = [];
  const report = runBench(
    {
      ...TINY_RUN,
      cache: path.join(folder, "cache"),
      textbook,
      ...options,
    },
    {
      startClient: (signal) => startModelProcess({ signal }),
      signal: neverAborted,
      onProgress: (what) => void doing.push(what),
    },
  );
  return { report, doing };
}

describe("the textbook way beside ours", () => {
  let report: BenchReport;
  let doing: readonly string[];
  let modelDir: string;

  beforeAll(async () => {
    const result = JSON.stringify(JSON.stringify(TEXTBOOK_RESULT));
    const peer = textbookStandIn(folder, `if (args[0] !== "--versions") console.log(${result});`);
    const models = [
      { shape: TINY, dtype: "fp32" as const },
      { shape: TINY, dtype: "q4" as const },
    ];
    const running = bench({ peer, tokens: [1, 3] }, { models });
    report = await running.report;
    ({ doing } = running);
    modelDir = path.join(folder, "cache", "bench", "tiny-fused-seed1-v1", "24-image-tokens", "tiny");
  });

  it("is compared with answers of ours of the same length", () => {
    const [model] = report.models;
    const rows = new Map(model?.rows.map((row) => [row.id, row]));
    expect(rows.get("textbook.1")).toMatchObject({ value: 3000, unit: "ms" });
    expect(rows.get("textbook.3")).toMatchObject({ value: 6000, unit: "ms" });
    expect(rows.get("textbook.3")?.against).toBeGreaterThan(0);
    expect(rows.get("textbook.peak")?.value).toBe(6e9);
    expect(model?.textbook).toMatchObject({ sameAnswer: true, difference: 1e-6 });
    expect(formatBench(report)).toContain(model?.textbook && textbookText(model.textbook));
  });

  it("has the machine to itself: all of ours is measured before", () => {
    expect(doing.findLastIndex((what) => what.startsWith("tiny fused fp32"))).toBe(
      doing.findIndex((what) => what.includes("textbook")),
    );
  });

  it("leaves out weight types that it cannot read", () => {
    const quantised = report.models[1];
    expect(quantised).not.toHaveProperty("textbook");
    expect(quantised?.rows.map(({ id }) => id)).not.toContain("textbook.1");
  });

  it("is given what our decoder gets, and our run", async () => {
    const file = (name: string) => path.join(modelDir, "textbook", name);
    const { info } = await readRunFile(file("answer.dexar"));
    expect(info.tokens).toHaveLength(3);
    const embeddings = decodeNpy(readFileSync(file("inputs_embeds.npy")), "inputs_embeds.npy");
    expect(embeddings.shape).toEqual([88, 64]);
    expect(embeddings.data).toEqual(await decoderInput(modelDir));
    const positions = decodeNpy(readFileSync(file("image_positions.npy")), "image_positions.npy");
    expect(positions.shape).toEqual([24]);
  });

  it("refuses a Python that cannot be used before anything is built", async () => {
    const plan = { peer: textbookPeer("no-such-python", folder), tokens: [2] };
    const refused = bench(plan, { cache: path.join(folder, "unused") });
    expect(await codeOf(refused.report)).toBe("textbook-not-ready");
    expect(existsSync(path.join(folder, "unused"))).toBe(false);
  });
});

describe("dexar bench --textbook", () => {
  it("asks for answers of 20 and 64 tokens, or of others", async () => {
    const asked: BenchOptions["textbook"][] = [];
    const note: typeof runBench = (options) => {
      asked.push(options.textbook);
      return Promise.reject(new Error("noted"));
    };
    await runDexar(["bench", "--textbook", "some-python"], { runBench: note });
    await runDexar(["bench", "--textbook", "p", "--textbook-tokens", "4,8"], { runBench: note });
    await runDexar(["bench"], { runBench: note });
    expect(asked).toMatchObject([
      { peer: { command: ["some-python", "-m", "tools.textbook"] }, tokens: [20, 64] },
      { tokens: [4, 8] },
      undefined,
    ]);
  });

  it.each([
    [["--dtype", "q4"], "fp32"],
    [["--style", "decomposed"], "fused"],
    [["--textbook-tokens", "0"], "--textbook-tokens"],
    [["--textbook-tokens", "8,x"], "--textbook-tokens"],
  ])("refuses %s", async (flags, named) => {
    const { code, stderr } = await runDexar(["bench", "--textbook", "python3", ...flags]);
    expect(code).toBe(2);
    expect(stderr).toContain(named);
  });
});

/** What the benchmark's prompt is when it reaches the decoder. */
async function decoderInput(modelDir: string): Promise<unknown> {
  const subject = {
    shape: TINY,
    dtype: "fp32" as const,
    modelDir,
    imageTokens: 24,
    tokens: 1,
    scratch: folder,
  };
  const vlm = await loadModel(modelDir, "fp32");
  try {
    const decoder = decoderOf(vlm, await vlm.plain());
    const run = decoder.run.bind(decoder);
    let data: unknown;
    decoder.run = (feeds) => {
      data = feeds["inputs_embeds"]?.data;
      return run(feeds);
    };
    const request = requestFor(subject, await writePicture(subject));
    await generateAnswer(vlm, request, () => undefined, neverAborted);
    return data;
  } finally {
    await vlm.dispose();
  }
}
