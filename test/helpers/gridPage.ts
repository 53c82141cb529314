import type { Browser } from "playwright-core";
import type { FakeGrid } from "../../webview/dev/fakeGrid.js";
import type { OpenPanel } from "./panelPage.js";

/** The fake extension inside the page, as `page.evaluate` sees it. */
export type GridWindow = Window & { readonly fakeGrid: FakeGrid };

/** How the results are opened. */
export interface GridOptions {
  readonly scene?: string;
  readonly theme?: string;
  readonly width?: number;
}

/** Opens the results page in a window of its own and waits until all pictures are drawn that are done. */
export async function openGrid(
  browser: Browser,
  address: string,
  { scene = "finished", theme = "dark", width = 900 }: GridOptions = {},
): Promise<OpenPanel> {
  const context = await browser.newContext({ viewport: { width, height: 900 }, reducedMotion: "reduce" });
  const page = await context.newPage();
  const problems: string[] = [];
  page.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning") problems.push(message.text());
  });
  page.on("pageerror", (error) => problems.push(error.message));
  await page.goto(`${address}/grid?scene=${scene}&theme=${theme}`);
  await page.waitForSelector("main.report");
  await page.waitForFunction(() =>
    [...document.querySelectorAll('.card[data-state="done"] canvas')].every(
      (canvas) => !(canvas as HTMLCanvasElement).hidden && (canvas as HTMLCanvasElement).width !== 300,
    ),
  );
  return { page, problems };
}
