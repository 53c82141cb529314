import { spawn } from "node:child_process";
import { chmodSync, copyFileSync, mkdtempSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { ModelProcessClient } from "../../src/modelClient/client.js";
import type { ExplainRequest, ModelProcessEvent, StageEvent } from "../../src/protocol/modelProcess.js";
import { copyOfP1 } from "../helpers/brokenModel.js";
import { BUNDLED_MODEL, bundledRequest, EXAMPLE_PICTURE } from "../helpers/bundledModel.js";
import { explainRequest } from "../helpers/explainRequest.js";
import { blackPng } from "../helpers/pngFile.js";
import { hungryP1 } from "../helpers/hungryModel.js";
import { containing, matching } from "../helpers/matchers.js";
import { modelProcessEntry, startModelProcess } from "../helpers/startFakeProcess.js";

const LOAD = { modelDir: BUNDLED_MODEL, device: "cpu", dtype: "fp32" } as const;

let client: ModelProcessClient;
let folder: string;
beforeAll(async () => {
  client = await startModelProcess();
  await client.load(LOAD);
});
afterAll(() => client.dispose());
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "dexar-faults-"));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

const toFile = (change: Partial<ExplainRequest> = {}, name = "run") => ({
  ...bundledRequest({ maxNewTokens: 8, ...change }),
  files: {
    runPath: join(folder, `${name}.dexar`),
    picturePath: join(folder, `${name}.png`),
    digestPath: join(folder, `${name}.digest`),
  },
});

/** The process still answers, with the same model. */
async function expectAlive(): Promise<void> {
  await expect(client.generate(bundledRequest({ maxNewTokens: 1 }))).resolves.toMatchObject({
    finish: "length",
  });
}

