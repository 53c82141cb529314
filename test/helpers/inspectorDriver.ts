import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Browser, Locator, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect } from "vitest";
import type { AttributionSettings } from "../../src/core/attribution/settings.js";
import { findChromium, launchBrowser } from "./browser.js";
import { renderInspectorPage, type THEMES } from "./inspectorPage.js";
import { sampleRun, type SampleOptions } from "./sampleRun.js";
import { settled } from "./settled.js";

const SAMPLE: SampleOptions = { columns: 8, rows: 8, layers: 8, heads: 6 };

/** Few tokens and cells, for models with many heads. */
export const FEW: SampleOptions = { columns: 4, rows: 4, answer: ["a", " cat", " on"] };

/** The inspector's parts in a browser. A test fails when its page complained about anything. */
export class InspectorDriver {
  private browser: Browser | undefined;
  private folder = "";
  private opened: Page | undefined;
  private problems: string[] = [];

  /** Starts and stops the browser around the tests of the file. */
  constructor() {
    beforeAll(async () => {
      this.folder = await mkdtemp(join(tmpdir(), "dexar-inspector-"));
      this.browser = await launchBrowser(findChromium() ?? "chromium");
    });
    afterEach(async () => {
      await this.opened?.close();
      expect(this.problems).toEqual([]);
    });
    afterAll(async () => {
      await this.browser?.close();
      await rm(this.folder, { recursive: true, force: true });
    });
  }

  get page(): Page {
    if (!this.opened) throw new Error("no page is open");
    return this.opened;
  }

  /** Opens a made-up run with its second token pinned. */
  async open(width = 700, options = SAMPLE, theme: keyof typeof THEMES = "light"): Promise<void> {
    if (!this.browser) throw new Error("Chromium did not start");
    const file = join(this.folder, "inspector.html");
    await writeFile(file, await renderInspectorPage(await sampleRun(options), theme));
    const page = await this.browser.newPage({ viewport: { width, height: 900 } });
    this.opened = page;
    this.problems = [];
    page.on("console", (message) => {
      if (message.type() === "error" || message.type() === "warning") this.problems.push(message.text());
    });
    page.on("pageerror", (error) => this.problems.push(error.message));
    await page.goto(pathToFileURL(file).href);
    await page.locator(".filter-grid .rows .row").first().waitFor();
    await this.select(1);
  }

  /** What was asked for is drawn. */
  drawn(): Promise<void> {
    return settled(this.page);
  }

  async select(token: number | null): Promise<void> {
    await this.page.evaluate((selected) => window.store.set({ selected }), token);
    await this.drawn();
  }

  settings(): Promise<AttributionSettings> {
    return this.page.evaluate(() => window.store.state.settings);
  }

  async layers(): Promise<readonly [number, number]> {
    return (await this.settings()).layers;
  }

  state(name: "pinnedHead" | "previewedHead" | "position" | "tab" | "wordTint"): Promise<unknown> {
    return this.page.evaluate((key) => window.store.state[key], name);
  }

  /** The heatmap of a token under the present settings. */
  mapOf(token: number): Promise<number[]> {
    return this.page.evaluate((index) => {
      const { state: present, data } = window.store;
      const size = data.info.cells.length;
      return Array.from(present.attribution.tokenHeatmap.subarray(index * size, (index + 1) * size));
    }, token);
  }

  /** Chooses from a drop-down of the filter settings. */
  async choose(setting: string, value: string): Promise<void> {
    await this.page.locator(`[data-setting="${setting}"] vscode-dropdown`).first().click();
    await this.page.locator(`[data-setting="${setting}"] vscode-option[value="${value}"]`).first().click();
    await this.drawn();
  }

  /** Heads of the rows in the document, in order. */
  rowNames(): Promise<string[]> {
    return this.page.locator(".filter-grid .rows .row .head").allTextContents();
  }

  row(name: string): Locator {
    return this.page.locator(`.row[data-head="${name}"]`);
  }
}
