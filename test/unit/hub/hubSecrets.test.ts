import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { inspect } from "node:util";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { buildBundle } from "../../../scripts/build.js";
import { BUNDLES } from "../../../scripts/bundles.js";
import { openHub } from "../../../src/cli/hub/openHub.js";
import { serializeError } from "../../../src/core/serializedError.js";
import { readModel } from "../../../src/hub/hubApi.js";
import { hubEndpoint } from "../../../src/hub/hubEndpoint.js";
import { readToken } from "../../../src/hub/readToken.js";
import { storedModels } from "../../../src/hub/store.js";
import { FakeHub, type Fault } from "../../helpers/fakeHub.js";
import { FakeProxy } from "../../helpers/fakeProxy.js";
import { HubTest, NAME } from "../../helpers/hubTest.js";
import { failureOf, thrownBy } from "../../helpers/thrownBy.js";

const TOKEN = "hf_SecretOfTheUser";
const DECODER = "onnx/decoder_model_merged_q4.onnx";

let test: HubTest;
beforeEach(async () => {
  test = await HubTest.start();
});
afterEach(() => test.end());

const answer =
  (status: number): Fault =>
  (_, response) => {
    response.writeHead(status).end("no");
    return true;
  };

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
