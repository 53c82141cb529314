import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type * as vscode from "vscode";
import { registerCommands } from "../../../src/host/commands/index.js";
import { HubToken } from "../../../src/host/models/hubToken.js";
import { ModelsAndDownloads } from "../../../src/host/models/modelLibrary.js";
import { percent } from "../../../src/host/views/hubModelRows.js";
import { ModelsView, type ModelsNode } from "../../../src/host/views/modelsView.js";
import { fakeServices } from "../../helpers/fakeServices.js";
import { fake, Uri, type Shown } from "../../helpers/fakeVscode.js";
import { noisyModel } from "../../helpers/fakeHubModel.js";
import { SETTINGS } from "../../helpers/hostServices.js";
import { HubTest, NAME } from "../../helpers/hubTest.js";

const TOKEN = "hf_SecretOfTheUser";

let test: HubTest;
let library: ModelsAndDownloads;
let view: ModelsView;
let secrets: Map<string, string>;
let bundled: string;
let asked: readonly (readonly unknown[])[];

beforeEach(async () => {
  fake.reset();
  test = await HubTest.start();
  vi.stubEnv("HF_HUB_CACHE", path.join(test.store, "no-cache"));
  vi.stubEnv("HF_TOKEN_PATH", path.join(test.store, "no-token"));
  vi.stubEnv("HF_TOKEN", "");
  bundled = path.join(test.store, "bundled");
  mkdirSync(path.join(bundled, "emoji-llava", "onnx"), { recursive: true });
  writeFileSync(path.join(bundled, "emoji-llava", "config.json"), "{}");
  secrets = new Map();
  const storage = {
    get: async (key: string) => secrets.get(key),
    store: async (key: string, value: string) => void secrets.set(key, value),
    delete: async (key: string) => void secrets.delete(key),
  } as unknown as vscode.SecretStorage;
  const store = path.join(test.store, "store");
  const readSettings = () => {
    const chosen = fake.userSettings.get("dexar.model.path");
    const dir = typeof chosen === "string" ? chosen : path.join(bundled, "emoji-llava");
    return { ...SETTINGS, modelStore: store, hubEndpoint: test.server.url, model: { dir, name: "x" } };
  };
  const usedFolders = async () => [];
  library = new ModelsAndDownloads({ readSettings, token: new HubToken(storage), bundled, usedFolders });
  const made = fakeServices();
  asked = made.asked;
  const services = () => ({ ...made.services, library });
  view = new ModelsView(services);
  const context = { subscriptions: [], extensionUri: Uri.file(path.dirname(bundled)), globalState: {} };
  registerCommands(context as unknown as vscode.ExtensionContext, services);
});
afterEach(async () => {
  view.dispose();
  await library.pauseAll();
  library.dispose();
  vi.unstubAllEnvs();
  await test.end();
});

const call = async (id: string, ...args: readonly unknown[]) =>
  fake.commands.get(`dexar.models.${id}`)?.(...args);
const pick = (label: string) => (shown: Shown) =>
  (shown.choices as { label: string }[]).find((choice) => choice.label === label);

/** The rows below a heading. */
async function rows(group: "here" | "public" = "here"): Promise<vscode.TreeItem[]> {
  return (await view.getChildren(group)).map((node) => view.getTreeItem(node));
}
async function row(name = NAME): Promise<{ node: ModelsNode; text: string; abilities: string }> {
  const nodes = [...(await view.getChildren("here")), ...(await view.getChildren("public"))];
  const node = nodes.find((one) => typeof one !== "string" && one.model.name === name);
  if (node === undefined) throw new Error(`no row ${name}`);
  const item = view.getTreeItem(node);
  return { node, text: String(item.description), abilities: String(item.contextValue) };
}

async function download(answers: readonly unknown[] = [pick("q4")]): Promise<void> {
  fake.answers.push(NAME, ...answers);
  await call("add");
}
/** Resolves when the expectations hold; on a slow machine that takes its time. */
const until = (holds: () => Promise<void> | void) => vi.waitFor(holds, 20_000);
const untilThere = () => until(async () => expect((await row()).abilities).toContain("remove"));

