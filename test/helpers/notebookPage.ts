import type { Browser, Page } from "playwright-core";
import type { FakeNotebook } from "../../webview/dev/fakeNotebook.js";

/** The fake notebook inside the page, as `page.evaluate` sees it. */
export type NotebookWindow = Window & { readonly fakeNotebook: FakeNotebook };

/** Where and how a notebook is opened. */
export interface NotebookOptions {
  readonly theme?: string;
  readonly width?: number;
  readonly height?: number;
  readonly run?: string;
  /** How many outputs, one below the other. */
  readonly outputs?: number;
  /** Without an extension to talk to. */
  readonly alone?: boolean;
}

/** Opens a notebook's page in a window of its own and waits until its first output is drawn. */
export async function openNotebook(
  browser: Browser,
  address: string,
  options: NotebookOptions = {},
): Promise<{ readonly page: Page; readonly problems: readonly string[] }> {
  const { theme = "dark", width = 1000, height = 700, run = "", outputs = 1, alone = false } = options;
  const context = await browser.newContext({ viewport: { width, height }, reducedMotion: "reduce" });
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
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
  const query = `theme=${theme}&run=${run}&outputs=${outputs}${alone ? "&alone=1" : ""}`;
  await page.goto(`${address}/notebook?${query}`);
  if (outputs > 0) await page.waitForSelector("#output-1 .stage canvas", { state: "attached" });
  else await page.waitForFunction(() => "fakeNotebook" in window);
  return { page, problems };
}
