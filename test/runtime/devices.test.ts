import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { DexarError } from "../../src/core/errors.js";
import type { ModelMemory } from "../../src/core/memory/types.js";
import { readMebibytes } from "../../src/runtime/memory/cardMemory.js";
import { fitOnCard } from "../../src/runtime/memory/fitOnCard.js";
import { createEngine } from "../../src/runtime/engine.js";
import { readRecord, writeRecord } from "../../src/runtime/session/checkRecord.js";
import { createSession } from "../../src/runtime/session/createSession.js";
import { missingNvidia } from "../../src/runtime/session/cudaLibraries.js";
import { CPU, type ReadyDevice } from "../../src/runtime/session/device.js";
import { missingDevice, ortFolder } from "../../src/runtime/session/deviceSupport.js";
import {
  ON_CPU,
  fastestOf,
  placementOn,
  placeSessions,
  type Placement,
} from "../../src/runtime/session/placement.js";
import { findLibraries, neededLibraries } from "../../src/runtime/session/sharedLibraries.js";
import { BUNDLED_MODEL, bundledRequest } from "../helpers/bundledModel.js";
import { neverAborted } from "../helpers/explainRequest.js";
import { sizedModel } from "../helpers/sizedModel.js";

const folder = mkdtempSync(path.join(tmpdir(), "dexar-devices-"));
afterAll(() => rmSync(folder, { recursive: true }));

const ALL = ["cpu", "webgpu", "cuda", "dml", "coreml"];
const machine = (platform: string, arch: string, backends = ALL) => ({
  platform,
  arch,
  backends,
  ortFolder: folder,
});
const GPU: ReadyDevice = { name: "webgpu", piece: null, difference: 1e-6 };

describe("what a machine rules out", () => {
  it.each([
    ["webgpu", "linux", "arm64", ["cpu"], /this build of ONNX Runtime \(linux arm64\) has no WebGPU/],
    ["cuda", "win32", "x64", ALL, /CUDA for Linux on x64 only, and this is win32 x64/],
    ["cuda", "linux", "arm64", ALL, /Linux on x64 only/],
    ["dml", "linux", "x64", ALL, /part of Windows/],
    ["coreml", "win32", "arm64", ALL, /part of macOS/],
    ["coreml", "darwin", "x64", ["cpu"], /has no Core ML/],
  ] as const)("%s on %s %s", (device, platform, arch, backends, reason) => {
    expect(missingDevice(device, machine(platform, arch, [...backends]))?.reason).toMatch(reason);
  });

  it.each([
    ["cpu", "linux", "arm64"],
    ["webgpu", "win32", "x64"],
    ["dml", "win32", "arm64"],
    ["coreml", "darwin", "arm64"],
  ] as const)("nothing against %s on %s %s", (device, platform, arch) => {
    expect(missingDevice(device, machine(platform, arch))).toBeNull();
  });

  it("CUDA without ONNX Runtime's own libraries: which, where, and how to get them without a network", () => {
    const missing = missingDevice("cuda", machine("linux", "x64"));
    expect(missing?.reason).toContain(folder);
    expect(missing?.reason).toContain("libonnxruntime_providers_shared.so, libonnxruntime_providers_cuda.so");
    expect(missing?.nextStep).toMatch(/Microsoft\.ML\.OnnxRuntime\.Gpu\.Linux \d+\.\d+\.\d+, a zip file/);
  });

  it("CUDA without NVIDIA's libraries: each is named", () => {
    const found = { path: "/usr/local/cuda/lib64/libcublas.so.12", loadable: false };
    const missing = missingNvidia([
      { name: "libcuda.so.1", path: null, loadable: false },
      { name: "libcudart.so.12", path: "/lib/libcudart.so.12", loadable: true },
      { name: "libcublas.so.12", ...found },
      { name: "libcudnn.so.9", path: null, loadable: false },
    ]);
    expect(missing?.reason).toBe(
      "libcuda.so.1 was not found, libcublas.so.12 is in /usr/local/cuda/lib64, where the system does not look, libcudnn.so.9 was not found",
    );
    expect(missing?.nextStep).toBe(
      "Install NVIDIA's driver; add /usr/local/cuda/lib64 to LD_LIBRARY_PATH before the editor or dexar starts; install cuDNN 9",
    );
    expect(missingNvidia([{ name: "libcuda.so.1", path: "/lib/libcuda.so.1", loadable: true }])).toBeNull();
  });

  it.runIf(process.platform === "linux")(
    "libraries are read from the file that needs them, and looked for",
    () => {
      const needed = neededLibraries(path.join(ortFolder(), "onnxruntime_binding.node"));
      expect(needed).toContain("libonnxruntime.so.1");
      writeFileSync(path.join(folder, "libodd.so.3"), "");
      const found = findLibraries(
        ["libonnxruntime.so.1", "libc.so.6", "libodd.so.3", "libnone.so.1"],
        ortFolder(),
        {
          LD_LIBRARY_PATH: folder,
        },
      );
      expect(found.map(({ loadable }) => loadable)).toEqual([true, true, true, false]);
      expect(found[2]?.path).toBe(path.join(folder, "libodd.so.3"));
      writeFileSync(path.join(folder, "text.so"), "not a library");
      expect(neededLibraries(path.join(folder, "text.so"))).toEqual([]);
    },
  );

  it("a device that is asked for by name and cannot be there is refused", async () => {
    for (const device of ["dml", "coreml"] as const) {
      if (missingDevice(device) === null) continue;
      const refusal = placeSessions({ device });
      await expect(refusal).rejects.toBeInstanceOf(DexarError);
      await expect(refusal).rejects.toMatchObject({ code: "device-not-available" });
      await expect(placeSessions({ device: "cpu", devices: { vision: device } })).rejects.toMatchObject({
        code: "device-not-available",
      });
    }
  });
});

