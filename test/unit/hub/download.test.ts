import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { downloadModel } from "../../../src/hub/downloadModel.js";
import { askForOffer, begunPlan, planOf } from "../../../src/hub/offer.js";
import { discardDownload, storedModel, storedModels, unfinishedDownload } from "../../../src/hub/store.js";
import { etagOf } from "../../helpers/fakeHub.js";
import { noise, noisyModel } from "../../helpers/fakeHubModel.js";
import { HubTest, NAME } from "../../helpers/hubTest.js";
import { failureOf } from "../../helpers/thrownBy.js";

const DECODER = "onnx/decoder_model_merged_q4.onnx";
const MODEL = noisyModel();

let test: HubTest;
beforeEach(async () => {
  test = await HubTest.start();
});
afterEach(() => test.end());

const sentOf = (file: string) =>
  test.server.files.filter((seen) => seen.path.endsWith(file)).map(({ sent }) => sent);

/** The model is there, byte for byte, and nothing else of it is. */
async function expectWhole(): Promise<void> {
  const model = await storedModel(test.store, NAME);
  expect(model).toMatchObject({ dtypes: ["q4"], missing: [] });
  const names = [
    "README.md",
    "config.json",
    "dexar-model.json",
    DECODER,
    "onnx/embed_tokens.onnx",
    "onnx/vision_encoder_q4.onnx",
    "preprocessor_config.json",
    "tokenizer.json",
    "tokenizer_config.json",
  ];
  expect(test.filesInStore().map((file) => path.relative(NAME, file))).toEqual([...names].sort());
  for (const name of names.filter((file) => file !== "dexar-model.json")) {
    expect(
      readFileSync(path.join(model?.dir ?? "", name)).equals(MODEL.files[name] ?? new Uint8Array()),
    ).toBe(true);
  }
}

/** Nothing that a program could take for a model. */
async function expectUnusable(): Promise<void> {
  expect(await storedModels(test.store)).toEqual([]);
  expect(test.filesInStore().filter((file) => !file.startsWith(".downloads"))).toEqual([]);
}