describe("the Models view", () => {
  it("lists what is on this machine, and public models apart from it", async () => {
    expect((await view.getChildren()).map((node) => view.getTreeItem(node).label)).toEqual([
      "On this machine",
      "Public models",
    ]);
    expect((await rows()).map(({ label, description }) => [label, description])).toEqual([
      ["emoji-llava", "in use · comes with DEX-AR"],
    ]);
    expect((await rows())[0]?.contextValue).toBe("dexarHubModel inspect");
    const [smol] = await rows("public");
    expect(smol).toMatchObject({
      label: "SmolVLM-256M-Instruct",
      accessibilityInformation: {
        label: "HuggingFaceTB/SmolVLM-256M-Instruct: 0.2–0.35 GB · apache-2.0",
      },
      description: "0.2–0.35 GB · apache-2.0",
    });
    expect(smol?.contextValue).toBe("dexarHubModel download page");
    expect(smol?.tooltip).toContain("not tried with its real weights; its family is proven on a tiny model");
    expect(smol?.tooltip).toContain("Decoder: fp32 541 MB");
  });

  it("shows a download as it goes on: asked, begun, paused, resumed, used, removed", async () => {
    test.server.slowMs = 100;
    await download();
    expect(fake.shown.map(({ kind }) => kind)).toEqual(["input", "quickPick"]);
    expect(fake.shown[1]?.choices).toMatchObject([
      { dtype: "fp32" },
      { dtype: "q4", detail: "Usual choice" },
    ]);
    await until(async () => expect((await row()).text).toMatch(/^[5-8]\d% of \d+ kB/));
    expect((await row()).abilities).toBe("dexarHubModel pause cancel page");
    await call("pause", (await row()).node);
    expect((await row()).text).toMatch(/^q4 paused at \d+% of \d+ kB$/);
    expect((await row()).abilities).toBe("dexarHubModel resume cancel page");
    expect(await library.usable()).toEqual([]);
    test.server.slowMs = 0;
    fake.answers.push("Use Model");
    await call("resume", (await row()).node);
    await untilThere();
    expect(test.server.files.at(-1)?.range).toMatch(/^bytes=\d+-$/);
    await until(() =>
      expect(fake.userSettings.get("dexar.model.path")).toBe(path.join(test.store, "store", NAME)),
    );
    expect((await row()).text).toMatch(/^in use · downloaded, q4, \d+ kB$/);
    expect(await library.usable()).toEqual([{ name: NAME, dir: path.join(test.store, "store", NAME) }]);
    fake.answers.push("Remove");
    await call("remove", (await row()).node);
    await expect(row()).rejects.toThrow("no row");
    expect(fake.userSettings.has("dexar.model.path")).toBe(false);
    expect(asked).toEqual([["stopModel"]]);
    expect(fake.shown.at(-1)?.text).toMatch(/is removed, \d+ kB are free again/);
  });

  it("goes on with a download that was begun, also when its name is typed", async () => {
    test.server.slowMs = 100;
    await download();
    await until(async () => expect((await row()).text).toContain("%"));
    await call("pause", (await row()).node);
    test.server.slowMs = 0;
    const shown = fake.shown.length;
    await download([]);
    await untilThere();
    expect(fake.shown.slice(shown).map(({ kind }) => kind)).toEqual(["input", "information"]);
  });

  it("throws away what came when a download is cancelled", async () => {
    test.server.slowMs = 100;
    await download();
    await until(async () => expect((await row()).text).toContain("%"));
    await call("cancel", (await row()).node);
    await expect(row()).rejects.toThrow("no row");
    expect(test.filesInStore().filter((file) => file.startsWith(`store${path.sep}`))).toEqual([]);
  });

  it("says what went wrong, with what to do", async () => {
    test.server.fault = (_, response) => {
      response.writeHead(403).end();
      return true;
    };
    await download();
    await until(() => expect(fake.shown.at(-1)?.kind).toBe("error"));
    expect(fake.shown.at(-1)?.text).toMatch(/without its owner's consent .* in a browser/);
    expect((await row()).abilities).toContain("resume");
  });

  it("offers other weight types of a model that is here", async () => {
    await download();
    await untilThere();
    fake.answers.push(undefined);
    await call("download", (await row()).node);
    expect(fake.shown.at(-1)?.choices).toMatchObject([{ dtype: "fp32" }]);
  });

  it("writes shares as whole percents, 100 only at the end", () => {
    expect([percent(0, 0), percent(1, 3), percent(999, 1000), percent(5, 5)]).toEqual([
      "0%",
      "33%",
      "99%",
      "100%",
    ]);
  });
});

describe("a licence that is not permissive", () => {
  beforeEach(() => {
    const card = { license: "other", license_name: "apple-amlr", license_link: "https://x.example/licence" };
    test.server.models[NAME] = noisyModel({ card });
  });

  it("is shown, can be read, and nothing is downloaded unless it is accepted", async () => {
    await download([pick("q4"), "Read Licence", undefined]);
    expect(fake.shown.at(-1)).toMatchObject({
      kind: "warning",
      text: `${NAME} has the licence apple-amlr.`,
      choices: ["Accept and Download", "Read Licence"],
      options: { modal: true },
    });
    expect(fake.calls.flat().map(String)).toContain("https://x.example/licence");
    expect(test.server.files).toEqual([]);
    await expect(row()).rejects.toThrow("no row");
  });

  it("is accepted, and when it was stands beside the model", async () => {
    await download([pick("q4"), "Accept and Download"]);
    await untilThere();
    const manifest = readFileSync(path.join(test.store, "store", NAME, "dexar-model.json"), "utf8");
    expect(JSON.parse(manifest)).toMatchObject({
      acceptedAt: expect.stringMatching(/^\d{4}-\d\d-/) as string,
    });
  });
});

describe("the token", () => {
  it("is kept by the editor's secret storage, sent, and told nobody", async () => {
    fake.answers.push(TOKEN);
    await call("setToken");
    expect(fake.shown[0]?.options).toMatchObject({ password: true });
    expect([...secrets.values()]).toEqual([TOKEN]);
    test.server.faultOfAll = (_, response) => {
      response.writeHead(401).end();
      return true;
    };
    await download();
    expect(test.server.seen[0]?.authorization).toBe(`Bearer ${TOKEN}`);
    expect(fake.shown.at(-1)?.text).toContain("does not accept the token");
    expect(JSON.stringify([fake.logs, fake.shown, [...fake.userSettings], fake.calls])).not.toContain(TOKEN);
    await call("removeToken");
    expect(secrets.size).toBe(0);
  });
});
