import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { attribute } from "../../src/core/attribution/attribute.js";
import { attributionInput } from "../../src/core/attribution/attributionInput.js";
import { renderHtmlReport } from "../../src/cli/report/html.js";
import { findChromium, launchBrowser } from "../helpers/browser.js";
import { buildReportAssets } from "../helpers/reportAssets.js";
import { sampleRun } from "../helpers/sampleRun.js";

const chromium = findChromium();

// Without a Chromium the page cannot be tried; on CI it must be there.
describe.skipIf(chromium === undefined && !process.env["CI"])("report page", () => {
  let browser: Browser | undefined;
  let folder: string;
  let address: string;

  beforeAll(async () => {
    const run = await sampleRun();
    const attribution = attribute(attributionInput(run), run.info.settings);
    const html = await renderHtmlReport(run, attribution, await buildReportAssets());
    folder = await mkdtemp(join(tmpdir(), "dexar-report-"));
    const file = join(folder, "report.html");
    await writeFile(file, html);
    address = pathToFileURL(file).href;
    browser = await launchBrowser(chromium ?? "chromium");
  }, 60_000);

  afterAll(async () => {
    await browser?.close();
    if (folder) await rm(folder, { recursive: true, force: true });
  });

  function started(): Browser {
    if (!browser) throw new Error("Chromium did not start");
    return browser;
  }

  async function open(width: number): Promise<{ page: Page; problems: string[] }> {
    const page = await started().newPage({ viewport: { width, height: 900 } });
    const problems: string[] = [];
    page.on("console", (message) => {
      if (message.type() === "error" || message.type() === "warning") problems.push(message.text());
    });
    page.on("pageerror", (error) => problems.push(error.message));
    page.on("request", (request) => {
      if (request.url() !== address && !request.url().startsWith("data:"))
        problems.push(`asked for ${request.url()}`);
    });
    await page.goto(address);
    await page.waitForSelector(".token-stream");
    return { page, problems };
  }

  const pinned = (page: Page): Promise<string | null> =>
    page.locator('.chip[aria-selected="true"]').getAttribute("data-index");
  const mapLabel = (page: Page): Promise<string | null> =>
    page.locator(".stage canvas").getAttribute("aria-label");
  const drawing = (page: Page): Promise<string> =>
    page.locator(".stage canvas").evaluate((node) => (node as HTMLCanvasElement).toDataURL());

  it("pins a token by click, previews by hover and clears by a second click", async () => {
    const { page, problems } = await open(1200);
    expect(await pinned(page)).toBe("answer");
    const before = await drawing(page);
    await page.locator('.chip[data-index="1"]').hover();
    expect(await mapLabel(page)).toContain("·cat");
    expect(await pinned(page)).toBe("answer");
    await page.locator('.chip[data-index="1"]').click();
    expect(await pinned(page)).toBe("1");
    expect(await drawing(page)).not.toBe(before);
    await page.locator('.chip[data-index="1"]').click();
    await page.locator("h1").hover();
    expect(await pinned(page)).toBe("answer");
    expect(await mapLabel(page)).toContain("Whole answer");
    expect(problems).toEqual([]);
    await page.close();
  });

  it("walks by keyboard through tokens and heads", async () => {
    const { page, problems } = await open(1200);
    await page.locator('.chip[data-index="answer"]').focus();
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("ArrowRight");
    expect(await pinned(page)).toBe("1");
    expect(await page.evaluate(() => (document.activeElement as HTMLElement).dataset["index"])).toBe("1");
    await page.locator(".matrix-focus").focus();
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("Enter");
    expect(await mapLabel(page)).toContain("head L0 H1 alone");
    await page.keyboard.press("Escape");
    expect(await mapLabel(page)).not.toContain("alone");
    expect(problems).toEqual([]);
    await page.close();
  });

  it("sorts and filters the head table", async () => {
    const { page, problems } = await open(1200);
    await page.locator('.chip[data-index="1"]').click();
    const weights = page.locator("table.filter tbody td:nth-child(5)");
    const numbers = async (): Promise<number[]> => (await weights.allTextContents()).map(Number);
    const falling = await numbers();
    expect(falling).toEqual([...falling].sort((a, b) => b - a));
    await page.locator('[data-sort="weight"]').click();
    const rising = await numbers();
    expect(rising).toEqual([...rising].sort((a, b) => a - b));
    await page.locator('[data-value="dropped"]').click();
    expect((await numbers()).every((weight) => weight === 0)).toBe(true);
    expect(problems).toEqual([]);
    await page.close();
  });

  it("works the filter out again when the layer range changes", async () => {
    const { page, problems } = await open(1200);
    await page.locator('.chip[data-index="1"]').click();
    expect(await page.locator("table.filter tbody tr").count()).toBe(24);
    await page.locator(".settings select").nth(2).selectOption("2");
    expect(await page.locator("table.filter tbody tr").count()).toBe(12);
    expect(await page.locator(".layer-bars .layer.out").count()).toBe(2);
    expect(problems).toEqual([]);
    await page.close();
  });

  it.each([300, 500, 800, 1400])("does not scroll sideways at %i pixels", async (width) => {
    const { page, problems } = await open(width);
    const overflow = await page.evaluate(() => {
      const root = document.documentElement;
      const wide = Array.from(document.querySelectorAll("main, section, .stage, .controls, .segments, svg"));
      const out = wide.filter((node) => node.getBoundingClientRect().right > root.clientWidth + 0.5);
      return { page: root.scrollWidth - root.clientWidth, out: out.map((node) => node.className.toString()) };
    });
    expect(overflow).toEqual({ page: 0, out: [] });
    expect(problems).toEqual([]);
    await page.close();
  });
});