describe("a download", () => {
  it("fetches what the weight type needs and nothing else, each byte once", async () => {
    const model = await test.download();
    await expectWhole();
    const total = test.server.files.reduce((sum, { sent }) => sum + sent, 0);
    expect(model.bytes).toBe(total);
    expect(test.server.files.every(({ path: asked }) => asked.includes("/resolve/c0ffee00"))).toBe(true);
  });

  it("tells how far it is, to the end", async () => {
    await test.download();
    const { progress } = test;
    expect(progress.map(({ received }) => received)).toEqual(
      progress.map(({ received }) => received).sort((a, b) => a - b),
    );
    expect(progress.at(-1)).toMatchObject({ phase: "checking", received: progress[0]?.total, file: DECODER });
  });

  it("goes on where a connection broke: the server sends nothing twice", async () => {
    test.server.fault = test.dropAfter(DECODER, 70_000, 2);
    await test.download();
    await expectWhole();
    expect(sentOf(DECODER)).toEqual([70_000, 70_000, 60_000]);
    expect(
      test.server.files.filter(({ path: asked }) => asked.endsWith(DECODER)).map(({ range }) => range),
    ).toEqual([undefined, "bytes=70000-", "bytes=140000-"]);
    expect(test.waits).toEqual([500, 500]);
  });

  it("may be cut off any number of times as long as bytes come", async () => {
    test.server.fault = test.dropAfter(DECODER, 10_000, 12);
    await test.download();
    await expectWhole();
    expect(sentOf(DECODER).reduce((sum, sent) => sum + sent)).toBe(200_000);
  });

  it("gives up after five failures in a row, keeps what came, and goes on from there", async () => {
    const drop = test.dropAfter(DECODER, 70_000);
    test.server.fault = (request, response, seen) => {
      if (!seen.path.endsWith(DECODER) || drop(request, response, seen)) return seen.path.endsWith(DECODER);
      response.writeHead(503).end();
      return true;
    };
    expect(await failureOf(test.download())).toMatchObject({ code: "hub-unreachable" });
    expect(test.waits).toEqual([500, 1000, 2000, 4000]);
    await expectUnusable();
    expect(await unfinishedDownload(test.store, NAME)).toMatchObject({
      dtype: "q4",
      total: test.progress[0]?.total,
    });
    test.server.fault = null;
    await test.download();
    await expectWhole();
    expect(sentOf(DECODER).at(-1)).toBe(130_000);
  });

  it("takes nothing that came of another commit, whose files may have the same names and sizes", async () => {
    test.server.fault = (_, response, { path: asked }) => {
      if (asked.endsWith(DECODER)) response.writeHead(500).end();
      return asked.endsWith(DECODER);
    };
    await failureOf(test.download());
    const file = "onnx/embed_tokens.onnx";
    expect(test.filesInStore()).toContain(path.join(".downloads", NAME, "files", file));
    const bytes = noise(90_000, "other");
    test.server.models[NAME] = { files: { ...MODEL.files, [file]: bytes }, commit: "d".repeat(40) };
    Object.assign(test.server, { fault: null });
    test.server.seen.length = 0;
    const hub = test.hub();
    const plan = planOf(await askForOffer(hub, test.store, { name: NAME, revision: null }), "q4");
    const { dir } = await downloadModel(hub, test.store, plan, { accepted: false, onProgress: () => {} });
    expect(readFileSync(path.join(dir, file)).equals(bytes)).toBe(true);
    expect(test.server.files).toHaveLength(plan.files.length);
  });

  it("that was installed, and only not cleared away, is begun no longer", async () => {
    test.server.fault = (_, response) => {
      response.writeHead(500).end();
      return true;
    };
    await failureOf(test.download());
    test.server.fault = null;
    const folder = path.join(test.store, ".downloads", NAME);
    const state = readFileSync(path.join(folder, "download.json"));
    await test.download();
    mkdirSync(folder, { recursive: true });
    writeFileSync(path.join(folder, "download.json"), state);
    const wish = { name: NAME, revision: null };
    expect(await unfinishedDownload(test.store, NAME)).toBeNull();
    expect(await begunPlan(test.store, { ...wish, dtype: null })).toBeNull();
    expect(await begunPlan(test.store, { ...wish, dtype: "fp32" })).toBeNull();
    await discardDownload(test.store, NAME);
    expect(test.filesInStore().filter((file) => file.startsWith(".downloads"))).toEqual([]);
    // Of a model that was damaged since it is begun: the rest is to be fetched.
    mkdirSync(folder, { recursive: true });
    writeFileSync(path.join(folder, "download.json"), state);
    rmSync(path.join(test.store, NAME, DECODER));
    expect(await begunPlan(test.store, { ...wish, dtype: null })).toMatchObject({ dtype: "q4" });
    expect((await test.download()).missing).toEqual([]);
  });

  it("mends a model that lacks files: in the weight type that lacks them, when none is named", async () => {
    await test.download({ dtype: "fp32" });
    await test.download({ dtype: "q4" });
    const [fp32, q4] = ["onnx/decoder_model_merged.onnx_data", DECODER];
    for (const file of [fp32, q4]) rmSync(path.join(test.store, NAME, file));
    const failure = await failureOf(test.download({ dtype: null }));
    expect([failure.code, failure.message]).toEqual([
      "model-not-whole",
      `${NAME} is here in fp32 now, but files of another weight type are gone: ${q4}.`,
    ]);
    expect(await test.download({ dtype: null })).toMatchObject({ dtypes: ["fp32", "q4"], missing: [] });
  });

  it("pauses and resumes, another program in between", async () => {
    test.server.slowMs = 40;
    const paused = test.download({
      onProgress: ({ received, file }) => {
        if (file === DECODER && received > 170_000) test.pause();
      },
    });
    await expect(paused).rejects.toMatchObject({ name: "AbortError" });
    await expectUnusable();
    const part = path.join(test.store, ".downloads", NAME, "files", `${DECODER}.part`);
    const { length } = readFileSync(part);
    expect(length).toBeGreaterThan(0);
    expect((await unfinishedDownload(test.store, NAME))?.received).toBeGreaterThan(170_000);
    test.server.slowMs = 0;
    // Nothing is remembered but what lies on disk: no weight type is named, no list of files asked for again.
    test.server.seen.length = 0;
    await test.download({ dtype: null });
    await expectWhole();
    expect(test.server.seen.map(({ range, sent }) => [range, sent])).toEqual([
      [`bytes=${length}-`, 200_000 - length],
    ]);
    expect(test.server.seen[0]?.ifRange).toBe(etagOf(MODEL.files[DECODER] ?? new Uint8Array()));
  });

  it("starts a file again where the server ignores ranges", async () => {
    const drop = test.dropAfter(DECODER, 70_000);
    test.server.fault = (request, response, seen) => {
      if (drop(request, response, seen)) return true;
      if (!seen.path.endsWith(DECODER)) return false;
      void test.server.send(response, MODEL.files[DECODER] ?? new Uint8Array(), seen, true);
      return true;
    };
    await test.download();
    await expectWhole();
    expect(sentOf(DECODER)).toEqual([70_000, 200_000]);
  });

  it("starts a file again whose content changed on the server since", async () => {
    const drop = test.dropAfter(DECODER, 70_000);
    test.server.fault = (request, response, seen) => {
      if (!seen.path.endsWith(DECODER) || drop(request, response, seen)) return seen.path.endsWith(DECODER);
      response.writeHead(503).end();
      return true;
    };
    await failureOf(test.download());
    const folder = path.join(test.store, ".downloads", NAME);
    writeFileSync(path.join(folder, "files", `${DECODER}.part`), noise(70_000, "of an older upload"));
    const state = readFileSync(path.join(folder, "download.json"), "utf8");
    const tag = etagOf(MODEL.files[DECODER] ?? new Uint8Array()).replaceAll('"', "");
    expect(state).toContain(tag);
    writeFileSync(path.join(folder, "download.json"), state.replaceAll(`\\"${tag}\\"`, '\\"older\\"'));
    test.server.fault = null;
    await test.download();
    await expectWhole();
    expect(test.server.files.at(-1)).toMatchObject({
      range: "bytes=70000-",
      ifRange: '"older"',
      sent: 200_000,
    });
  });

  it("starts again after bytes that were wrong, and says so when they are wrong twice", async () => {
    const wrong = noise(200_000, "wrong");
    let times = 1;
    test.server.fault = (_, response, seen) => {
      if (!seen.path.endsWith(DECODER) || times-- === 0) return false;
      void test.server.send(response, wrong, seen);
      return true;
    };
    await test.download();
    await expectWhole();
    expect(sentOf(DECODER)).toEqual([200_000, 200_000]);
  });

  it("keeps nothing of a file that is wrong twice", async () => {
    test.server.fault = (_, response, seen) => {
      if (!seen.path.endsWith(DECODER)) return false;
      void test.server.send(response, noise(200_000, "wrong"), seen);
      return true;
    };
    expect(await failureOf(test.download())).toMatchObject({
      code: "download-damaged",
      message: expect.stringContaining(DECODER) as string,
    });
    await expectUnusable();
    expect(test.filesInStore().some((file) => file.includes("decoder"))).toBe(false);
  });

  it("checks small files too, by their git hash", async () => {
    test.server.fault = (_, response, seen) => {
      if (!seen.path.endsWith("/config.json")) return false;
      const bytes = MODEL.files["config.json"]?.slice() ?? new Uint8Array();
      bytes[3] = 65;
      void test.server.send(response, bytes, seen);
      return true;
    };
    expect(await failureOf(test.download())).toMatchObject({ code: "download-damaged" });
    await expectUnusable();
  });

  it.each([
    ["a shorter file", 150_000],
    ["a longer file", 260_000],
  ])("refuses %s than the list says", async (_, length) => {
    test.server.fault = (_request, response, seen) => {
      if (!seen.path.endsWith(DECODER)) return false;
      void test.server.send(response, noise(length, "x"), seen);
      return true;
    };
    expect(await failureOf(test.download())).toMatchObject({
      code: "hub-unexpected",
      message: expect.stringContaining(`has ${length} bytes there, and 200000 in the list`) as string,
    });
    await expectUnusable();
  });

  it.each([150_000, 260_000])("refuses %i bytes that come without a length", async (length) => {
    test.server.fault = (_request, response, seen) => {
      if (!seen.path.endsWith(DECODER)) return false;
      if (seen.range !== undefined) response.writeHead(416).end();
      else response.writeHead(200).end(noise(length, "x"));
      return true;
    };
    expect(["hub-unreachable", "download-damaged"]).toContain((await failureOf(test.download())).code);
    await expectUnusable();
  });

  it("gives up a connection that brings nothing, and goes on", async () => {
    let stalls = 1;
    test.server.fault = (_, response, seen) => {
      if (!seen.path.endsWith(DECODER) || stalls-- === 0) return false;
      response.writeHead(200, { "content-length": 200_000 }).write(MODEL.files[DECODER]?.subarray(0, 1000));
      return true;
    };
    const patience = { ...test.hub().patience, stalledAfterMs: 300 };
    await test.download({ hub: { patience } });
    await expectWhole();
    expect(test.server.files.map(({ range }) => range)).toContain("bytes=1000-");
    expect(test.progress.find(({ phase }) => phase === "waiting")?.waiting?.reason).toContain(
      "nothing came for 0.3 s",
    );
  });

  it("adds a weight type to a model that is there, fetching only what it lacks", async () => {
    await test.download();
    test.server.seen.length = 0;
    const model = await test.download({ dtype: "fp32" });
    expect(model).toMatchObject({ dtypes: ["q4", "fp32"], missing: [] });
    expect(test.server.files.map(({ path: asked }) => path.basename(asked)).sort()).toEqual([
      "decoder_model_merged.onnx",
      "decoder_model_merged.onnx_data",
      "vision_encoder.onnx",
    ]);
    expect(test.filesInStore().filter((file) => file.startsWith(".downloads"))).toEqual([]);
  });

  it("does nothing when the model is there", async () => {
    await test.download();
    test.server.seen.length = 0;
    await test.download();
    expect(test.server.files).toEqual([]);
  });

  it("mends a model that lost a file", async () => {
    const { dir } = await test.download();
    writeFileSync(path.join(dir, DECODER), "cut");
    expect((await storedModel(test.store, NAME))?.missing).toEqual([DECODER]);
    await test.download();
    await expectWhole();
  });
});
