import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { ExplainRequest, ModelProcessEvent } from "../../src/protocol/modelProcess.js";
import type { ModelProcessClient } from "../../src/modelClient/client.js";
import { startFakeProcess } from "../helpers/startFakeProcess.js";
import { containing, matching } from "../helpers/matchers.js";

const PNG = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);
const LOAD = { modelDir: "fake", device: "cpu", dtype: null } as const;

let folder: string;
let imagePath: string;
const clients: ModelProcessClient[] = [];

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), "dexar-process-"));
  imagePath = path.join(folder, "cat.png");
  writeFileSync(imagePath, PNG);
});

afterEach(async () => {
  for (const client of clients.splice(0)) {
    client.kill();
    await client.dispose();
  }
  rmSync(folder, { recursive: true });
});

async function started(): Promise<ModelProcessClient> {
  const client = await startFakeProcess();
  clients.push(client);
  return client;
}

function request(prompt: string): ExplainRequest {
  return {
    imagePath,
    prompt,
    rawPrompt: false,
    target: null,
    maxNewTokens: 8,
    temperature: 0,
    topK: 0,
    seed: null,
    resize: "pil",
    pixelValuesPath: null,
    captureEvery: 16,
    settings: {},
  };
}

/** Resolves at the first token event. */
function firstToken(): { onEvent: (event: ModelProcessEvent) => void; seen: Promise<void> } {
  let resolve: () => void = () => {};
  const seen = new Promise<void>((done) => (resolve = done));
  return { seen, onEvent: (event) => event.kind === "token" && resolve() };
}

