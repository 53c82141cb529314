import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import os from "node:os";
import path from "node:path";
import { buildSync } from "esbuild";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type * as vscode from "vscode";
import { answerText } from "../../src/core/run/answerText.js";
import { readRun } from "../../src/core/run/readRun.js";
import { createServices, type EditorServices } from "../../src/host/createServices.js";
import type { ModelProcessHost } from "../../src/host/modelHost/modelProcessHost.js";
import type { AlternativeGradient } from "../../src/protocol/modelProcess.js";
import type { FromPanel, ToPanel } from "../../src/protocol/panel.js";
import { BUNDLED_MODEL, EXAMPLE_PICTURE } from "../helpers/bundledModel.js";
import type { FakePanel } from "../helpers/fakePanel.js";
import { fake, Uri } from "../helpers/fakeVscode.js";

/** Stands for the installed extension; inside the project, so that the model process finds its packages. */
const EXTENSION = path.resolve(".cache/test-bundles", `extension-${process.pid}`);

let folder: string;
let services: EditorServices;
let subscriptions: { dispose(): unknown }[];

beforeAll(() => {
  mkdirSync(path.join(EXTENSION, "dist"), { recursive: true });
  buildSync({
    entryPoints: ["src/runtime/process/main.ts"],
    outfile: path.join(EXTENSION, "dist/modelProcess.js"),
    bundle: true,
    platform: "node",
    format: "esm",
    packages: "external",
    logLevel: "error",
  });
});

afterAll(() => rmSync(EXTENSION, { recursive: true, force: true }));

beforeEach(() => {
  fake.reset();
  fake.set("dexar.model.path", BUNDLED_MODEL);
  folder = mkdtempSync(path.join(os.tmpdir(), "dexar-editor-"));
  subscriptions = [];
  const state = new Map<string, unknown>();
  services = createServices({
    extensionUri: Uri.file(EXTENSION),
    storageUri: Uri.file(path.join(folder, "storage")),
    subscriptions,
    workspaceState: {
      get: (key: string) => state.get(key),
      update: async (k: string, v: unknown) => state.set(k, v),
    },
    globalState: { get: (_: string, fallback: unknown) => fallback },
  } as unknown as vscode.ExtensionContext);
});

afterEach(async () => {
  await services.model.stop();
  for (const one of subscriptions) one.dispose();
  rmSync(folder, { recursive: true, force: true });
});

type Message<K extends ToPanel["kind"]> = Extract<ToPanel, { kind: K }>;

const posted = <K extends ToPanel["kind"]>(panel: FakePanel, kind: K): Message<K>[] =>
  (panel.posted as ToPanel[]).filter((message): message is Message<K> => message.kind === kind);

/** Resolves with the first message of a kind that passes. */
async function message<K extends ToPanel["kind"]>(
  panel: FakePanel,
  kind: K,
  passes: (message: Message<K>) => boolean = () => true,
): Promise<Message<K>> {
  const found = () => posted(panel, kind).find(passes);
  await expect.poll(found).toBeDefined();
  return found() as Message<K>;
}

/** A copy of the example picture. */
function picture(name: string): string {
  const file = path.join(folder, name);
  copyFileSync(EXAMPLE_PICTURE, file);
  return file;
}

/** Explains a picture in a panel whose page is there at once. */
async function explain(file: string): Promise<FakePanel> {
  await services.panels.explainImage(Uri.file(file));
  const panel = fake.panels.at(-1);
  if (!panel) throw new Error("no panel was opened");
  panel.say({ kind: "ready" } satisfies FromPanel);
  return panel;
}

const failureOf = async (panel: FakePanel) =>
  (await message(panel, "failure", ({ failure }) => failure !== null)).failure;

