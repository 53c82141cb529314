import type { Browser } from "playwright-core";
import type { FakeCompare } from "../../webview/dev/fakeCompare.js";
import type { OpenPanel } from "./panelPage.js";
import { settled } from "./settled.js";

/** The fake editor inside a comparison's page, as `page.evaluate` sees it. */
export type CompareWindow = Window & { readonly fakeCompare: FakeCompare };

/** Where and how a comparison is opened; `run` and `other` are names of served runs. */
export interface CompareOptions {
  readonly run?: string;
  readonly other?: string;
  readonly scene?: string;
  readonly theme?: string;
  readonly width?: number;
}

/** Opens a comparison in a window of its own and waits until it shows its state. */
export async function openCompare(
  browser: Browser,
  address: string,
  { run = "", other = "", scene = "finished", theme = "dark", width = 1200 }: CompareOptions = {},
): Promise<OpenPanel> {
  const context = await browser.newContext({ viewport: { width, height: 900 }, reducedMotion: "reduce" });
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
  await page.goto(`${address}/compare?scene=${scene}&theme=${theme}&run=${run}&with=${other}`);
  await page.waitForSelector(".pane canvas, .failure", { state: "attached" });
  await settled(page);
  return { page, problems };
}
