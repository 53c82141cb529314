import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import type { Run } from "../../src/core/run/types.js";
import type { ModelProcessClient } from "../../src/modelClient/client.js";
import type { AlternativeGradient, ExplainRequest } from "../../src/protocol/modelProcess.js";
import { createEngine } from "../../src/runtime/engine.js";
import type { SelfCheck } from "../../src/runtime/session/selfCheck.js";
import { BUNDLED_MODEL, bundledRequest, EXAMPLE_PICTURE } from "../helpers/bundledModel.js";
import { maxDifference } from "../helpers/compare.js";
import { explainRequest, neverAborted } from "../helpers/explainRequest.js";
import { containing } from "../helpers/matchers.js";
import { vulkanEnvironment } from "../helpers/softwareVulkan.js";
import { startModelProcess } from "../helpers/startFakeProcess.js";
import { buildTiny } from "../helpers/tinyShape.js";

// Shaders are compiled and run on the processor, next to whatever else it does.
vi.setConfig({ testTimeout: 900_000, hookTimeout: 900_000 });

const vulkan = vulkanEnvironment();
if (vulkan === null)
  process.stderr.write("WebGPU is not tested: no Vulkan driver here (see docs/devices.md).\n");

const folder = mkdtempSync(path.join(tmpdir(), "dexar-webgpu-"));
const cache = path.join(folder, "cache");
afterAll(() => rmSync(folder, { recursive: true }));

/** A model process of its own: a graphics driver that crashes takes no test with it. */
function startProcess(change: NodeJS.ProcessEnv = {}): Promise<ModelProcessClient> {
  return startModelProcess({ env: { ...process.env, ...vulkan, DEXAR_CACHE: cache, ...change } });
}

const DRIVERLESS = {
  VK_DRIVER_FILES: path.join(folder, "none.json"),
  VK_ICD_FILENAMES: path.join(folder, "none.json"),
};

/** Few tokens: every new shape is a shader to compile, which a software driver takes its time for. */
const request = (change: Partial<ExplainRequest> = {}) =>
  bundledRequest({ maxNewTokens: 5, captureEvery: 2, ...change });

const numbers = (values: Float32Array | null): Float32Array => {
  if (values === null) throw new Error("the run has no gradient");
  return values;
};

/** Gradients within 1e-4 of the largest. */
function expectClose(found: Float32Array | null, expected: Float32Array | null): void {
  const scale = numbers(expected).reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  expect(scale).toBeGreaterThan(0);
  expect(maxDifference(numbers(found), numbers(expected))).toBeLessThan(1e-4 * scale);
}

function expectSameRun(found: Run, expected: Run): void {
  const ids = ({ info }: Run) => info.tokens.map((token) => token.id);
  expect(ids(found)).toEqual(ids(expected));
  expectClose(found.arrays.gradient, expected.arrays.gradient);
  expectClose(found.arrays.gradientReferenceLast, expected.arrays.gradientReferenceLast);
  expectClose(found.arrays.lensLogit, expected.arrays.lensLogit);
}

function expectSameAlternative(found: AlternativeGradient, expected: AlternativeGradient): void {
  expect(found.text).toBe(expected.text);
  expect(found.logprob).toBeCloseTo(expected.logprob, 3);
  expectClose(found.gradient, expected.gradient);
  expectClose(found.gradientReferenceLast, expected.gradientReferenceLast);
}

/** The file with the result of the self-check. */
function recordPath(): string {
  const records = path.join(cache, "device-checks");
  const [name, ...others] = readdirSync(records).filter((file) => file.startsWith("webgpu-"));
  expect(others).toEqual([]);
  return path.join(records, name ?? "");
}

