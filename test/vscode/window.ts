import { mkdirSync } from "node:fs";
import path from "node:path";
import type { Browser, Page } from "playwright-core";
import { findChromium, launchBrowser } from "../helpers/browser.js";
import { Workbench } from "./pages/workbench.js";
import { Panel } from "./pages/panel.js";
import {
  startCodeServer,
  writeSettings,
  type CodeServer,
  type CodeServerOptions,
} from "./server/codeServer.js";

const SCREENSHOTS = path.resolve("out/screenshots");

export interface ForeignRequest {
  readonly url: string;
  /** Asked by a page inside the window, not by VS Code itself. */
  readonly webview: boolean;
}

/** One window of VS Code with the extension installed, and what belongs to it. */
export interface VscodeWindow {
  readonly server: CodeServer;
  readonly page: Page;
  readonly workbench: Workbench;
  /** The panel that is to be seen; the first of several. */
  readonly panel: Panel;
  /** What the window asked of other machines (VS Code looks for extensions); every one was refused. */
  readonly foreignRequests: readonly ForeignRequest[];
  /** Replaces the settings beside those that keep VS Code quiet, and waits until they count. */
  setSettings(settings: Readonly<Record<string, unknown>>): Promise<void>;
  /** Keeps a picture of the window in out/screenshots. */
  screenshot(name: string): Promise<void>;
  close(): Promise<void>;
}

export interface WindowOptions extends CodeServerOptions {
  readonly width?: number;
  readonly height?: number;
}

/** Starts a server, a browser and opens the workspace in it. */
export async function openWindow(options: WindowOptions): Promise<VscodeWindow> {
  const chromium = findChromium();
  if (chromium === undefined)
    throw new Error("no Chromium on the PATH: install it, or name one in DEXAR_CHROMIUM");
  const server = await startCodeServer(options);
  let browser: Browser | undefined;
  try {
    browser = await launchBrowser(chromium);
    return await showWindow(server, browser, options);
  } catch (error) {
    await browser?.close();
    await server.stop();
    throw error;
  }
}

async function showWindow(
  server: CodeServer,
  browser: Browser,
  options: WindowOptions,
): Promise<VscodeWindow> {
  const context = await browser.newContext({
    viewport: { width: options.width ?? 1400, height: options.height ?? 900 },
  });
  const foreignRequests: ForeignRequest[] = [];
  await context.route(
    (url) => !["127.0.0.1", "localhost"].includes(url.hostname) && url.protocol.startsWith("http"),
    async (route) => {
      const request = route.request();
      foreignRequests.push({ url: request.url(), webview: request.frame().parentFrame() !== null });
      await route.abort();
    },
  );
  let settingsWritten = 0;
  const page = await context.newPage();
  page.setDefaultTimeout(30_000);
  await page.goto(server.url);
  const workbench = new Workbench(page);
  await workbench.ready();
  mkdirSync(SCREENSHOTS, { recursive: true });
  return {
    ...{ server, page, workbench, foreignRequests },
    panel: new Panel(page),
    setSettings: async (settings) => {
      // The title of the window comes from the same file: when it is there, so is the rest. It differs by spaces
      // without width, so that pictures of the window are alike.
      const title = `workspace${"\u200b".repeat(++settingsWritten)}`;
      writeSettings(server.userDataDir, "Machine", { ...settings, "window.title": title });
      await page.waitForFunction((expected) => document.title === expected, title);
    },
    screenshot: async (name) => {
      await page.screenshot({ path: path.join(SCREENSHOTS, `${name}.png`) });
    },
    close: async () => {
      await browser.close();
      await server.stop();
    },
  };
}
