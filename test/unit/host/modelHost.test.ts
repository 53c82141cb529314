import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { DexarError } from "../../../src/core/errors.js";
import type { ModelClient } from "../../../src/host/modelHost/modelClient.js";
import type { ModelProcessHost } from "../../../src/host/modelHost/modelProcessHost.js";
import type { ModelStatus } from "../../../src/protocol/panel.js";
import { explainRequest, neverAborted } from "../../helpers/explainRequest.js";
import { fake } from "../../helpers/fakeVscode.js";
import { makeModelHost, SETTINGS, temporaryFolder } from "../../helpers/hostServices.js";
import { codeOf } from "../../helpers/thrownBy.js";

let files: ReturnType<typeof temporaryFolder>;
const hosts: ModelProcessHost[] = [];

beforeEach(() => {
  fake.reset();
  files = temporaryFolder();
});

afterEach(async () => {
  for (const host of hosts.splice(0)) await host.stop();
  files.remove();
});

function made(change: Parameters<typeof makeModelHost>[0] = {}) {
  const { host, present } = makeModelHost(change);
  hosts.push(host);
  const states: ModelStatus["state"][] = [];
  host.onDidChangeStatus(({ state }) => {
    if (states.at(-1) !== state) states.push(state);
  });
  return { host, present, states };
}

const quiet = { signal: neverAborted, onPhase: () => {} };
const pidOf = async (client: ModelClient) => client.pid;
const request = (prompt: string) => ({
  ...explainRequest({ imagePath: files.picture, prompt }),
  files: {
    runPath: `${files.folder}/run.dexar`,
    picturePath: `${files.folder}/run.png`,
    digestPath: `${files.folder}/run.digest`,
  },
});

/** Asks without end; `begun` resolves at the first token. */
function endless(host: ModelProcessHost, signal: AbortSignal) {
  let began: () => void = () => {};
  const begun = new Promise<void>((resolve) => (began = resolve));
  const result = host.use(
    (client, either) =>
      client.explainToFile(request("slow"), {
        signal: either,
        onEvent: ({ kind }) => kind === "token" && began(),
      }),
    { signal, onPhase: () => {} },
  );
  return { begun, result };
}

function alive(pid: number | undefined): boolean {
  try {
    return pid !== undefined && process.kill(pid, 0);
  } catch {
    return false;
  }
}

/** Resolves when the host has this state. */
function reached(host: ModelProcessHost, state: ModelStatus["state"]): Promise<void> {
  return new Promise((resolve) => {
    if (host.status.state === state) resolve();
    host.onDidChangeStatus((status) => status.state === state && resolve());
  });
}

