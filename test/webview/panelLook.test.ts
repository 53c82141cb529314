import { readFileSync } from "node:fs";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { axeFindings } from "../helpers/axeFindings.js";
import { findChromium, launchBrowser } from "../helpers/browser.js";
import { layoutProblems } from "../helpers/layoutProblems.js";
import { openPanel, sampleRunFile, servePanel, type PanelOptions } from "../helpers/panelPage.js";

const chromium = findChromium();
const WIDTHS = [300, 480, 700, 1000, 1600];
const THEMES = ["light", "dark", "hc-black", "hc-light"];
const STATES = ["empty", "loading", "generating", "stopped", "failed", "crashed", "file", "edited"];

// Without a Chromium the page cannot be tried; on CI it must be there.
describe.skipIf(chromium === undefined && !process.env["CI"])("panel, how it looks", () => {
  let browser: Browser | undefined;
  let server: { address: string; close: () => void } | undefined;

  beforeAll(async () => {
    const runs = new Map([
      ["sample", await sampleRunFile()],
      [
        "large",
        await sampleRunFile({ columns: 24, rows: 18, width: 400, height: 300, layers: 30, heads: 9 }),
      ],
    ]);
    server = await servePanel(runs);
    browser = await launchBrowser(chromium ?? "chromium");
  });

  afterAll(async () => {
    await browser?.close();
    server?.close();
  });

  const open = (options: PanelOptions) => {
    if (!browser || !server) throw new Error("Chromium did not start");
    return openPanel(browser, server.address, options);
  };

  it("the check itself finds cut text, overlaps and sideways scrolling", async () => {
    const { page } = await open({ width: 480 });
    await page.evaluate(() => {
      const add = (style: Partial<CSSStyleDeclaration>, tag: string, text: string): void => {
        const node = Object.assign(document.createElement(tag), { textContent: text });
        Object.assign(node.style, style);
        document.body.append(node);
      };
      add({ width: "40px", overflow: "hidden", whiteSpace: "nowrap" }, "p", "much more than fits");
      add({ position: "absolute", top: "1500px", left: "0" }, "button", "under");
      add({ position: "absolute", top: "1505px", left: "9px" }, "button", "over");
      add({ width: "600px" }, "p", "wide");
    });
    const found = await layoutProblems(page);
    expect(found).toEqual([
      "the page scrolls sideways by 120 pixels",
      'text is cut: p. "much more than fits"',
      'button. "under" overlaps button. "over"',
    ]);
    await page.context().close();
  });

  describe.each(["sample", "large"])("run %s", (run) => {
    it.each(WIDTHS)("fits into %i pixels: no cut text, no overlap, no sideways scrolling", async (width) => {
      const { page, problems } = await open({ run, width });
      await page.locator('.chip[data-index="1"]').click();
      expect(await layoutProblems(page)).toEqual([]);
      for (const tab of await page.locator("vscode-panel-tab").all()) {
        await tab.click();
        expect(await layoutProblems(page)).toEqual([]);
      }
      expect(problems).toEqual([]);
      await page.context().close();
    });
  });

  it.each(STATES.flatMap((scene) => [300, 700].map((width) => ({ scene, width }))))(
    "fits the state $scene into $width pixels",
    async ({ scene, width }) => {
      const { page, problems } = await open({ scene, width });
      expect(await layoutProblems(page)).toEqual([]);
      expect(problems).toEqual([]);
      await page.context().close();
    },
  );

  it("fits into 300 pixels in German, whose words are longer", async () => {
    const strings = JSON.parse(readFileSync("l10n/bundle.l10n.de.json", "utf8")) as Record<string, string>;
    for (const scene of ["finished", "generating", "failed"]) {
      const { page } = await open({ scene, width: 300, strings });
      expect(await page.getByText("Antwort vorgeben").count()).toBe(1);
      expect({ scene, found: await layoutProblems(page) }).toEqual({ scene, found: [] });
      await page.context().close();
    }
  });

  it("leaves the question room beside its buttons, which stand apart", async () => {
    const { page } = await open({ width: 300 });
    const boxOf = async (words: string) =>
      await page.locator(".run vscode-button", { hasText: words }).boundingBox();
    const [run, goOn] = [await boxOf("Run"), await boxOf("Continue")];
    expect((goOn?.x ?? 0) - (run?.x ?? 0) - (run?.width ?? 0)).toBeGreaterThanOrEqual(4);
    expect((await page.locator(".prompt-row vscode-text-area").boundingBox())?.width).toBeGreaterThan(200);
    await page.context().close();
  });

  it.each(THEMES)("is accessible in the theme %s", async (theme) => {
    for (const scene of ["finished", "generating", "failed", "empty"]) {
      const { page } = await open({ theme, scene });
      if (scene === "finished") await page.locator('.chip[data-index="1"]').click();
      expect({ scene, found: await axeFindings(page) }).toEqual({ scene, found: [] });
      await page.context().close();
    }
  });

  it.each(THEMES)("is accessible with tabs in the theme %s", async (theme) => {
    const { page } = await open({ theme, width: 700 });
    for (const tab of await page.locator("vscode-panel-tab").all()) {
      await tab.click();
      const name = await tab.textContent();
      expect({ name, found: await axeFindings(page) }).toEqual({ name, found: [] });
    }
    await page.context().close();
  });

  it("shows nothing moving when motion is to be reduced", async () => {
    const { page } = await open({});
    const moving = await page.evaluate(() => document.getAnimations().length);
    expect(moving).toBe(0);
    await page.context().close();
  });
});
