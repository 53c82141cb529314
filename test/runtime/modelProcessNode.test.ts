import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { diedError, type Death } from "../../src/modelClient/diedError.js";
import type { Vitals } from "../../src/protocol/modelProcess.js";
import { containing } from "../helpers/matchers.js";
import { startFakeProcess } from "../helpers/startFakeProcess.js";

const LOAD = { modelDir: "fake", device: "cpu", dtype: null } as const;
const folder = mkdtempSync(join(tmpdir(), "dexar-node-"));
afterAll(() => rmSync(folder, { recursive: true }));

function program(name: string, script: string): string {
  const path = join(folder, name);
  writeFileSync(path, `#!/bin/sh\n${script}\n`);
  chmodSync(path, 0o755);
  return path;
}

describe("a given Node", () => {
  test("runs the process", async () => {
    const used = join(folder, "used");
    const execPath = program("good", `echo yes > "${used}"\nexec "${process.execPath}" "$@"`);
    const client = await startFakeProcess({ execPath });
    await expect(client.load(LOAD)).resolves.toMatchObject({ name: "fake" });
    await client.dispose();
    rmSync(used);
  });

  test.each<[string, () => string, string, string]>([
    ["that is not there", () => join(folder, "nowhere"), "node-not-found", "nothing at this path"],
    ["that is a folder", () => folder, "node-not-found", "EACCES"],
    [
      "that is another program",
      () => program("other", "echo Python 3.12.1"),
      "node-not-node",
      "Python 3.12.1",
    ],
    ["that fails", () => program("fails", "exit 3"), "node-not-node", "answered nothing"],
    ["that is too old", () => program("old", "echo v18.20.4"), "node-too-old", "v18.20.4"],
  ])("%s is refused with a way out", async (_, execPath, code, words) => {
    const path = execPath();
    const start = startFakeProcess({ execPath: path });
    await expect(start).rejects.toMatchObject({ code, message: containing(words) });
    await expect(start).rejects.toMatchObject({
      message: containing(path),
      nextStep: "Give the path of Node 20 or newer, or none: then the built-in one is used.",
    });
  });
});

describe("what the host learns", () => {
  test("the memory of the process after each request", async () => {
    const vitals: Vitals[] = [];
    const client = await startFakeProcess({ onVitals: (value) => vitals.push(value) });
    await client.load(LOAD);
    // Vitals of a request come before the answer to the next.
    await client.load(LOAD);
    expect(vitals.length).toBeGreaterThanOrEqual(1);
    expect(vitals[0]?.memory).toBeGreaterThan(10_000_000);
    await client.dispose();
  });

  test("the memory while a request runs", async () => {
    let arrived: (vitals: Vitals) => void = () => {};
    const first = new Promise<Vitals>((resolve) => (arrived = resolve));
    const client = await startFakeProcess({ onVitals: (value) => arrived(value) });
    // This load never ends by itself.
    const loading = client.load({ ...LOAD, dtype: "slow" }).catch((error: { code: string }) => error.code);
    expect((await first).memory).toBeGreaterThan(10_000_000);
    client.kill();
    expect(await loading).toBe("model-process-died");
  });

  test("that a process died while it had nothing to do, once", async () => {
    const exits: unknown[] = [];
    let ended: () => void = () => {};
    const end = new Promise<void>((resolve) => (ended = resolve));
    const client = await startFakeProcess({
      onExit: (error) => {
        exits.push(error?.code, error?.message);
        ended();
      },
    });
    process.kill(client.pid ?? 0, "SIGTERM");
    await end;
    await client.dispose();
    expect(exits).toEqual(["model-process-died", "The model process ended (signal SIGTERM)"]);
  });

  test("nothing bad of a process that was disposed", async () => {
    const exits: unknown[] = [];
    const client = await startFakeProcess({ onExit: (error) => exits.push(error) });
    await client.dispose();
    expect(exits).toEqual([null]);
  });
});

describe("diedError", () => {
  const death = (change: Partial<Death>): Death => ({
    code: null,
    signal: null,
    logLines: [],
    busyWith: "load",
    killed: false,
    ...change,
  });
  const v8 = ["FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory"];

  test.each<[string, Partial<Death>]>([
    ["V8's heap, exit code 134", { code: 134, logLines: v8 }],
    [
      "V8's heap, its native stack after it",
      { signal: "SIGABRT", logLines: [...v8, ...Array<string>(40).fill("at")] },
    ],
    [
      "C++",
      { signal: "SIGABRT", logLines: ["terminate called after throwing an instance of 'std::bad_alloc'"] },
    ],
    ["Electron's allocator", { signal: "SIGTRAP" }],
    ["the system", { signal: "SIGKILL" }],
    ["Windows", { code: 0xc0000017 }],
    [
      "a library that found no room",
      { code: 1, logLines: ["libvips.so: failed to map segment from shared object"] },
    ],
  ])("knows memory that ran out: %s", (_, change) => {
    expect(diedError(death(change))).toMatchObject({
      code: "out-of-memory",
      nextStep: "Close other programs, or take a smaller model or a smaller dtype (q4).",
    });
  });

  test.each<[string, Partial<Death>]>([
    ["a crash", { signal: "SIGSEGV" }],
    ["an exit", { code: 1, logLines: ["TypeError: x is undefined"] }],
    ["our own kill", { signal: "SIGKILL", killed: true }],
    ["a kill while explaining", { signal: "SIGKILL", busyWith: "explain" }],
  ])("does not take %s for it", (_, change) => {
    expect(diedError(death(change)).code).toBe("model-process-died");
  });
});