describe("the model process of a window", () => {
  it("runs only when it is needed, says what it does, and is shared", async () => {
    const { host, states } = made();
    expect(host.status).toMatchObject({ state: "stopped", name: "fake-model", dtype: null, memory: null });
    expect(host.pid).toBeUndefined();
    const phases: string[] = [];
    const first = await host.use(pidOf, { signal: neverAborted, onPhase: (phase) => phases.push(phase) });
    expect(phases).toEqual(["starting", "loading"]);
    expect(states).toEqual(["starting", "loading", "ready", "busy", "ready"]);
    expect(host.status).toMatchObject({ state: "ready", name: "fake", device: "cpu", dtype: "fp32" });
    expect(await host.use(pidOf, quiet)).toBe(first);
  });

  it("does one thing at a time, in order; what waits says so and can be cancelled at once", async () => {
    const { host } = made();
    const stop = new AbortController();
    const { begun, result } = endless(host, stop.signal);
    await begun;
    const phases: string[] = [];
    const cancel = new AbortController();
    const cancelled = host.use(pidOf, {
      signal: cancel.signal,
      onPhase: (phase) => phases.push(`a ${phase}`),
    });
    const order: string[] = [];
    const next = host.use(async () => order.push("next"), {
      signal: neverAborted,
      onPhase: (phase) => phases.push(`b ${phase}`),
    });
    const last = host.use(async () => order.push("last"), quiet);
    expect(phases).toEqual(["a queued", "b queued"]);
    cancel.abort();
    expect(await codeOf(cancelled)).toBe("cancelled");
    stop.abort();
    expect((await result).info.partial).toBe(true);
    await Promise.all([next, last]);
    expect(order).toEqual(["next", "last"]);
  });

  it("says what happened when the process dies, keeps its log, and starts again at the next request", async () => {
    const { host } = made();
    const before = await host.use(pidOf, quiet);
    const crash = host.use((client) => client.explainToFile(request("crash")), quiet);
    await expect(crash).rejects.toMatchObject({ code: "model-process-died" });
    await reached(host, "failed");
    expect(fake.logs.join("\n")).toContain("terminate called: out of luck");
    expect(host.status).toMatchObject({ state: "failed", memory: null });
    const after = await host.use(pidOf, quiet);
    expect(after).not.toBe(before);
    expect(host.status.state).toBe("ready");
  });

  it("notices that an idle process was killed", async () => {
    const { host } = made();
    const pid = (await host.use(pidOf, quiet)) ?? 0;
    process.kill(pid, "SIGKILL");
    await reached(host, "failed");
    expect(await host.use(pidOf, quiet)).not.toBe(pid);
  });

  it("stops: work at hand is cancelled with what is finished, work that waits too, the process ends", async () => {
    const { host } = made();
    const { begun, result } = endless(host, neverAborted);
    await begun;
    const { pid } = host;
    const waiting = codeOf(host.use(pidOf, quiet));
    await host.stop();
    expect((await result).info.partial).toBe(true);
    expect(await waiting).toBe("cancelled");
    expect(host.status.state).toBe("stopped");
    expect(alive(pid)).toBe(false);
  });

  it("restarts with another process", async () => {
    const { host } = made();
    const before = await host.use(pidOf, quiet);
    await host.restart();
    expect(host.status.state).toBe("ready");
    expect(host.pid).not.toBe(before);
    expect(alive(before)).toBe(false);
  });

  it("starts anew for the next request after the model's settings changed, and only then", async () => {
    const { host, present } = made();
    const before = await host.use(pidOf, quiet);
    present.settings = { ...SETTINGS, opacity: 0.1 };
    host.settingsChanged();
    expect(await host.use(pidOf, quiet)).toBe(before);
    present.settings = { ...SETTINGS, dtype: "q4" };
    host.settingsChanged();
    expect(host.status).toMatchObject({ state: "ready", dtype: "fp32" });
    expect(await host.use(pidOf, quiet)).not.toBe(before);
    expect(host.status.dtype).toBe("q4");
    expect(alive(before)).toBe(false);
  });

  it("gives up loading when it is cancelled and nobody else waits", async () => {
    const { host, present } = made();
    present.settings = { ...SETTINGS, dtype: "slow" };
    const stop = new AbortController();
    const started = codeOf(host.start(stop.signal));
    await reached(host, "loading");
    const { pid } = host;
    stop.abort();
    expect(await started).toBe("cancelled");
    expect(host.status.state).toBe("stopped");
    expect(alive(pid)).toBe(false);
  });

  it("goes on loading for another that waits", async () => {
    const { host } = made();
    const stop = new AbortController();
    const cancelled = codeOf(host.start(stop.signal));
    const other = host.use(pidOf, quiet);
    await reached(host, "loading");
    const { pid } = host;
    stop.abort();
    expect(await cancelled).toBe("cancelled");
    expect(await other).toBe(pid);
  });

  it("leaves no process behind when the model cannot be loaded", async () => {
    const { host, present } = made();
    present.settings = { ...SETTINGS, dtype: "fp8" };
    const started = codeOf(host.start(neverAborted));
    await reached(host, "loading");
    const { pid } = host;
    expect(await started).toBe("dtype-missing");
    expect(host.status.state).toBe("failed");
    await expect.poll(() => alive(pid)).toBe(false);
    present.settings = SETTINGS;
    await host.start(neverAborted);
    expect(host.status.state).toBe("ready");
  });

  it("runs another model when a request names one, and the settings' again for the next", async () => {
    const { host } = made();
    const own = await host.use(pidOf, quiet);
    const other = { name: "other", dir: "other-model" };
    const names: string[] = [];
    host.onDidChangeStatus(({ state, name }) => state === "loading" && names.push(name));
    const pid = await host.use(pidOf, { ...quiet, model: other });
    expect(pid).not.toBe(own);
    expect(alive(own)).toBe(false);
    expect(await host.use(pidOf, { ...quiet, model: { ...other } })).toBe(pid);
    expect(await host.use(pidOf, quiet)).not.toBe(pid);
    expect([...new Set(names)]).toEqual(["other", "fake-model"]);
  });

  it("keeps the process when the wanted weights are those it has, and starts anew for others", async () => {
    const { host } = made();
    const pid = await host.use(pidOf, quiet);
    const { dir, name } = SETTINGS.model;
    expect(await host.use(pidOf, { ...quiet, model: { dir, name, dtype: "fp32" } })).toBe(pid);
    expect(await host.use(pidOf, { ...quiet, model: { dir, name, dtype: "q4" } })).not.toBe(pid);
    expect(host.status.dtype).toBe("q4");
  });

  it("names the model that failed, not the settings', until it is stopped", async () => {
    const { host } = made();
    const failing = { name: "broken", dir: "broken-model", dtype: "fp8" };
    expect(await codeOf(host.use(pidOf, { ...quiet, model: failing }))).toBe("dtype-missing");
    expect(host.status).toMatchObject({ state: "failed", name: "broken" });
    await host.stop();
    expect(host.status).toMatchObject({ state: "stopped", name: "fake-model" });
  });

  it("leaves a chosen model alone when the settings name another one meanwhile", async () => {
    const { host, present } = made();
    const other = { name: "other", dir: "other-model" };
    const pid = await host.use(pidOf, { ...quiet, model: other });
    present.settings = { ...SETTINGS, model: { name: "new", dir: "new-model" } };
    host.settingsChanged();
    expect(fake.logs.join("\n")).not.toContain("starts the model anew");
    expect(await host.use(pidOf, { ...quiet, model: other })).toBe(pid);
  });

  it("ends a chosen model after the idle time too", async () => {
    const { host, present } = made();
    present.settings = { ...SETTINGS, idleMinutes: 1 / 60_000 };
    await host.use(pidOf, { ...quiet, model: { name: "other", dir: "other-model" } });
    await reached(host, "stopped");
    expect(host.status.name).toBe("fake-model");
  });

  it("ends after the idle time, and is there again when needed", async () => {
    const { host, present } = made();
    present.settings = { ...SETTINGS, idleMinutes: 1 / 60_000 };
    const pid = await host.use(pidOf, quiet);
    await reached(host, "stopped");
    await expect.poll(() => alive(pid)).toBe(false);
    present.settings = SETTINGS;
    expect(await host.use(pidOf, quiet)).not.toBe(pid);
  });

  it("names each phase once, however often the process tells of its memory", async () => {
    const { host } = made({
      startClient: async ({ onVitals }) => ({
        pid: 1,
        load: async () => {
          for (const memory of [1, 2, 3]) onVitals?.({ memory });
          return LOADED;
        },
        explainToFile: notAsked,
        explainAlternative: notAsked,
        renderFigure: notAsked,
        viewPicture: notAsked,
        ...machineNotAsked,
        dispose: () => Promise.resolve(),
        kill: () => {},
      }),
    });
    const phases: string[] = [];
    await host.use(pidOf, { signal: neverAborted, onPhase: (phase) => phases.push(phase) });
    expect(phases).toEqual(["starting", "loading"]);
    expect(host.status.memory).toBe(3);
  });

  it("ends a process that does not answer a cancel", async () => {
    let die: (error: DexarError) => void = () => {};
    const stuck: ModelClient = {
      pid: 1,
      load: () => Promise.resolve({ ...LOADED }),
      explainToFile: () => new Promise((_, reject) => (die = reject)),
      explainAlternative: notAsked,
      renderFigure: notAsked,
      viewPicture: notAsked,
      ...machineNotAsked,
      dispose: () => Promise.resolve(),
      kill: () => die(new DexarError("model-process-died", "It was killed.", "Start it.")),
    };
    const { host } = made({ startClient: () => Promise.resolve(stuck), cancelGraceMs: 1 });
    const { signal, abort } = cancellable();
    const result = codeOf(host.use((client) => client.explainToFile(request("slow")), { ...quiet, signal }));
    await reached(host, "busy");
    abort();
    expect(await result).toBe("cancelled");
    expect(fake.logs.join("\n")).toContain("did not answer a cancel");
  });
});

const notAsked = () => Promise.reject(new Error("not asked"));
const machineNotAsked = { diagnose: notAsked, checkDevice: notAsked, inspectModel: notAsked };

const LOADED = {
  name: "stuck",
  family: "llava",
  dtype: "fp32",
  device: "cpu",
  layers: 1,
  heads: 1,
  kvHeads: 1,
  maxPositions: 8,
} as const;

function cancellable(): { readonly signal: AbortSignal; readonly abort: () => void } {
  const controller = new AbortController();
  return { signal: controller.signal, abort: () => controller.abort() };
}