/** Whether a process runs. */
function runs(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function gone(pid: number): Promise<void> {
  while (runs(pid)) await new Promise((resolve) => setTimeout(resolve, 20));
}

describe("bad requests: a specific error, and the process goes on", () => {
  const picture = (name: string, bytes: Uint8Array): string => {
    const path = join(folder, name);
    writeFileSync(path, bytes);
    return path;
  };

  test("a truncated picture", async () => {
    const imagePath = join(folder, "cut.png");
    copyFileSync(EXAMPLE_PICTURE, imagePath);
    truncateSync(imagePath, Math.floor(statSync(EXAMPLE_PICTURE).size / 2));
    await expect(client.explainToFile(toFile({ imagePath }))).rejects.toMatchObject({
      code: "image-damaged",
      message: matching(/PNG picture .*cut\.png is truncated or damaged/),
      nextStep: containing("Copy or download the file again"),
    });
    await expectAlive();
  });

  test("a picture of 20,000 x 20,000 pixels, whole", async () => {
    const imagePath = picture("huge.png", blackPng(20_000, 20_000));
    await expect(client.explainToFile(toFile({ imagePath }))).rejects.toMatchObject({
      code: "image-too-large",
      message: containing("20000x20000 = 400,000,000 pixels; the limit is 100,000,000"),
      nextStep: containing("Make a smaller copy"),
    });
    await expectAlive();
  });

  test("a picture that is deleted between request and read", async () => {
    const imagePath = join(folder, "soon-gone.png");
    copyFileSync(EXAMPLE_PICTURE, imagePath);
    const first = client.generate(bundledRequest({ maxNewTokens: 2 }));
    const second = client.explainToFile(toFile({ imagePath }));
    rmSync(imagePath);
    await first;
    await expect(second).rejects.toMatchObject({
      code: "image-not-found",
      message: `There is no picture at ${imagePath}.`,
      nextStep: "Check the path.",
    });
    await expectAlive();
  });

  test("what is not a picture", async () => {
    const imagePath = picture("words.png", new TextEncoder().encode("Dear diary"));
    await expect(client.explainToFile(toFile({ imagePath }))).rejects.toMatchObject({ code: "not-an-image" });
  });

  test("an empty prompt", async () => {
    await expect(client.explainToFile(toFile({ prompt: " \n" }))).rejects.toMatchObject({
      code: "empty-prompt",
      message: "The prompt is empty.",
      nextStep: containing("Ask something about the picture"),
    });
    await expectAlive();
  });

  test("a prompt longer than the context", async () => {
    const events: ModelProcessEvent[] = [];
    const request = toFile({ prompt: "what do you see? ".repeat(400) });
    const asked = client.explainToFile(request, { onEvent: (event) => events.push(event) });
    await expect(asked).rejects.toMatchObject({
      code: "prompt-too-long",
      message: matching(/prompt is \d+ tokens \(144 of the image\).*takes \d+ together/),
      nextStep: "Shorten the prompt.",
    });
    expect(events.map((event) => event.kind)).not.toContain("prepared");
    await expectAlive();
  });

  test("no next step speaks of flags of the command line", async () => {
    const asked = client.explainToFile(toFile({ maxNewTokens: 100_000 }));
    await expect(asked).rejects.toMatchObject({
      code: "prompt-too-long",
      nextStep: matching(/^Shorten the prompt, or ask for at most \d+ new tokens\.$/),
    });
  });
});

describe("bad models: a specific error, and another model loads after it", () => {
  let other: ModelProcessClient;
  beforeAll(async () => {
    other = await startModelProcess();
  });
  afterAll(() => other.dispose());

  const refuse = async (change: (dir: string) => void) => {
    const dir = copyOfP1();
    change(dir);
    const error: unknown = await other
      .load({ modelDir: dir, device: "cpu", dtype: null })
      .catch((reason: unknown) => reason);
    rmSync(dir, { recursive: true });
    return error;
  };
  const decoder = "onnx/decoder_model_merged.onnx";

  test.each<[string, (dir: string) => void, string, RegExp]>([
    [
      "a truncated decoder",
      (dir) => truncateSync(join(dir, decoder), 1_000_000),
      "onnx-truncated",
      /merged\.onnx/,
    ],
    [
      "a decoder of garbage",
      (dir) => writeFileSync(join(dir, decoder), "<html>404"),
      "model-file-web-page",
      /merged\.onnx/,
    ],
    [
      "a truncated vision encoder",
      (dir) => truncateSync(join(dir, "onnx/vision_encoder.onnx"), 20_000),
      "onnx-truncated",
      /vision_encoder\.onnx/,
    ],
    ["no tokenizer", (dir) => rmSync(join(dir, "tokenizer.json")), "model-file-missing", /tokenizer\.json/],
    [
      "a bad config.json",
      (dir) => writeFileSync(join(dir, "config.json"), "{"),
      "model-config-damaged",
      /JSON/,
    ],
    [
      "no folder",
      (dir) => rmSync(dir, { recursive: true }) ?? writeFileSync(dir, ""),
      "model-not-folder",
      /folder/,
    ],
  ])("%s", async (_, change, code, words) => {
    const error = await refuse(change);
    expect(error).toMatchObject({
      code: containing(code),
      message: matching(words),
      nextStep: matching(/^[A-Z][^]*\.$/),
    });
    await expect(other.explain(bundledRequest())).rejects.toMatchObject({ code: "no-model" });
  });

  test("then a good one", async () => {
    await expect(other.load(LOAD)).resolves.toMatchObject({ name: "emoji-llava", dtype: "fp32" });
    const run = await other.explain(bundledRequest({ maxNewTokens: 1 }));
    expect(run.info.tokens).toHaveLength(1);
  });
});

describe("memory that runs out", () => {
  test("inside ONNX Runtime: said so, and the process goes on", async () => {
    const other = await startModelProcess();
    const modelDir = hungryP1();
    try {
      const request = explainRequest({ imagePath: EXAMPLE_PICTURE, prompt: "<image> x", maxNewTokens: 2 });
      const work = async () => {
        await other.load({ modelDir, device: "cpu", dtype: "fp32" });
        await other.explain(request);
      };
      await expect(work()).rejects.toMatchObject({
        code: "out-of-memory",
        message: matching(/^Memory ran out .*Failed to allocate memory/s),
        nextStep: "Close other programs, or take a smaller model or a smaller dtype (q4).",
      });
      await expect(other.load(LOAD)).resolves.toMatchObject({ name: "emoji-llava" });
    } finally {
      await other.dispose();
      rmSync(modelDir, { recursive: true });
    }
  });

  test.skipIf(process.platform !== "linux")("a process that dies of it while loading", async () => {
    const node = join(folder, "node");
    // Enough for Node and the libraries, not for what loading reserves.
    writeFileSync(node, `#!/bin/sh\nulimit -v 3000000\nexec "${process.execPath}" "$@"\n`);
    chmodSync(node, 0o755);
    const other = await startModelProcess({ execPath: node });
    await expect(other.load(LOAD)).rejects.toMatchObject({
      code: "out-of-memory",
      message: matching(
        /^Memory ran out in the model process, and it ended \(.*\) during the loading of the model/,
      ),
      nextStep: containing("smaller dtype (q4)"),
    });
    await other.dispose();
  });
});

describe("stop", () => {
  const stages: readonly StageEvent["stage"][] = ["image", "prompt", "generating", "explaining", "saving"];

  test.each(stages)(
    "at the stage %s: a partial run or `cancelled`, and the next request works",
    async (stage) => {
      const abort = new AbortController();
      const seen: string[] = [];
      const onEvent = (event: ModelProcessEvent) => {
        if (event.kind === "stage") seen.push(event.stage);
        if (event.kind === "stage" && event.stage === stage) abort.abort();
      };
      const target = stage === "explaining" ? { text: "there is a dog and a frog" } : null;
      const request = toFile({ maxNewTokens: 60, captureEvery: 1, target });
      const outcome = await client.explainToFile(request, { onEvent, signal: abort.signal }).then(
        ({ info }) => (info.partial ? "partial" : "whole"),
        (error: { code: string }) => error.code,
      );
      expect(seen).toContain(stage);
      const allowed = { image: ["cancelled"], saving: ["whole"] }[stage as string] ?? [
        "cancelled",
        "partial",
      ];
      expect(allowed).toContain(outcome);
      await expectAlive();
    },
  );

  test("while tokens are generated: the tokens so far, soon", async () => {
    const abort = new AbortController();
    let after = 0;
    const onEvent = (event: ModelProcessEvent) => {
      if (event.kind !== "token") return;
      if (abort.signal.aborted) after++;
      if (event.index === 2) abort.abort();
    };
    // This sampling does not end by itself before the limit.
    const sampling = { temperature: 50, seed: 1, maxNewTokens: 80, captureEvery: 1 };
    const saved = await client.explainToFile(toFile(sampling), { onEvent, signal: abort.signal });
    expect(saved.info).toMatchObject({ partial: true, generation: { finish: "cancelled" } });
    expect(saved.info.tokens.length).toBe(3 + after);
    // What was on its way between the processes, not the rest of the answer.
    expect(after).toBeLessThan(40);
  });

  test("while it waits for another request: over at once, without having begun", async () => {
    const abort = new AbortController();
    const order: string[] = [];
    const running = client.explain(bundledRequest()).then(() => order.push("running"));
    const events: ModelProcessEvent[] = [];
    const waiting = client
      .explainToFile(toFile(), { signal: abort.signal, onEvent: (event) => events.push(event) })
      .catch((error: { code: string }) => order.push(error.code));
    abort.abort();
    await Promise.all([running, waiting]);
    expect(order).toEqual(["cancelled", "running"]);
    await expectAlive();
    expect(events).toEqual([]);
  });
});

describe("life and death", () => {
  test("two explanations at once: one after the other, each with its own events", async () => {
    const events: Record<string, ModelProcessEvent[]> = { one: [], two: [] };
    const ask = (name: string, prompt: string) =>
      client.explainToFile(toFile({ prompt, maxNewTokens: 20 }, name), {
        onEvent: (event) => events[name]?.push(event),
      });
    const [one, two] = await Promise.all([ask("one", "what do you see?"), ask("two", "is there a cat?")]);
    for (const [name, saved] of [
      ["one", one],
      ["two", two],
    ] as const) {
      const tokens = (events[name] ?? []).flatMap((event) => (event.kind === "token" ? [event.id] : []));
      expect(tokens).toEqual(saved.info.tokens.map((token) => token.id));
      const prepared = (events[name] ?? []).flatMap((event) => (event.kind === "prepared" ? [event] : []));
      expect(prepared.map((event) => event.info.id)).toEqual([saved.info.id]);
    }
    expect(one.info.id).not.toBe(two.info.id);
  });

  test("disposed in the middle of a run: no process is left", async () => {
    const other = await startModelProcess({ shutdownGraceMs: 60_000 });
    await other.load(LOAD);
    let started: () => void = () => {};
    const token = new Promise<void>((resolve) => (started = resolve));
    const running = other.explainToFile(toFile({ temperature: 50, seed: 1, maxNewTokens: 80 }), {
      onEvent: (event) => {
        if (event.kind === "token") started();
      },
    });
    const outcome = running.then(
      ({ info }) => info.partial,
      (error: { code: string }) => error.code,
    );
    await token;
    await other.dispose();
    expect([true, "cancelled"]).toContain(await outcome);
    expect(runs(other.pid ?? 0)).toBe(false);
  });

  test("killed in the middle of a run: said so, told to the host, and a new process works", async () => {
    const exits: (string | undefined)[] = [];
    const other = await startModelProcess({ onExit: (error) => exits.push(error?.code) });
    await other.load(LOAD);
    const running = other.explain(bundledRequest({ temperature: 50, seed: 1, maxNewTokens: 80 }), {
      onEvent: (event) => {
        if (event.kind === "token" && event.index === 1) process.kill(other.pid ?? 0, "SIGKILL");
      },
    });
    await expect(running).rejects.toMatchObject({
      code: "model-process-died",
      message: matching(/signal SIGKILL\) during an explanation/),
      nextStep: containing("out of memory"),
    });
    expect(exits).toEqual(["model-process-died"]);
    const next = await startModelProcess();
    await expect(next.load(LOAD)).resolves.toMatchObject({ name: "emoji-llava" });
    await next.dispose();
  });

  test("ends when the process that started it is killed in the middle of a run", async () => {
    const script = join(folder, "parent.mjs");
    writeFileSync(script, PARENT);
    const request = bundledRequest({ temperature: 50, seed: 1, maxNewTokens: 80, captureEvery: 1 });
    const parent = spawn(
      process.execPath,
      [script, modelProcessEntry(), JSON.stringify(LOAD), JSON.stringify(request)],
      { stdio: ["ignore", "pipe", "inherit"] },
    );
    const childPid = await new Promise<number>((resolve) => {
      parent.stdout.on("data", (chunk: Buffer) => resolve(Number(chunk.toString())));
    });
    expect(runs(childPid)).toBe(true);
    parent.kill("SIGKILL");
    await gone(childPid);
    expect(runs(childPid)).toBe(false);
  });
});

/** Loads, asks, and prints the model process's id at the first token. */
const PARENT = `
import { fork } from "node:child_process";
const [entry, load, request] = process.argv.slice(2);
const child = fork(entry, [], { serialization: "advanced" });
child.on("message", (message) => {
  if (message.kind !== "event" || message.event.kind !== "token" || message.event.index > 0) return;
  process.stdout.write(String(child.pid));
});
child.send({ kind: "request", id: 1, method: "load", params: JSON.parse(load) });
child.send({ kind: "request", id: 2, method: "explain", params: JSON.parse(request) });
`;