describe.skipIf(vulkan === null)("on WebGPU, as on the CPU", () => {
  const cpu = createEngine();
  let webgpu: ModelProcessClient;
  const quiet = () => undefined;
  const onCpu = (change: Partial<ExplainRequest> = {}) => cpu.explain(request(change), quiet, neverAborted);

  beforeAll(async () => {
    webgpu = await startProcess();
    await cpu.load({ modelDir: BUNDLED_MODEL, device: "cpu", dtype: "fp32" }, quiet);
  });
  afterAll(async () => {
    await Promise.all([webgpu.dispose(), cpu.dispose()]);
  });

  async function load(dtype: string, modelDir = BUNDLED_MODEL): Promise<void> {
    const [loaded] = await Promise.all([
      webgpu.load({ modelDir, device: "webgpu", dtype }),
      cpu.load({ modelDir, device: "cpu", dtype }, quiet),
    ]);
    expect(loaded).toMatchObject({ device: "webgpu", dtype });
    expect(loaded.deviceDifference).toBeGreaterThan(0);
    expect(loaded.deviceDifference).toBeLessThan(1e-4);
    expect(loaded.deviceNotice).toBeUndefined();
  }

  test("the device is checked once, and the result is kept", async () => {
    await load("fp32");
    const written = statSync(recordPath()).mtimeMs;
    await load("fp32");
    expect(statSync(recordPath()).mtimeMs).toBe(written);
    expect(JSON.parse(readFileSync(recordPath(), "utf8"))).toMatchObject({ status: "done" });
  });

  test("an answer, other tokens of it, another question, a given answer", async () => {
    const files = (name: string) => ({
      runPath: path.join(folder, `${name}.dexar`),
      picturePath: path.join(folder, `${name}.png`),
      digestPath: path.join(folder, `${name}.digest`),
    });
    const [here, there] = [files("cpu"), files("webgpu")];
    await cpu.explainToFile({ ...request(), files: here }, quiet, neverAborted);
    const saved = await webgpu.explainToFile({ ...request(), files: there });
    expect(saved.info.model.device).toBe("webgpu");
    const expectSameAlternatives = async (runPath: string) => {
      const asked = { index: 2, tokenId: saved.info.tokens[2]?.alternatives[1]?.id ?? -1 };
      const expected = await cpu.explainAlternative({ runPath: here.runPath, ...asked }, neverAborted);
      expectSameAlternative(await webgpu.explainAlternative({ runPath, ...asked }), expected);
    };
    await expectSameAlternatives(there.runPath);
    for (const change of [{ prompt: "what is in the picture?" }, { target: { text: "a ghost" } }]) {
      expectSameRun(await webgpu.explain(request(change)), await onCpu(change));
    }
    // Of a run made on the CPU, which is not the last answer: its prompt goes through the model again.
    await expectSameAlternatives(here.runPath);
  });

  test("an answer without explanation", async () => {
    const { ids } = await webgpu.generate(request());
    expect(ids).toEqual((await cpu.generate(request(), quiet, neverAborted)).ids);
  });

  test("an answer in 4 bits", async () => {
    await load("q4");
    expectSameRun(await webgpu.explain(request()), await onCpu());
  });

  test.each(["fused", "decomposed"] as const)("an answer of a %s decoder", async (style) => {
    await load("fp32", await buildTiny({ cache: folder, dtype: "fp32", imageTokens: 12, style }));
    const change = { prompt: "w5 w6 w7 w8 w9 w10 w11 w12 w13" };
    expectSameRun(await webgpu.explain(request(change)), await onCpu(change));
  });

  test("200 answers leave no memory behind", async () => {
    await webgpu.load({
      modelDir: await buildTiny({ cache: folder, dtype: "fp32", imageTokens: 8 }),
      device: "webgpu",
      dtype: "fp32",
    });
    const used: number[] = [];
    for (let i = 0; i < 200; i++) {
      const short = { prompt: `w${2 + (i % 50)} w3 w4`, rawPrompt: false, maxNewTokens: 2, captureEvery: 2 };
      await webgpu.explain(explainRequest({ imagePath: EXAMPLE_PICTURE, ...short }));
      used.push(privateMegabytes(webgpu.pid));
    }
    const [early, late] = [median(used.slice(50, 100)), median(used.slice(150))];
    // On the CPU the same loop grows by 3 MB per 100 answers, which Node's collector takes away in its own time.
    expect(late - early).toBeLessThan(16);
  });
});

