import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import path from "node:path";
import { afterAll, describe, expect, it, vi } from "vitest";
import { DexarError } from "../../src/core/errors.js";
import { examine, type DoctorClient, type Examination } from "../../src/modelClient/doctor/examine.js";
import { formatDoctor } from "../../src/modelClient/doctor/formatDoctor.js";
import { withoutHome } from "../../src/core/withoutHome.js";
import type { DeviceVerdict, Diagnosis } from "../../src/protocol/doctor.js";
import { cacheFacts } from "../../src/runtime/doctor/caches.js";
import { diagnose } from "../../src/runtime/doctor/diagnose.js";
import { shownEnvironment } from "../../src/runtime/doctor/environment.js";
import { runDexar } from "../helpers/runDexar.js";

vi.mock("node:os", { spy: true });
const folder = mkdtempSync(path.join(tmpdir(), "dexar-doctor-"));
// Also for the processes that are started: what they measure is kept there.
vi.stubEnv("DEXAR_CACHE", folder);
afterAll(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

const WORKS: DeviceVerdict = { usable: true, difference: 1.5e-6, piece: 16, milliseconds: 40 };

/** A machine with these devices; each call of `start` is one process, which ends at a device named in `deadly`. */
async function machine(devices: Diagnosis["devices"], deadly: readonly string[] = []) {
  const known = { ...(await diagnose({ ...process.env, DEXAR_CACHE: folder })), devices };
  let started = 0;
  let disposed = 0;
  const start = (): Promise<DoctorClient> => {
    started++;
    return Promise.resolve({
      diagnose: () => Promise.resolve(known),
      checkDevice: ({ device }) =>
        deadly.includes(device)
          ? Promise.reject(
              new DexarError(
                "model-process-died",
                "The model process ended (SIGSEGV).",
                "Update the driver.",
              ),
            )
          : Promise.resolve(WORKS),
      dispose: () => Promise.resolve(void disposed++),
    });
  };
  return { start, counts: () => ({ started, disposed }) };
}

const CPU = { name: "cpu", title: "the CPU", missing: null } as const;
const WEBGPU = { name: "webgpu", title: "WebGPU", missing: null } as const;
const DML = {
  name: "dml",
  title: "DirectML",
  missing: { reason: "DirectML is a part of Windows", nextStep: null },
} as const;

describe("an examination", () => {
  it("tries what can be there, goes on after a driver took the process, and leaves none behind", async () => {
    const { start, counts } = await machine([WEBGPU, CPU, DML], ["webgpu"]);
    const told: string[] = [];
    const { verdicts, failure } = await examine(start, { onProgress: (doing) => told.push(doing) });
    expect(failure).toBeNull();
    expect(verdicts).toEqual({
      webgpu: { usable: false, reason: "The model process ended (SIGSEGV).", nextStep: "Update the driver." },
      cpu: WORKS,
    });
    expect(told).toEqual(["Trying WebGPU", "Trying the CPU"]);
    expect(counts()).toEqual({ started: 2, disposed: 2 });
  });

  it("of a model process that does not start is a report too", async () => {
    const dead = new DexarError("model-process-died", "libstdc++.so.6 is too old.", "Update the system.");
    const examination = await examine(() => Promise.reject(dead));
    expect(examination).toMatchObject({ machine: null, failure: { code: "model-process-died" } });
    expect(formatDoctor(examination)).toContain("model-process-died: libstdc++.so.6 is too old.");
  });

  it("keeps what it found when no process starts after a driver took one", async () => {
    const CUDA = { name: "cuda", title: "CUDA", missing: null } as const;
    const { start, counts } = await machine([CPU, WEBGPU, CUDA, DML], ["webgpu"]);
    const gone = new DexarError("model-process-timeout", "It says nothing.", "Start it again.");
    const once = () => (counts().started === 0 ? start() : Promise.reject(gone));
    const { machine: found, failure, verdicts } = await examine(once);
    expect([found?.devices.length, failure]).toEqual([4, null]);
    expect(verdicts).toMatchObject({
      cpu: WORKS,
      webgpu: { usable: false, reason: "The model process ended (SIGSEGV)." },
      cuda: { usable: false, reason: "It says nothing.", nextStep: "Start it again." },
    });
  });

  it("that is cancelled is none", async () => {
    const cancelled = new DexarError("cancelled", "Cancelled.", "Run it again.");
    await expect(examine(() => Promise.reject(cancelled))).rejects.toBe(cancelled);
  });

  it("as text has versions, devices with their reasons, and folders", async () => {
    const examination: Examination = await examine((await machine([CPU, WEBGPU, DML])).start);
    const text = formatDoctor(examination, [{ title: "Models", rows: [["emoji-llava", "llava"]] }]);
    expect(text).toMatch(/^dexar \d+\.\d+\.\d+\n {2}program /);
    expect(text).toMatch(/ONNX Runtime +\d+\.\d+\.\d+, built with cpu/);
    expect(text).toMatch(
      /webgpu +works: largest relative difference from the CPU 1\.5e-6, prompts in pieces of 16, 40 ms/,
    );
    expect(text).toMatch(/dml +not here: DirectML is a part of Windows\.\n/);
    expect(text).toMatch(/\nModels\n {2}emoji-llava {2}llava\n$/);
  });

  it("has no path into the user's folder, of models and settings neither", async () => {
    const examination = await examine((await machine([CPU])).start);
    const rows = [["mine", path.join(homedir(), "models", "mine")]] as const;
    expect(formatDoctor(examination, [{ title: "Models", rows }])).toContain(
      `mine  ${path.join("~", "models", "mine")}`,
    );
  });
});

describe("what is told of the environment", () => {
  it("has no tokens, passwords or user names", () => {
    const shown = shownEnvironment(
      {
        HF_TOKEN: "hf_secret",
        https_proxy: "http://anna:pa/ss@proxy.example:8080",
        ALL_PROXY: "anna:pass@proxy.example:8080",
        HF_HOME: "/people/anna/hf",
        HUGGINGFACE_HUB_CACHE: "/people/anna/hub",
        DEXAR_MODELS: "/data/models",
        PATH: "/bin",
        AWS_SECRET_ACCESS_KEY: "x",
      },
      "/people/anna",
    );
    expect(shown).toEqual({
      HTTPS_PROXY: "http://…@proxy.example:8080",
      ALL_PROXY: "…@proxy.example:8080",
      HF_HOME: "~/hf",
      HUGGINGFACE_HUB_CACHE: "~/hub",
      DEXAR_MODELS: "/data/models",
      HF_TOKEN: "set (not shown)",
    });
  });

  it("has no user's folder in JSON, whose backslashes are doubled", () => {
    const home = "C:\\Users\\anna";
    expect(withoutHome(JSON.stringify({ dir: `${home}\\models` }), home)).toBe('{"dir":"~\\\\models"}');
  });

  it("has no path into the user's folder", async () => {
    const text = JSON.stringify(await diagnose(process.env));
    if (homedir() !== "/") expect(text).not.toContain(`"${homedir()}/`);
    expect(text).not.toContain(process.env["HF_TOKEN"] ?? "hf_no_token_is_set");
  });

  it("sizes of the caches, each folder of our own by itself", async () => {
    const within = (name: string, bytes: number): void => {
      mkdirSync(path.join(folder, "sizes", name), { recursive: true });
      writeFileSync(path.join(folder, "sizes", name, "weights"), new Uint8Array(bytes));
    };
    within("own/bench/a", 5000);
    within("store/owner/name", 300);
    within("hub/models--owner--name", 20);
    const [own, store, hub] = ["own", "store", "hub"].map((name) => path.join(folder, "sizes", name));
    const facts = await cacheFacts({ DEXAR_CACHE: own, DEXAR_MODELS: store, HUGGINGFACE_HUB_CACHE: hub });
    const none = await cacheFacts({
      DEXAR_CACHE: path.join(folder, "none"),
      HF_HOME: path.join(folder, "none"),
      DEXAR_MODELS: own,
    });
    expect(facts.map(({ name, bytes }) => [name, bytes])).toEqual([
      ["dexar", 5000],
      ["dexar/bench", 5000],
      ["models", 300],
      ["huggingface", 20],
    ]);
    expect(none.map(({ name, bytes }) => [name, bytes])).toEqual([
      ["dexar", null],
      ["models", 5000],
      ["huggingface", null],
    ]);
  });
});

describe("dexar doctor", () => {
  const env = { DEXAR_CACHE: folder, HF_HUB_CACHE: path.join(folder, "none") };

  it("prints the report of a real process, as text and as one object", async () => {
    const { code, stdout, stderr } = await runDexar(["doctor"], { modelsDir: folder, env });
    expect(code).toBe(0);
    expect(stderr).toMatch(/Trying the CPU/);
    expect(stdout).toMatch(/\nDevices\n/);
    expect(stdout).toMatch(/ {2}cpu +works, \d+ ms for the fixed piece of work\n/);
    const json = await runDexar(["doctor", "--json"], { modelsDir: folder, env });
    expect(JSON.parse(json.stdout)).toMatchObject({
      version: "0.0.0-test",
      failure: null,
      verdicts: { cpu: { usable: true } },
    });
  });

  it("says that a token is set, and neither it nor a proxy's password, as text and as JSON", async () => {
    vi.stubEnv("HF_TOKEN", "hf_SecretOfTheUser");
    vi.stubEnv("HTTPS_PROXY", "http://anna:password-of-anna@proxy.example:8080");
    const secret = { HF_TOKEN: "hf_SecretOfTheUser" };
    for (const flags of [[], ["--json"]]) {
      const { stdout, stderr } = await runDexar(["doctor", ...flags], {
        modelsDir: folder,
        env: { ...env, ...secret },
      });
      expect(stdout).toMatch(/HF_TOKEN.*set \(not shown\)/);
      expect(stdout).toContain("http://…@proxy.example:8080");
      expect(stdout + stderr).not.toMatch(/hf_Secret|password-of-anna/);
    }
  });

  it("names the models without the user's folder, as text and as JSON", async () => {
    const modelsDir = path.join(folder, "home", "mine");
    mkdirSync(path.join(modelsDir, "emoji-llava"), { recursive: true });
    writeFileSync(path.join(modelsDir, "emoji-llava", "config.json"), '{"model_type":"llava"}');
    vi.mocked(homedir).mockReturnValue(path.join(folder, "home"));
    const text = await runDexar(["doctor"], { modelsDir, env });
    const json = await runDexar(["doctor", "--json"], { modelsDir, env });
    vi.mocked(homedir).mockRestore();
    const dir = path.join("~", "mine", "emoji-llava");
    expect(text.stdout).toContain(`  emoji-llava  llava, ${dir}\n`);
    expect(JSON.parse(json.stdout)).toMatchObject({ models: [{ name: "emoji-llava", dir }] });
  });
});