describe("model process", () => {
  it("loads, explains with events and brings typed arrays over unchanged", async () => {
    const client = await started();
    const model = await client.load(LOAD);
    expect(model).toMatchObject({ name: "fake", layers: 4, heads: 6 });
    const events: ModelProcessEvent[] = [];
    const run = await client.explain(request("describe"), { onEvent: (event) => events.push(event) });
    expect(events.filter((event) => event.kind === "token")).toHaveLength(8);
    expect(run.info.tokens.map((token) => token.text).join("")).toBe("a cat left of a red ball</s>");
    expect(run.info.partial).toBe(false);
    expect(run.arrays.gradient).toBeInstanceOf(Float32Array);
    const positions = run.info.prompt.tokens.length + 8 - 1;
    expect(run.arrays.gradient).toHaveLength(8 * 4 * 6 * positions);
    expect(run.arrays.imagePositions).toBeInstanceOf(Int32Array);
    expect(run.image).toBeInstanceOf(Uint8Array);
  });

  it("answers requests one at a time, in order", async () => {
    const client = await started();
    const order: string[] = [];
    const note = (name: string) => () => void order.push(name);
    await Promise.all([
      client.load(LOAD).then(note("load")),
      client.explain(request("one"), { onEvent: note("one event") }).then(note("one")),
      client.generate(request("two"), { onEvent: note("two event") }).then(note("two")),
    ]);
    expect(order.filter((entry) => !entry.endsWith("event"))).toEqual(["load", "one", "two"]);
    expect(order.indexOf("two event")).toBeGreaterThan(order.lastIndexOf("one event"));
  });

  it("carries an engine's DexarError with code and next step", async () => {
    const client = await started();
    await expect(client.explain(request("early"))).rejects.toMatchObject({
      code: "no-model",
      nextStep: "Load one first.",
    });
    await client.load(LOAD);
    await expect(client.explain(request("fail"))).rejects.toMatchObject({
      code: "internal",
      message: containing("something is undefined"),
    });
    await expect(client.generate(request("still alive"))).resolves.toMatchObject({ finish: "stop" });
  });

  it("stops a run between steps and returns the finished tokens as a partial run", async () => {
    const client = await started();
    await client.load(LOAD);
    const controller = new AbortController();
    const { seen, onEvent } = firstToken();
    const running = client.explain(request("slow"), { signal: controller.signal, onEvent });
    await seen;
    controller.abort();
    const run = await running;
    expect(run.info.partial).toBe(true);
    expect(run.info.generation.finish).toBe("cancelled");
    expect(run.info.tokens.length).toBeGreaterThan(0);
  });

  it("cancels a queued request without starting it", async () => {
    const client = await started();
    await client.load(LOAD);
    const first = new AbortController();
    const second = new AbortController();
    const { seen, onEvent } = firstToken();
    const running = client.generate(request("slow"), { signal: first.signal, onEvent });
    await seen;
    const queuedEvents: ModelProcessEvent[] = [];
    const queued = client.generate(request("describe"), {
      signal: second.signal,
      onEvent: (event) => queuedEvents.push(event),
    });
    second.abort();
    first.abort();
    await expect(queued).rejects.toMatchObject({ code: "cancelled" });
    await expect(running).resolves.toMatchObject({ finish: "cancelled" });
    expect(queuedEvents).toEqual([]);
  });

  it("rejects a load at once when it is cancelled", async () => {
    const client = await started();
    const controller = new AbortController();
    const loading = client.load(
      { ...LOAD, dtype: "slow" },
      { signal: controller.signal, onEvent: () => controller.abort() },
    );
    await expect(loading).rejects.toMatchObject({ code: "cancelled" });
  });

  it("names exit code, work and log when the process dies, and refuses further work", async () => {
    const client = await started();
    await client.load(LOAD);
    const died = client.explain(request("crash"));
    const queued = client.generate(request("after"));
    await expect(died).rejects.toMatchObject({
      code: "model-process-died",
      message: matching(/exit code 7\) during an explanation[^]*out of luck/),
    });
    await expect(queued).rejects.toMatchObject({ code: "model-process-died" });
    await expect(client.generate(request("later"))).rejects.toMatchObject({ code: "model-process-died" });
    await client.dispose();
  });

  it("names the signal when the process is killed", async () => {
    const client = await started();
    await client.load(LOAD);
    const { seen, onEvent } = firstToken();
    const running = client.explain(request("slow"), { onEvent });
    void seen.then(() => process.kill(client.pid ?? 0, "SIGKILL"));
    await expect(running).rejects.toMatchObject({
      message: containing("signal SIGKILL"),
      nextStep: containing("out of memory"),
    });
  });

  it("survives the terminal's Ctrl-C, which only the parent handles", async () => {
    const client = await started();
    await client.load(LOAD);
    process.kill(client.pid ?? 0, "SIGINT");
    await expect(client.generate(request("describe"))).resolves.toMatchObject({ finish: "stop" });
  });

  it("cancels open work and ends the process when disposed, twice without harm", async () => {
    const log: string[] = [];
    const client = await startFakeProcess({
      onLog: (chunk) => log.push(chunk),
      shutdownGraceMs: 60_000,
    });
    await client.load(LOAD);
    const { seen, onEvent } = firstToken();
    const running = client.generate(request("slow"), { onEvent });
    await seen;
    await Promise.all([client.dispose(), client.dispose()]);
    await expect(running).resolves.toMatchObject({ finish: "cancelled" });
    expect(log.join("")).toContain("fake engine disposed");
    expect(() => process.kill(client.pid ?? 0, 0)).toThrow("ESRCH");
    await expect(client.generate(request("late"))).rejects.toMatchObject({ code: "model-process-died" });
  });
});

describe("starting a model process", () => {
  it("refuses another protocol version", async () => {
    await expect(startFakeProcess({}, "oldProcess.ts")).rejects.toMatchObject({
      code: "model-process-version",
    });
  });

  it("reports a process that dies while starting, with its log", async () => {
    await expect(startFakeProcess({}, "brokenProcess.ts")).rejects.toMatchObject({
      code: "model-process-died",
      message: containing("libonnxruntime.so: cannot open shared object file"),
    });
  });

  it("gives up on a process that never says hello", async () => {
    await expect(startFakeProcess({ readyTimeoutMs: 200 }, "silentProcess.ts")).rejects.toMatchObject({
      code: "model-process-timeout",
    });
  });

  it("can be cancelled", async () => {
    const signal = AbortSignal.abort();
    await expect(startFakeProcess({ signal }, "silentProcess.ts")).rejects.toMatchObject({
      code: "cancelled",
    });
  });

  it("says how to build a missing program", async () => {
    await expect(startFakeProcess({ entry: "notThere.mjs" })).rejects.toMatchObject({
      code: "model-process-missing",
    });
  });
});