describe.skipIf(vulkan === null)("a graphics card that cannot be used", () => {
  /** Loads a small model in a process of its own, and has it answer. */
  async function answerWith(device: "auto" | "webgpu", env: NodeJS.ProcessEnv = {}) {
    const modelDir = await buildTiny({ cache: folder, dtype: "fp32", imageTokens: 8 });
    const client = await startProcess(env);
    try {
      const loaded = await client.load({ modelDir, device, dtype: "fp32" });
      const run = await client.explain(request({ prompt: "w3 w4", maxNewTokens: 1 }));
      return { loaded, run };
    } finally {
      await client.dispose();
    }
  }

  async function expectCpu(env: NodeJS.ProcessEnv, why: RegExp): Promise<void> {
    const { loaded, run } = await answerWith("auto", env);
    expect(loaded.device).toBe("cpu");
    expect(loaded.deviceNotice).toMatch(why);
    expect(run.info.model.device).toBe("cpu");
    expect(run.info.warnings).toContain(loaded.deviceNotice);
  }

  test("because there is none: refused with what to install; `auto` takes the CPU and says so", async () => {
    await expect(answerWith("webgpu", DRIVERLESS)).rejects.toMatchObject({
      code: "device-not-available",
      message: containing("No supported adapters"),
      nextStep: containing("device cpu"),
    });
    await expectCpu(DRIVERLESS, /WebGPU is not used.*No supported adapters/);
  });

  test("because of its check: `auto` takes the CPU and says so; asked for by name, it is checked again", async () => {
    const { difference, piece } = JSON.parse(readFileSync(recordPath(), "utf8")) as SelfCheck;
    const record = (found: object) => writeFileSync(recordPath(), JSON.stringify(found));
    record({ status: "done", difference: 0.3, piece: null });
    await expectCpu({}, /differ from the CPU's by 3\.0e-1 of the largest/);
    record({ status: "running", pid: 2 ** 30 });
    await expectCpu({}, /the process ended while it was checked/);
    record({ status: "unfinished", reason: "it could not be finished (device lost)." });
    await expectCpu({}, /it could not be finished \(device lost\)/);
    expect((await answerWith("webgpu")).loaded.device).toBe("webgpu");
    expect(JSON.parse(readFileSync(recordPath(), "utf8"))).toMatchObject({
      status: "done",
      difference,
      piece,
    });
  });

  test("because the processor is faster: `auto` takes the faster of the two, and says when it is the CPU", async () => {
    const kept = JSON.parse(readFileSync(recordPath(), "utf8")) as SelfCheck;
    // A software driver's own time.
    expect(kept.milliseconds).toBeGreaterThan(0);
    const record = (milliseconds: number) =>
      writeFileSync(recordPath(), JSON.stringify({ ...kept, milliseconds }));
    record(3_600_000);
    await expectCpu({}, /WebGPU is not used.*faster here: \d+ ms against 3600000 ms/);
    record(1e-6);
    const { loaded, run } = await answerWith("auto");
    expect(loaded).toMatchObject({
      device: "webgpu",
      devices: { vision: "webgpu", embedding: "cpu", decoder: "webgpu" },
    });
    expect(run.info).toMatchObject({ model: { device: "webgpu" }, warnings: [] });
  });

  test.each([
    { vision: "webgpu", embedding: "cpu", decoder: "cpu" },
    { vision: "cpu", embedding: "webgpu", decoder: "webgpu" },
  ] as const)("parts on different devices answer as one: %o", async (devices) => {
    const modelDir = await buildTiny({ cache: folder, dtype: "fp32", imageTokens: 8 });
    const asked = request({ prompt: "w3 w4", maxNewTokens: 3 });
    const engine = createEngine();
    await engine.load({ modelDir, device: "cpu", dtype: "fp32" }, () => undefined);
    const client = await startProcess();
    try {
      const loaded = await client.load({ modelDir, device: "cpu", devices, threads: 1, dtype: "fp32" });
      expect(loaded.devices).toEqual(devices);
      expectSameRun(await client.explain(asked), await engine.explain(asked, () => undefined, neverAborted));
    } finally {
      await Promise.all([client.dispose(), engine.dispose()]);
    }
  });
});

/** Private memory of a process; a software driver's device memory is part of it. */
function privateMegabytes(pid: number | undefined): number {
  const status = readFileSync(`/proc/${pid ?? "self"}/status`, "utf8");
  return Number(/RssAnon:\s+(\d+)/.exec(status)?.[1] ?? NaN) / 1024;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;
}
