import { mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { rename } from "node:fs/promises";
import { hostname } from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { inspect } from "node:util";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { buildBundle } from "../../../scripts/build.js";
import { BUNDLES } from "../../../scripts/bundles.js";
import { openHub } from "../../../src/cli/hub/openHub.js";
import { serializeError } from "../../../src/core/serializedError.js";
import { readModel } from "../../../src/hub/hubApi.js";
import { hubEndpoint } from "../../../src/hub/hubEndpoint.js";
import { downloadModel } from "../../../src/hub/downloadModel.js";
import { askForOffer, planOf } from "../../../src/hub/offer.js";
import { readToken } from "../../../src/hub/readToken.js";
import { retryAfter } from "../../../src/hub/request.js";
import { discardDownload, lockFile, removeModel, storedModels } from "../../../src/hub/store.js";
import { FakeHub, type Fault } from "../../helpers/fakeHub.js";
import { noisyModel } from "../../helpers/fakeHubModel.js";
import { FakeProxy } from "../../helpers/fakeProxy.js";
import { HubTest, NAME } from "../../helpers/hubTest.js";
import { failureOf, thrownBy } from "../../helpers/thrownBy.js";

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

describe("the token", () => {
  it("goes to the hub, not to where it redirects", async () => {
    const other = await new FakeHub(test.server.models).start();
    test.server.fault = (_, response, seen) => {
      response
        .writeHead(302, { location: `http://localhost:${other.port}${seen.path}?signature=abc` })
        .end("moved");
      return true;
    };
    await test.download({ hub: { token: TOKEN } });
    expect(await storedModels(test.store)).toHaveLength(1);
    expect(test.server.seen.every(({ authorization }) => authorization === `Bearer ${TOKEN}`)).toBe(true);
    expect(other.seen).toHaveLength(test.server.files.length);
    expect(other.seen.map(({ authorization }) => authorization)).toEqual(other.seen.map(() => undefined));
    await other.stop();
  });

  it("resumes through redirects, ranges and all", async () => {
    const other = await new FakeHub(test.server.models).start();
    other.slowMs = 40;
    test.server.fault = (_, response, seen) => {
      response.writeHead(302, { location: `${other.url}${seen.path}` }).end();
      return true;
    };
    const onProgress = ({ file, received }: { file: string; received: number }) => {
      if (file === DECODER && received > 170_000) test.pause();
    };
    await expect(test.download({ onProgress })).rejects.toThrow();
    other.slowMs = 0;
    await test.download();
    expect(await storedModels(test.store)).toHaveLength(1);
    expect(other.files.at(-1)?.range).toMatch(/^bytes=\d+-$/);
    expect(other.files.at(-1)?.sent).toBeLessThan(200_000);
    await other.stop();
  });

  it("is not sent where others can read it", async () => {
    const seen: Record<string, string>[] = [];
    const fetch = async (_: string, init: { headers: Record<string, string> }) => {
      seen.push(init.headers);
      return new Response("no", { status: 404 });
    };
    for (const endpoint of ["http://hub.example", "https://hub.example"]) {
      await failureOf(readModel(test.hub({ endpoint, fetch, token: TOKEN }), NAME, "main"));
    }
    expect(seen.map(({ authorization }) => authorization)).toEqual([undefined, `Bearer ${TOKEN}`]);
  });

  it.each([401, 403])("that was kept back from plain http is told of after %i", async (status) => {
    const fetch = async () => new Response("no", { status });
    const hub = (endpoint: string) => test.hub({ endpoint, fetch, token: TOKEN });
    const ask = (endpoint: string) => failureOf(readModel(hub(endpoint), NAME, "main"));
    expect((await ask("http://hub.example")).nextStep).toContain(
      "your token was not sent, as it only goes over https",
    );
    expect((await ask("https://hub.example")).nextStep).not.toContain("was not sent");
  });

  it("that was kept back from another address is told of", async () => {
    const fetch = async (url: string) =>
      url.startsWith("http:")
        ? new Response("", { status: 302, headers: { location: url.replace("http:", "https:") } })
        : new Response("no", { status: 401 });
    const hub = test.hub({ endpoint: "http://hub.example", fetch, token: TOKEN });
    const failure = await failureOf(readModel(hub, NAME, "main"));
    expect(failure.code).toBe("hub-token-needed");
    expect(failure.nextStep).toContain("your token was not sent, as it only goes to the hub itself");
  });

  it.each([`${TOKEN}\nmore`, `${TOKEN}…`, `my ${TOKEN}`])(
    "that cannot be one is not repeated: %j",
    async (token) => {
      const failure = await failureOf(test.download({ hub: { token } }));
      expect(failure.code).toBe("hub-token-broken");
      expect(inspect(failure, { depth: Infinity, showHidden: true })).not.toContain(TOKEN);
      expect(test.server.seen).toEqual([]);
    },
  );

  it("does not follow to an address with a password", async () => {
    const location = "https://me:secret@other.example/x";
    const fetch = async () => new Response("", { status: 302, headers: { location } });
    const failure = await failureOf(
      readModel(test.hub({ endpoint: "https://hub.example", fetch }), NAME, "main"),
    );
    expect(failure.code).toBe("hub-unexpected");
    expect(inspect(failure, { depth: Infinity, showHidden: true })).not.toContain("secret");
  });

  it("does not follow from https to http, nor in circles", async () => {
    const redirect = (location: string) => async () =>
      new Response("", { status: 302, headers: { location } });
    const ask = (location: string) =>
      failureOf(
        readModel(test.hub({ endpoint: "https://hub.example", fetch: redirect(location) }), NAME, "main"),
      );
    expect((await ask("http://hub.example/x")).message).toContain("from https to http:");
    expect((await ask("https://hub.example/x")).message).toContain("more than 10 times");
    expect((await ask("file:///etc/passwd")).message).toContain("redirects to file:");
  });

  it.each([401, 403, 404, 429, 500])("is in no error after %i, nor in what it is made of", async (status) => {
    test.server.faultOfAll = answer(status);
    const failure = await failureOf(test.download({ hub: { token: TOKEN } }));
    expect(inspect(failure, { depth: Infinity, showHidden: true })).not.toContain(TOKEN);
    expect(JSON.stringify([serializeError(failure), test.progress])).not.toContain(TOKEN);
  });

  it("is in no file", async () => {
    test.server.fault = answer(500);
    await failureOf(test.download({ hub: { token: TOKEN } }));
    for (const file of test.filesInStore()) {
      expect(readFileSync(path.join(test.store, file), "latin1")).not.toContain(TOKEN);
    }
  });

  it("is found as the Hugging Face tools find it", async () => {
    const home = path.join(test.store, "home");
    mkdirSync(path.join(home, ".cache/huggingface"), { recursive: true });
    writeFileSync(path.join(home, ".cache/huggingface/token"), "of-file\n");
    writeFileSync(path.join(home, "elsewhere"), " named ");
    expect(await readToken({}, home)).toBe("of-file");
    expect(await readToken({ HF_TOKEN: "of-env" }, home)).toBe("of-env");
    expect(await readToken({ HF_TOKEN_PATH: "~/elsewhere" }, home)).toBe("named");
    expect(await readToken({ HF_HOME: path.join(home, "none") }, home)).toBeNull();
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

describe("the way to the hub", () => {
  it("is the setting's, the environment's, the public one", () => {
    expect(hubEndpoint({})).toBe("https://huggingface.co");
    expect(hubEndpoint({ HF_ENDPOINT: "https://mirror.example/hf/" })).toBe("https://mirror.example/hf");
    expect(hubEndpoint({ HF_ENDPOINT: "https://a.example" }, "http://b.example")).toBe("http://b.example");
  });

  it.each([
    ["https://me:secret@hub.example", "https://…@hub.example"],
    ["https://:secret@hub.example", "https://…@hub.example"],
    ["https://me:sec/secret@hub.example", "https://…@hub.example"],
    ["https://me:sec@secret@hub.example/hf", "https://…@hub.example/hf"],
    ["https://me:sec?secret@hub.example", "https://…"],
    ["me:secret@hub.example", "…@hub.example"],
    ["https://hub.example/?token=secret", "https://hub.example/…"],
    ["https://hub.example/?token=sec@secret", "https://…"],
    ["https://hub.example#secret", "https://hub.example…"],
    ["ftp://hub.example", "ftp://hub.example"],
  ])("is not %s, whose secrets are in no message", (address, shown) => {
    for (const failure of [
      thrownBy(() => hubEndpoint({}, address)),
      thrownBy(() => hubEndpoint({ HF_ENDPOINT: address })),
    ]) {
      expect(failure.code).toBe("hub-endpoint");
      expect(failure.message).toContain(`"${shown}"`);
      expect(inspect(failure, { depth: Infinity, showHidden: true })).not.toContain("secret");
    }
  });

  it.each(["me:secret@proxy.example", "http://me:%secret@proxy.example", "secret"])(
    "is through no proxy %s, and says so without it",
    async (proxy) => {
      const { signal } = new AbortController();
      const failure = await failureOf(openHub({ HTTPS_PROXY: proxy, HF_TOKEN_PATH: "none" }, signal));
      expect(failure.code).toBe("hub-proxy");
      expect(inspect(failure, { depth: Infinity, showHidden: true })).not.toContain("secret");
    },
  );

  it.each([
    ["from the sources", async () => ({ openHub })],
    ["as it is built", builtOpenHub],
  ])(
    "goes through the proxy of the environment, and around it where NO_PROXY says so: %s",
    async (_, load) => {
      const { openHub: open } = await load();
      const proxy = await new FakeProxy(test.server.port).start();
      const env = { HF_ENDPOINT: "http://hub.invalid", HTTP_PROXY: proxy.url, HF_TOKEN_PATH: "none" };
      const { signal } = new AbortController();
      const model = await readModel(await open(env, signal), NAME, "main");
      expect(model.name).toBe(NAME);
      expect(proxy.hosts.join()).toContain("hub.invalid");
      const around = { ...env, HF_ENDPOINT: test.server.url, NO_PROXY: "127.0.0.1" };
      const before = proxy.hosts.length;
      await readModel(await open(around, signal), NAME, "main");
      expect(proxy.hosts).toHaveLength(before);
      await proxy.stop();
    },
  );

  /** The module in a bundle such as the command line's: packages are imported in another way there. */
  async function builtOpenHub(): Promise<{ readonly openHub: typeof openHub }> {
    const cli = BUNDLES.find(({ out }) => out === "dist/cli.js");
    if (cli === undefined) throw new Error("the command line is not in scripts/bundles.js");
    const file = path.join(test.store, "openHub.mjs");
    await buildBundle({ ...cli, entry: "src/cli/hub/openHub.ts" }, file);
    return (await import(pathToFileURL(file).href)) as { readonly openHub: typeof openHub };
  }
});
