import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import type { Locator } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { FakeHub } from "../helpers/fakeHub.js";
import { FakeProxy } from "../helpers/fakeProxy.js";
import { builtVsix } from "./builtVsix.js";
import { addPictures } from "./pictures.js";
import { explainFinished, keepFailures } from "./steps.js";
import { openWindow, type VscodeWindow } from "./window.js";

const FOLDER = "test/fixtures/llava-reference/models/p1";
const NAME = "owner/tiny-llava";
const VISION = "onnx/vision_encoder.onnx";

/** The files of a model folder, by their paths inside it. */
function filesOf(folder: string): Record<string, Uint8Array> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  const paths = files.map(({ parentPath, name }) => path.join(parentPath, name));
  return Object.fromEntries(paths.map((file) => [path.relative(folder, file), readFileSync(file)]));
}

/** The fixture asks with raw prompts; a panel needs words around the question. */
function withChatTemplate(files: Record<string, Uint8Array>): Record<string, Uint8Array> {
  const name = "tokenizer_config.json";
  const config = JSON.parse(Buffer.from(files[name] ?? []).toString("utf8")) as object;
  const template = "USER: <image>\n{{ messages[0]['content'][-1]['text'] }} ASSISTANT:";
  return { ...files, [name]: Buffer.from(JSON.stringify({ ...config, chat_template: template })) };
}

describe("models from a hub, in the editor", () => {
  const files = withChatTemplate(filesOf(FOLDER));
  const hub = new FakeHub({
    [NAME]: { files, card: { license: "other", license_name: "test-terms" } },
    "owner/by-proxy": { files },
  });
  let vscode: VscodeWindow;
  let proxy: FakeProxy;
  let store: string;
  let settings: Record<string, unknown>;
  beforeAll(async () => {
    await hub.start();
    proxy = await new FakeProxy(hub.port).start();
    // This machine's own addresses are never asked for through a proxy.
    const userSettings = { "http.proxy": proxy.url };
    vscode = await openWindow({ vsix: builtVsix(), prepare: addPictures, network: true, userSettings });
    store = path.join(vscode.server.folder, "store");
    settings = { "dexar.models.endpoint": hub.url, "dexar.models.folder": store };
    await vscode.setSettings(settings);
    await vscode.workbench.openViews("DEX-AR");
  });
  afterAll(async () => {
    await vscode.close();
    await hub.stop();
    await proxy.stop();
  });
  keepFailures(() => vscode);

  const row = (words: string | RegExp): Locator => vscode.workbench.viewRow("Models", words);

  async function askFor(name: string): Promise<void> {
    const { workbench, page } = vscode;
    await workbench.runCommand("DEX-AR: Download Model by Name…");
    await page.locator(".quick-input-widget").getByText("Name of a vision-language model").waitFor();
    await workbench.quickInput().fill(name);
    await workbench.quickInput().accept();
    await workbench.quickInput().pick("q4");
  }

  it("asks for the licence, then downloads and shows how far it is; paused, nothing usable is there", async () => {
    const { workbench } = vscode;
    hub.slowMs = 150;
    await askFor(NAME);
    await workbench.dialog().getByText(`${NAME} has the licence test-terms.`).waitFor();
    expect(hub.files).toEqual([]);
    await workbench.dialog().getByRole("button", { name: "Accept and Download" }).click();
    await row(new RegExp(`${NAME}: [1-9]\\d?% of 2 MB`)).waitFor();
    await expect.poll(() => hub.files.some(({ path: asked }) => asked.endsWith(VISION))).toBe(true);
    await expect
      .poll(() => hub.files.find(({ path: asked }) => asked.endsWith(VISION))?.sent ?? 0)
      .toBeGreaterThan(200_000);
    hub.slowMs = 2000; // it is not to end before it is paused
    await vscode.screenshot("models-downloading");
    await workbench.contextMenu(row(NAME), "Pause Download");
    await row(new RegExp(`${NAME}: q4 paused at \\d+% of 2 MB`)).waitFor();
    expect(existsSync(path.join(store, NAME))).toBe(false);
  });

  it("is still there after the window was reloaded, and goes on where it was", async () => {
    const { workbench } = vscode;
    // What a window waits for after it was reloaded.
    await workbench.openViews("Explorer");
    await workbench.reload();
    await workbench.openViews("DEX-AR");
    await row(/q4 paused at/).waitFor();
    hub.slowMs = 0;
    hub.seen.length = 0;
    await workbench.contextMenu(row(NAME), "Resume Download");
    await workbench.answerNotification(`${NAME} is downloaded.`, "Use Model");
    await row(new RegExp(`${NAME}: in use · downloaded, q4, 2 MB`)).waitFor();
    const [first] = hub.files;
    const start = Number(/^bytes=(\d+)-$/.exec(first?.range ?? "")?.[1]);
    expect(first?.path.endsWith(VISION)).toBe(true);
    expect(start).toBeGreaterThan(0);
    expect(first?.sent).toBe((files[VISION]?.length ?? 0) - start);
    await vscode.screenshot("models-downloaded");
  });

  it("explains a picture with it", async () => {
    await vscode.workbench.openViews("Explorer");
    await explainFinished(vscode, "burger.png");
    expect(await vscode.panel.tokens.count()).toBeGreaterThan(0);
    expect(await vscode.panel.page.getByText("tiny-llava").first().isVisible()).toBe(true);
  });

  it("removes it, says how much becomes free, and the bundled model is used again", async () => {
    const { workbench } = vscode;
    await workbench.openViews("DEX-AR");
    await workbench.contextMenu(row(NAME), "Remove Model…");
    await workbench.dialog().getByText("2 MB become free").waitFor();
    await workbench.dialog().getByRole("button", { name: "Remove" }).click();
    await row(NAME).waitFor({ state: "detached" });
    await row("emoji-llava: in use").waitFor();
    expect(existsSync(path.join(store, NAME))).toBe(false);
  });

  it("downloads through the editor's proxy", async () => {
    await vscode.setSettings({ ...settings, "dexar.models.endpoint": "http://hub.invalid" });
    await askFor("owner/by-proxy");
    await row(/owner\/by-proxy: downloaded, q4/).waitFor();
    expect(proxy.hosts.join()).toContain("hub.invalid");
  });
});
