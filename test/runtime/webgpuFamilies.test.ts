import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import type { Run } from "../../src/core/run/types.js";
import type { ModelProcessClient } from "../../src/modelClient/client.js";
import { createEngine } from "../../src/runtime/engine.js";
import { maxDifference } from "../helpers/compare.js";
import { explainRequest, neverAborted } from "../helpers/explainRequest.js";
import { familyCases, familyFolder, type FamilyCase } from "../helpers/familyFolder.js";
import { vulkanEnvironment } from "../helpers/softwareVulkan.js";
import { startModelProcess } from "../helpers/startFakeProcess.js";

// Shaders are compiled and run on the processor, next to whatever else it does.
vi.setConfig({ testTimeout: 900_000, hookTimeout: 900_000 });

const vulkan = vulkanEnvironment();
if (vulkan === null)
  process.stderr.write("WebGPU is not tested: no Vulkan driver here (see docs/devices.md).\n");

const cache = mkdtempSync(path.join(tmpdir(), "dexar-webgpu-families-"));
afterAll(() => rmSync(cache, { recursive: true }));

/** Tiles and a picture as a whole; rotary positions in three dimensions, also in the vision encoder; cross-attention. */
const FAMILIES = ["smolvlm", "qwen2vl", "florence2"] as const;

function request(golden: FamilyCase, forced: boolean) {
  return explainRequest({
    imagePath: golden.image,
    prompt: golden.question,
    rawPrompt: false,
    target: forced ? { ids: golden.forced.ids.slice(0, 3) } : null,
    maxNewTokens: 3,
    captureEvery: 2,
    settings: golden.settings,
  });
}

const ARRAYS = ["gradient", "gradientReferenceLast", "lensLogit"] as const;

/** The same tokens, and gradients within 1e-4 of the largest. */
function expectSameRun(found: Run, expected: Run): void {
  expect(found.info.tokens.map(({ id }) => id)).toEqual(expected.info.tokens.map(({ id }) => id));
  expect([...found.arrays.imagePositions]).toEqual([...expected.arrays.imagePositions]);
  for (const name of ARRAYS) {
    const [here, there] = [found.arrays[name], expected.arrays[name]];
    if (here === null || there === null) throw new Error(`the run has no ${name}`);
    const scale = there.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    expect(scale).toBeGreaterThan(0);
    expect(maxDifference(here, there)).toBeLessThan(1e-4 * scale);
  }
}

describe.skipIf(vulkan === null)("families on WebGPU, as on the CPU", () => {
  const cpu = createEngine();
  const quiet = () => undefined;
  let webgpu: ModelProcessClient;

  beforeAll(async () => {
    webgpu = await startModelProcess({ env: { ...process.env, ...vulkan, DEXAR_CACHE: cache } });
  });
  afterAll(() => Promise.all([webgpu.dispose(), cpu.dispose()]));

  test.each(FAMILIES)("%s: a given answer and one of its own, with explanation and without", async (name) => {
    const modelDir = familyFolder(name);
    const [golden] = familyCases(modelDir);
    if (golden === undefined) throw new Error(`${name} has no golden values`);
    const loaded = await webgpu.load({ modelDir, device: "webgpu", dtype: "fp32" });
    await cpu.load({ modelDir, device: "cpu", dtype: "fp32" }, quiet);
    expect(loaded.devices).toEqual({ vision: "webgpu", embedding: "cpu", decoder: "webgpu" });
    expect(loaded.deviceNotice).toBeUndefined();
    for (const forced of [true, false]) {
      const asked = request(golden, forced);
      expectSameRun(await webgpu.explain(asked), await cpu.explain(asked, quiet, neverAborted));
    }
    const asked = request(golden, false);
    const { ids } = await webgpu.generate(asked);
    expect(ids).toEqual((await cpu.generate(asked, quiet, neverAborted)).ids);
  });
});