describe("the fastest device that agrees with the CPU", () => {
  const timed = (device: ReadyDevice, milliseconds: number | null) => ({ ...device, milliseconds });
  const cuda: ReadyDevice = { name: "cuda", piece: null, difference: 2e-6 };

  it("is taken without words", () => {
    const { device, notices } = fastestOf([timed(cuda, 3), timed(GPU, 5)], [], timed(CPU, 40));
    expect(device.name).toBe("cuda");
    expect(notices).toEqual([]);
  });

  it("is the CPU where the others are slower or failed, which is said", () => {
    const failed = [{ name: "cuda", why: ": CUDA failed its check." }] as const;
    const { device, notices } = fastestOf([timed(GPU, 900)], failed, timed(CPU, 40));
    expect(device.name).toBe("cpu");
    expect(notices).toEqual([
      "CUDA is not used, the model runs on the CPU: CUDA failed its check.",
      "WebGPU is not used, the model runs on the CPU, which is faster here: 40 ms against 900 ms for the same piece of work.",
    ]);
  });

  it("is another card where one failed, which is said too", () => {
    const failed = [{ name: "cuda", why: ": CUDA failed its check." }] as const;
    expect(fastestOf([timed(GPU, 5)], failed, timed(CPU, 40)).notices).toEqual([
      "CUDA is not used, the model runs with WebGPU: CUDA failed its check.",
    ]);
  });
});

describe("what is kept of a check", () => {
  it.each([1e-6, Infinity])("is a difference of %s, read again", async (difference) => {
    const file = path.join(folder, `check-${difference}.json`);
    await writeRecord(file, { status: "done", difference, piece: 16, milliseconds: null });
    expect(await readRecord(file)).toEqual({ status: "done", difference, piece: 16, milliseconds: null });
  });

  it.each([
    { status: "running", pid: 7 },
    { status: "unfinished", reason: "it could not be finished (device lost)." },
  ] as const)("is that it was not ended: $status", async (record) => {
    const file = path.join(folder, `check-${record.status}.json`);
    await writeRecord(file, record);
    expect(await readRecord(file)).toEqual(record);
  });

  it.each(["done", "running", "unfinished"])("is nothing where the file is damaged (%s)", async (status) => {
    const file = path.join(folder, "damaged.json");
    writeFileSync(file, JSON.stringify({ status }));
    expect(await readRecord(file)).toBeNull();
  });
});