describe("the services with the bundled model", () => {
  it("explain a picture from a click to the finished run, and another token of it", async () => {
    fake.set("dexar.explain.live", true);
    const panel = await explain(picture("dog.png"));
    const { finished } = await message(panel, "finished");
    const { run, attribution } = await readRun(finished.file);
    expect(answerText(run.info)).toMatch(/dog/);
    const { live } = await message(panel, "live");
    expect(live.info.image.name).toBe("dog.png");
    expect(live.picture.bytes).toEqual(finished.picture.bytes);
    expect(posted(panel, "token").map(({ text }) => text)).toEqual(run.info.tokens.map(({ text }) => text));
    const heatmaps = posted(panel, "explained").flatMap(({ tokenHeatmap }) => [...tokenHeatmap]);
    expect(heatmaps).toEqual([...attribution.tokenHeatmap]);
    expect(services.model.status).toMatchObject({ state: "ready", name: "emoji-llava", dtype: "fp32" });
    expect(services.model.status.size).toBeGreaterThan(1e6);
    const tokenId = run.info.tokens[0]?.alternatives[1]?.id ?? -1;
    const params = { runId: finished.runId, index: 0, tokenId };
    panel.say({ kind: "request", id: 1, method: "alternative", params } satisfies FromPanel);
    const { result } = await message(panel, "reply");
    const answer = (result as { ok: AlternativeGradient }).ok;
    expect(answer.tokenId).toBe(tokenId);
    expect(answer.gradient.some((value) => value !== 0)).toBe(true);
    expect(services.runs.entries.map(({ id }) => id)).toEqual([finished.runId]);
  });

  it("explain one picture after the other when two are asked at once", async () => {
    const one = await explain(picture("one.png"));
    const two = await explain(picture("two.png"));
    // Whichever comes second: the pictures are looked at first, and that may take longer for either.
    const phases = () => [one, two].flatMap((panel) => posted(panel, "activity"));
    await expect.poll(() => phases().map(({ activity }) => activity.phase)).toContain("queued");
    const finished = await Promise.all([message(one, "finished"), message(two, "finished")]);
    const [a, b] = await Promise.all(finished.map(({ finished: { file } }) => readRun(file)));
    expect(b?.attribution.tokenHeatmap).toEqual(a?.attribution.tokenHeatmap);
    expect(services.runs.entries).toHaveLength(2);
  });

  it("say what happened when the process is killed while it answers, lose no run, and go on", async () => {
    const panel = await explain(picture("dog.png"));
    await message(panel, "finished");
    const generating = () =>
      posted(panel, "activity").filter(({ activity }) => activity.phase === "generating").length;
    const first = generating();
    panel.say({ kind: "action", action: "runAgain" } satisfies FromPanel);
    await expect.poll(generating, { interval: 5 }).toBeGreaterThan(first);
    const { pid } = services.model as ModelProcessHost;
    process.kill(pid ?? 0, "SIGKILL");
    const failure = await failureOf(panel);
    expect(failure?.error.code).toBe("model-process-died");
    expect(failure?.actions.map(({ id }) => id)).toContain("restartModel");
    expect(services.runs.entries).toHaveLength(1);
    const known = posted(panel, "finished").length;
    panel.say({ kind: "action", action: "runAgain" } satisfies FromPanel);
    await expect.poll(() => posted(panel, "finished").length).toBe(known + 1);
  });

  it("keep the finished tokens when stopped", async () => {
    fake.set("dexar.explain.live", true);
    const panel = await explain(picture("dog.png"));
    await message(panel, "explained");
    panel.say({ kind: "stop" } satisfies FromPanel);
    const { finished } = await message(panel, "finished");
    const { run } = await readRun(finished.file);
    expect(run.info.tokens.length).toBeGreaterThan(0);
    const kept = readFileSync(services.runs.entries[0]?.saved.runPath ?? "");
    expect(new Uint8Array(kept)).toEqual(finished.file);
  });

  it.each([
    ["is gone", (file: string) => rmSync(file), "image-not-found"],
    ["is cut off", (file: string) => truncateSync(file, 900), "image-damaged"],
    ["is empty", (file: string) => truncateSync(file, 0), "image-empty"],
    ["is no picture", (file: string) => writeFileSync(file, "hello, this is a text"), "not-an-image"],
  ])("say that a picture %s, and offer another", async (_, harm, code) => {
    const file = picture("harmed.png");
    harm(file);
    const panel = await explain(file);
    const failure = await failureOf(panel);
    expect(failure?.error.code).toBe(code);
    expect(failure?.error).not.toHaveProperty("stack");
    expect(failure?.actions.map(({ id }) => id)).toEqual(["chooseImage"]);
    expect(services.runs.entries).toEqual([]);
  });

  it("say what a model folder lacks, with what to do, and leave no process", async () => {
    const model = path.join(folder, "model");
    mkdirSync(model);
    writeFileSync(path.join(model, "config.json"), "{}");
    fake.set("dexar.model.path", model);
    const failure = await failureOf(await explain(picture("dog.png")));
    expect(failure?.error.code).toBe("model-file-missing");
    expect(failure?.actions.map(({ id }) => id)).toEqual(["chooseModel", "openSettings", "showLog"]);
    expect(services.model.status.state).toBe("failed");
  });
});
