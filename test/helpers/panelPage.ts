import { fileURLToPath } from "node:url";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll } from "vitest";
import { serveDev } from "../../scripts/devServer.js";
import { attribute } from "../../src/core/attribution/attribute.js";
import { attributionInput } from "../../src/core/attribution/attributionInput.js";
import { writeRun } from "../../src/core/run/writeRun.js";
import type { FakeEditor } from "../../webview/dev/fakeEditor.js";
import { launchBrowser } from "./browser.js";
import { sampleRun, type SampleOptions } from "./sampleRun.js";
import { settled } from "./settled.js";

/** The fake editor inside the page, as `page.evaluate` sees it. */
export type EditorWindow = Window & { readonly fakeEditor: FakeEditor };

/** A made-up run as a file. */
export async function sampleRunFile(options: SampleOptions = {}): Promise<Uint8Array> {
  const run = await sampleRun(options);
  return writeRun(run, attribute(attributionInput(run), run.info.settings));
}

/** Serves the panel on a plain page, with these runs. */
export async function servePanel(
  runs: ReadonlyMap<string, Uint8Array>,
): Promise<{ address: string; close: () => void }> {
  return serveDev({ root: fileURLToPath(new URL("../..", import.meta.url)), runs });
}

/** Where and how a panel is opened. */
export interface PanelOptions {
  readonly scene?: string;
  readonly theme?: string;
  readonly width?: number;
  readonly height?: number;
  readonly run?: string;
  /** The page's texts, by the English ones; absent: English. */
  readonly strings?: Readonly<Record<string, string>>;
}

/** An opened panel and what the browser complained about: script errors, warnings, broken policy, foreign requests. */
export interface OpenPanel {
  readonly page: Page;
  readonly problems: readonly string[];
}

/** Inside `describe`: a server with the made-up run and a browser for its tests; returns what opens a panel there. */
export function panelWindows(chromium: string | undefined): (options: PanelOptions) => Promise<OpenPanel> {
  let browser: Browser | undefined;
  let server: { address: string; close: () => void } | undefined;
  beforeAll(async () => {
    server = await servePanel(new Map([["sample", await sampleRunFile()]]));
    browser = await launchBrowser(chromium ?? "chromium");
  });
  afterAll(async () => {
    await browser?.close();
    server?.close();
  });
  return async (options) => {
    if (!browser || !server) throw new Error("Chromium did not start");
    return openPanel(browser, server.address, options);
  };
}

/** Opens the panel in a window of its own and waits until it shows its state. */
export async function openPanel(
  browser: Browser,
  address: string,
  options: PanelOptions = {},
): Promise<OpenPanel> {
  const { scene = "finished", theme = "dark", width = 1200, height = 900, run = "" } = options;
  const context = await browser.newContext({ viewport: { width, height }, reducedMotion: "reduce" });
  const page = await context.newPage();
  const problems: string[] = [];
  page.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning") problems.push(message.text());
  });
  page.on("pageerror", (error) => problems.push(error.message));
  page.on("request", (request) => {
    if (!/^(data|blob):/.test(request.url()) && !request.url().startsWith(address))
      problems.push(`asked for ${request.url()}`);
  });
  if (options.strings) await page.addInitScript(speak, options.strings);
  await page.goto(`${address}/panel?scene=${scene}&theme=${theme}&run=${run}`);
  await page.waitForSelector(".stage canvas, .placeholder", { state: "attached" });
  await settled(page);
  return { page, problems };
}

/** Inside the page: the editor's first message brings these texts with it. */
function speak(strings: Readonly<Record<string, string>>): void {
  const post = window.postMessage.bind(window);
  window.postMessage = (message: { readonly kind?: string }, origin: unknown) => {
    post(message.kind === "init" ? { ...message, strings } : message, origin as string);
  };
}
