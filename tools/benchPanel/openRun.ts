import type { Browser, Page } from "playwright-core";

/** What opening a run costs. */
export interface Opened {
  /** Milliseconds from the message with the run file to the first map on the picture. */
  readonly firstMap: number;
  /** Bytes that the page's scripts hold afterwards, arrays included, as the browser counts them. */
  readonly memory: number;
}

type MemoryMeter = Performance & { measureUserAgentSpecificMemory(): Promise<{ bytes: number }> };

/** Opens the panel in a window of its own and gives it the run. */
export async function openRun(browser: Browser, address: string): Promise<{ page: Page; opened: Opened }> {
  const context = await browser.newContext({ viewport: { width: 1400, height: 900 } });
  const page = await context.newPage();
  page.on("pageerror", (error) => process.stderr.write(`${error.stack ?? error.message}\n`));
  await page.goto(address);
  const firstMap = await page.evaluate(async () => {
    const start = await window.openRun();
    return (await window.probe.firstMap()) - start;
  });
  await page.waitForTimeout(2000);
  const memory = await page.evaluate(
    async () => (await (performance as MemoryMeter).measureUserAgentSpecificMemory()).bytes,
  );
  return { page, opened: { firstMap, memory } };
}