describe("a graphics card that is too small", () => {
  const placed = (movable: Placement["movable"] = ["vision", "decoder"]): Placement => ({
    ...placementOn(GPU),
    movable,
  });
  const memory = sizedModel();
  const names = ({ vision, embedding, decoder }: Placement) => [vision.name, embedding.name, decoder.name];
  const fit = (placement: Placement, free: number | null, model: ModelMemory | null = memory) =>
    fitOnCard(
      placement,
      () => model,
      () => free,
    );
  const stored = (graph: { readonly byType: Readonly<Record<string, number>> }) =>
    Object.values(graph.byType).reduce((sum, bytes) => sum + bytes, 0);
  const big: ModelMemory = {
    ...memory,
    weights: {
      ...memory.weights,
      tappedDecoder: { ...memory.weights.tappedDecoder, byType: { FLOAT: 1e9 } },
      visionEncoder: { ...memory.weights.visionEncoder, byType: { FLOAT: 4e8 } },
    },
  };

  it("gets the decoder first, and what is left over goes to the CPU, aloud", () => {
    expect(stored(big.weights.tappedDecoder)).toBe(1e9);
    expect(names(fit(placed(), 4e9, big))).toEqual(["webgpu", "cpu", "webgpu"]);
    const mixed = fit(placed(), 2.5e9, big);
    expect(names(mixed)).toEqual(["cpu", "cpu", "webgpu"]);
    expect(mixed.notices).toEqual([
      "The vision encoder runs on the CPU: it takes about 480 MB of the graphics card's memory, and 100 MB are free for it (WebGPU).",
    ]);
    const small = fit(placed(), 1e9, big);
    expect(names(small)).toEqual(["webgpu", "cpu", "cpu"]);
    expect(small.notices.join()).toMatch(/The decoder runs on the CPU: it takes about 2\.40 GB/);
    expect(fit(placed(), 1e8, big).notices).toHaveLength(2);
  });

  it("changes nothing where its memory is unknown, or the user named the device", () => {
    expect(fit(placed(), null, big)).toEqual(placed());
    expect(fit(placed(), 1, null)).toEqual(placed());
    expect(fit(placed([]), 1, big)).toEqual(placed([]));
    expect(fit(ON_CPU, 1, big)).toEqual(ON_CPU);
  });

  it("is read from NVIDIA's tool", () => {
    expect(readMebibytes("23456\n81000\n[N/A]\n")).toEqual([23456 * 2 ** 20, 81000 * 2 ** 20]);
  });
});

describe("a part that cannot be opened where `auto` put it", () => {
  // DirectML is nowhere but on Windows: opening a session with it fails as a missing or full card does.
  const dml: ReadyDevice = {
    name: process.platform === "win32" ? "coreml" : "dml",
    piece: null,
    difference: 1e-6,
  };
  const request = bundledRequest({ maxNewTokens: 2, captureEvery: 2 });
  const load = async (placement: Placement) => {
    const engine = createEngine(undefined, { placement });
    const loaded = await engine.load(
      { modelDir: BUNDLED_MODEL, device: "auto", dtype: "q4" },
      () => undefined,
    );
    return { engine, loaded };
  };

  it("goes to the CPU with its reason, in the model's notice and the run's warnings", async () => {
    const movable = ["vision", "decoder"] as const;
    const { engine, loaded } = await load({ ...placementOn(dml), movable });
    expect(loaded.devices).toEqual({ vision: "cpu", embedding: "cpu", decoder: dml.name });
    expect(loaded.deviceNotice).toMatch(/^The vision encoder runs on the CPU: it could not be opened with /);
    const run = await engine.explain(request, () => undefined, neverAborted);
    expect(run.info.model.device).toBe("cpu");
    expect(run.info.tokens).toHaveLength(2);
    expect(run.info.warnings).toEqual([
      expect.stringMatching(/^The vision encoder runs on the CPU/) as string,
      expect.stringMatching(/^The decoder runs on the CPU: it did not fit with /) as string,
    ]);
    await engine.dispose();
  });

  it("is an error where the device was named", async () => {
    await expect(load({ ...placementOn(dml), movable: [] })).rejects.toMatchObject({
      code: "session-failed",
    });
    const { engine } = await load({ ...placementOn(CPU), decoder: dml });
    await expect(engine.explain(request, () => undefined, neverAborted)).rejects.toMatchObject({
      code: "session-failed",
    });
    await engine.dispose();
  });
});

describe("threads", () => {
  it("are given to every kind of session", async () => {
    const placement = await placeSessions({ device: "cpu", threads: 3 });
    const { vision, embedding, decoder } = placement;
    expect([vision, embedding, decoder].map(({ threads }) => threads)).toEqual([3, 3, 3]);
  });

  it.runIf(process.platform === "linux")("are as many as asked for", async () => {
    const source = { path: path.join(BUNDLED_MODEL, "onnx", "embed_tokens.onnx") };
    const count = () => readdirSync("/proc/self/task").length;
    const before = count();
    const session = await createSession("token embedding", source, { threads: 5 });
    // The caller is one of the five.
    expect(count() - before).toBe(4);
    await session.release();
  });
});
