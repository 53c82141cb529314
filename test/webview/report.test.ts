import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { attribute } from "../../src/core/attribution/attribute.js";
import { attributionInput } from "../../src/core/attribution/attributionInput.js";
import { renderHtmlReport } from "../../src/cli/report/html.js";
import { axeFindings } from "../helpers/axeFindings.js";
import { findChromium, launchBrowser } from "../helpers/browser.js";
import { layoutProblems } from "../helpers/layoutProblems.js";
import { buildReportAssets } from "../helpers/reportAssets.js";
import { sampleRun } from "../helpers/sampleRun.js";
import { settled } from "../helpers/settled.js";

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
  });

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
      if (request.url() !== address && !/^(data|blob):/.test(request.url()))
        problems.push(`asked for ${request.url()}`);
    });
    await page.goto(address);
    await page.waitForSelector(".token-stream");
    await settled(page);
    return { page, problems };
  }

  const pinned = (page: Page): Promise<string | null> =>
    page.locator('.chip[aria-selected="true"]').getAttribute("data-index");
  const mapLabel = (page: Page): Promise<string | null> => page.locator(".stage").getAttribute("aria-label");
  const drawing = (page: Page): Promise<string> =>
    page.locator(".stage canvas.map").evaluate((node) => (node as HTMLCanvasElement).toDataURL());

  it("pins a token by click, previews by hover and clears by a second click", async () => {
    const { page, problems } = await open(1200);
    expect(await pinned(page)).toBe("answer");
    const before = await drawing(page);
    await page.locator('.chip[data-index="1"]').hover();
    await expect.poll(() => mapLabel(page)).toContain("·cat");
    expect(await pinned(page)).toBe("answer");
    await page.locator('.chip[data-index="1"]').click();
    expect(await pinned(page)).toBe("1");
    await settled(page);
    expect(await drawing(page)).not.toBe(before);
    await page.locator('.chip[data-index="1"]').click();
    await page.locator("h1").hover();
    expect(await pinned(page)).toBe("answer");
    await expect.poll(() => mapLabel(page)).toContain("Whole answer");
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
    await expect.poll(() => mapLabel(page)).toContain("head L0 H1 alone");
    await page.keyboard.press("Escape");
    await expect.poll(() => mapLabel(page)).not.toContain("alone");
    expect(problems).toEqual([]);
    await page.close();
  });

  it("works the filter out again when the layer range changes", async () => {
    const { page, problems } = await open(1200);
    await page.locator('.chip[data-index="1"]').click();
    await settled(page);
    const bar = page.locator(".colour-bar");
    const before = await bar.textContent();
    await page.locator('vscode-dropdown[aria-label="Layers"]').click();
    await page.locator('vscode-dropdown[aria-label="Layers"] vscode-option').nth(2).click();
    await page.waitForFunction((text) => document.querySelector(".colour-bar")?.textContent !== text, before);
    expect(problems).toEqual([]);
    await page.close();
  });

  it("saves the picture without a server", async () => {
    const { page, problems } = await open(1200);
    await page.getByRole("button", { name: "Export" }).click();
    const items = await page.getByRole("menuitem").allTextContents();
    expect(items).toEqual(["Save picture as PNG", "Save picture as SVG", "Copy picture"]);
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("menuitem", { name: "Save picture as PNG" }).click(),
    ]);
    expect(download.suggestedFilename()).toBe("sample.answer.png");
    await page.getByRole("button", { name: "Export" }).click();
    const [drawing] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("menuitem", { name: "Save picture as SVG" }).click(),
    ]);
    expect(drawing.suggestedFilename()).toBe("sample.answer.svg");
    expect(await readFile(await drawing.path(), "utf8")).toMatch(/^<\?xml .+<svg .*width="84mm"/s);
    expect(await page.getByRole("button", { name: "Run", exact: true }).count()).toBe(0);
    expect(problems).toEqual([]);
    await page.close();
  });

  it.each(["light", "dark"] as const)("is accessible when the machine prefers %s", async (colorScheme) => {
    const { page } = await open(1200);
    await page.emulateMedia({ colorScheme });
    await page.reload();
    await page.waitForSelector(".token-stream");
    expect(await axeFindings(page)).toEqual([]);
    await page.close();
  });

  it.each([300, 500, 800, 1400])("fits into %i pixels", async (width) => {
    const { page, problems } = await open(width);
    expect(await layoutProblems(page)).toEqual([]);
    expect(problems).toEqual([]);
    await page.close();
  });
});
