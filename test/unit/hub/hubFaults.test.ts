import { mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { rename } from "node:fs/promises";
import { hostname } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { readModel } from "../../../src/hub/hubApi.js";
import { downloadModel } from "../../../src/hub/downloadModel.js";
import { askForOffer, planOf } from "../../../src/hub/offer.js";
import { retryAfter } from "../../../src/hub/request.js";
import { discardDownload, lockFile, removeModel, storedModels } from "../../../src/hub/store.js";
import { type Fault } from "../../helpers/fakeHub.js";
import { noisyModel } from "../../helpers/fakeHubModel.js";
import { HubTest, NAME } from "../../helpers/hubTest.js";
import { failureOf } from "../../helpers/thrownBy.js";

const TOKEN = "hf_SecretOfTheUser";
const DECODER = "onnx/decoder_model_merged_q4.onnx";

vi.mock("node:fs/promises", { spy: true });

let test: HubTest;
beforeEach(async () => {
  test = await HubTest.start();
});
afterEach(() => test.end());

const answer =
  (status: number, headers: Record<string, string> = {}, times = Infinity): Fault =>
  (_, response) => {
    if (times-- <= 0) return false;
    response.writeHead(status, headers).end("no");
    return true;
  };

describe("what the hub refuses", () => {
  it.each([
    [401, null, "hub-token-needed", "HF_TOKEN"],
    [401, TOKEN, "hub-token-refused", "HF_TOKEN"],
    [403, null, "hub-gated", "accept the conditions and give DEX-AR a token"],
    [403, TOKEN, "hub-gated", "with the account of your token"],
    [404, null, "hub-not-found", "Check the name"],
    [418, null, "hub-unexpected", "HF_ENDPOINT"],
  ])("says what to do after %i (token: %s)", async (status, token, code, step) => {
    test.server.faultOfAll = answer(status);
    const failure = await failureOf(test.download({ hub: { token } }));
    expect(failure.code).toBe(code);
    expect(failure.message).toContain(NAME);
    expect(failure.nextStep).toContain(step);
    expect(test.server.seen).toHaveLength(1);
    expect(test.filesInStore()).toEqual([]);
  });

  it("says so where only the files are behind conditions", async () => {
    test.server.fault = answer(403);
    expect(await failureOf(test.download())).toMatchObject({
      code: "hub-gated",
      nextStep: expect.stringContaining(`${test.server.url}/${NAME}`) as string,
    });
    expect(await storedModels(test.store)).toEqual([]);
  });

  it("waits as long as Retry-After says, then goes on", async () => {
    test.server.fault = answer(429, { "retry-after": "7" }, 2);
    await test.download();
    expect(test.waits).toEqual([7000, 7000]);
    expect(test.progress.find(({ phase }) => phase === "waiting")?.waiting).toMatchObject({ seconds: 7 });
    expect(await storedModels(test.store)).toHaveLength(1);
  });

  it.each([
    ["again and again", "1", 4],
    ["for an hour", "3600", 0],
  ])("does not wait %s", async (_, seconds, waits) => {
    test.server.faultOfAll = answer(429, { "retry-after": seconds });
    expect(await failureOf(test.download())).toMatchObject({ code: "hub-busy" });
    expect(test.waits).toHaveLength(waits);
  });

  it("reads both forms of Retry-After", () => {
    expect(retryAfter("12")).toBe(12_000);
    expect(retryAfter("Mon, 23 Nov 2026 20:00:05 GMT", Date.UTC(2026, 10, 23, 20))).toBe(5000);
    expect(retryAfter("soon")).toBeNull();
    expect(retryAfter(null)).toBeNull();
  });

  it("knows a login page from a hub", async () => {
    test.server.faultOfAll = (_, response) => {
      response.writeHead(200, { "content-type": "text/html" }).end("<html>Please log in</html>");
      return true;
    };
    expect(await failureOf(test.download())).toMatchObject({ code: "hub-unexpected" });
  });

  it.each(["../../etc/passwd", "a/b/c", "owner/..", "-x/y", "owner"])(
    "asks for no model %s",
    async (name) => {
      const failure = await failureOf(readModel(test.hub(), name, "main"));
      expect(failure.code).toBe("hub-bad-name");
      expect(test.server.seen).toEqual([]);
      await expect(removeModel(test.store, name)).rejects.toMatchObject({ code: "hub-bad-name" });
    },
  );

  it("gives a hub up that takes the question and never answers", async () => {
    test.server.faultOfAll = () => true;
    const patience = { wait: async (ms: number) => void test.waits.push(ms), stalledAfterMs: 50 };
    const failure = await failureOf(test.download({ hub: { patience } }));
    expect(failure).toMatchObject({ code: "hub-unreachable" });
    expect(failure.message).toContain("nothing came for 0.05 s");
    expect(test.waits).toHaveLength(4);
  });

  it("says that nobody answers", async () => {
    const failure = await failureOf(test.download({ hub: { endpoint: "http://127.0.0.1:1" } }));
    expect(failure.code).toBe("hub-unreachable");
    expect(failure.message).toMatch(/127\.0\.0\.1:1 does not answer as it should \(\w+.*\)/);
  });
});

describe("licences", () => {
  it.each([
    [{ license: "gemma" }, "gemma"],
    [
      { license: "other", license_name: "apple-amlr", license_link: "https://x.example/licence" },
      "https://x.example/licence",
    ],
    [{}, "names no licence"],
  ])("have to be accepted: %o", async (card, words) => {
    await test.end();
    test = await HubTest.start(noisyModel({ card }));
    const failure = await failureOf(test.download());
    expect(failure.code).toBe("licence-not-accepted");
    expect(`${failure.message} ${failure.nextStep}`).toContain(words);
    expect(test.server.files).toEqual([]);
    expect(test.filesInStore()).toEqual([]);
    await test.download({ accepted: true });
    expect(await storedModels(test.store)).toHaveLength(1);
  });

  it("are asked about once: a paused download was accepted", async () => {
    await test.end();
    test = await HubTest.start(noisyModel({ card: { license: "gemma" } }));
    test.server.fault = answer(500);
    await failureOf(test.download({ accepted: true }));
    test.server.fault = null;
    await test.download({ accepted: false });
    expect(await storedModels(test.store)).toHaveLength(1);
  });
});

describe("the disk", () => {
  it("is checked before the first byte", async () => {
    const failure = await failureOf(test.download({ freeBytes: async () => 100e6 }));
    expect(failure.code).toBe("not-enough-disk");
    expect(failure.message).toMatch(/0 MB and 100 MB to spare are needed, 100 MB are free/);
    expect(test.server.files).toEqual([]);
  });

  it.runIf(process.platform === "linux")("that becomes full costs nothing of what came", async () => {
    const part = path.join(test.store, ".downloads", NAME, "files", `${DECODER}.part`);
    test.server.fault = answer(500);
    await failureOf(test.download());
    test.server.fault = null;
    // A device that says ENOSPC at each write.
    symlinkSync("/dev/full", part);
    const failure = await failureOf(test.download());
    expect(failure.code).toBe("not-enough-disk");
    expect(failure.message).toContain("ENOSPC");
    expect(await storedModels(test.store)).toEqual([]);
    expect(test.filesInStore().some((file) => file.endsWith("files/onnx/embed_tokens.onnx"))).toBe(true);
    await discardDownload(test.store, NAME);
    await test.download();
    expect(await storedModels(test.store)).toHaveLength(1);
  });

  it("may not be written to", async () => {
    writeFileSync(path.join(test.store, ".downloads"), "a file where a folder should be");
    expect(await failureOf(test.download())).toMatchObject({ code: "model-store-not-writable" });
  });
});

describe("models in the store", () => {
  it("are downloaded by one program at a time, and by another when that is gone", async () => {
    const lock = lockFile(test.store, NAME);
    mkdirSync(path.dirname(lock), { recursive: true });
    writeFileSync(lock, JSON.stringify({ pid: process.pid, host: hostname() }));
    expect(await failureOf(test.download())).toMatchObject({ code: "download-under-way" });
    writeFileSync(lock, JSON.stringify({ pid: 2 ** 22 + 1, host: hostname() }));
    await test.download();
    expect(await storedModels(test.store)).toHaveLength(1);
  });

  it("are of one revision", async () => {
    await test.download();
    const hub = test.hub();
    test.server.models[NAME] = noisyModel({ commit: "d".repeat(40) });
    const newer = planOf(await askForOffer(hub, test.store, { name: NAME, revision: "main" }), "fp32");
    const options = { accepted: false, onProgress: () => {} };
    expect(await failureOf(downloadModel(hub, test.store, newer, options))).toMatchObject({
      code: "model-other-revision",
    });
  });

  it("do not overwrite what somebody else put there", async () => {
    mkdirSync(path.join(test.store, NAME), { recursive: true });
    writeFileSync(path.join(test.store, NAME, "config.json"), "mine");
    expect(await failureOf(test.download())).toMatchObject({ code: "model-folder-taken" });
    expect(test.filesInStore()).toEqual([path.join(NAME, "config.json")]);
  });

  it("are removed where no download ever was, such as in a copy of the store", async () => {
    await test.download();
    rmSync(path.join(test.store, ".downloads"), { recursive: true });
    expect(await removeModel(test.store, NAME)).toBeGreaterThan(0);
    expect(test.filesInStore()).toEqual([]);
  });

  it("that are in use, as Windows says it, are kept, with what to do", async () => {
    await test.download();
    const busy = Object.assign(new Error("busy"), { code: "EBUSY" });
    vi.mocked(rename).mockRejectedValueOnce(busy);
    const failure = await failureOf(removeModel(test.store, NAME));
    expect([failure.code, failure.nextStep.includes("Stop Model")]).toEqual(["model-not-removable", true]);
    expect(await storedModels(test.store)).toHaveLength(1);
  });

  it("are removed with what was begun of them, and nothing else is", async () => {
    const { bytes } = await test.download();
    writeFileSync(path.join(test.store, "mine.txt"), "stays");
    test.server.fault = answer(500);
    await failureOf(test.download({ dtype: "fp32" }));
    expect(await removeModel(test.store, NAME)).toBeGreaterThan(bytes);
    expect(test.filesInStore()).toEqual(["mine.txt"]);
    expect(await failureOf(removeModel(test.store, NAME))).toMatchObject({ code: "model-not-stored" });
  });
});
