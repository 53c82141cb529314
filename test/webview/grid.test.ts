import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { FromGrid, ToGrid } from "../../src/protocol/grid.js";
import { axeFindings } from "../helpers/axeFindings.js";
import { findChromium, launchBrowser } from "../helpers/browser.js";
import { openGrid, type GridOptions, type GridWindow } from "../helpers/gridPage.js";
import { layoutProblems } from "../helpers/layoutProblems.js";
import { sampleRunFile, servePanel, type OpenPanel } from "../helpers/panelPage.js";

const chromium = findChromium();
const THEMES = ["light", "dark", "hc-black", "hc-light"];
const SCENES = ["finished", "running", "failed", "stopped", "broken"];

// Without a Chromium the page cannot be tried; on CI it must be there.
describe.skipIf(chromium === undefined && !process.env["CI"])("results of several pictures", () => {
  let browser: Browser | undefined;
  let server: { address: string; close: () => void } | undefined;

  beforeAll(async () => {
    const wide = { columns: 8, rows: 6, width: 160, height: 120, answer: [" a", " cat", "</s>"] };
    server = await servePanel(
      new Map([
        ["one", await sampleRunFile()],
        ["two", await sampleRunFile(wide)],
        ["three", await sampleRunFile({ ...wide, answer: [" a", "</s>"] })],
      ]),
    );
    browser = await launchBrowser(chromium ?? "chromium");
  });

  afterAll(async () => {
    await browser?.close();
    server?.close();
  });

  const open = (options: GridOptions = {}): Promise<OpenPanel> => {
    if (!browser || !server) throw new Error("Chromium did not start");
    return openGrid(browser, server.address, options);
  };

  const sent = (page: Page): Promise<readonly FromGrid[]> =>
    page.evaluate(() => (window as unknown as GridWindow).fakeGrid.sent);
  const post = (page: Page, message: ToGrid): Promise<void> =>
    page.evaluate((posted) => (window as unknown as GridWindow).fakeGrid.post(posted), message);
  const summary = (page: Page): Promise<string | null> => page.locator(".summary").textContent();

  it("shows each picture with its map, its answer tinted by delta, and what the file asked", async () => {
    const { page, problems } = await open();
    expect(await page.locator("h1").textContent()).toBe("describe the picture.");
    expect(await summary(page)).toBe("3 of 3 done");
    expect(await page.getByRole("article").count()).toBe(3);
    const answers = await page.locator(".answer-text").allTextContents();
    expect(answers[1]).toBe("a cat");
    // The blank before a word has no tint.
    expect(await page.locator(".card").nth(1).locator(".token").allTextContents()).toEqual(["a", "cat"]);
    const tints = await page
      .locator(".card")
      .nth(1)
      .locator(".token")
      .evaluateAll((tokens) =>
        tokens.map((token) => (token as HTMLElement).style.getPropertyValue("--tint")),
      );
    expect(tints).toEqual(["0.000", "1.000"]);
    expect(await page.locator(".token").nth(1).getAttribute("title")).toMatch(/^·cat, probability .* delta /);
    const sizes = await page
      .locator("canvas")
      .evaluateAll((all) =>
        all.map((each) => [(each as HTMLCanvasElement).width, (each as HTMLCanvasElement).height]),
      );
    expect(sizes).toEqual([
      [96, 96],
      [160, 120],
      [160, 120],
    ]);
    const colours = await page
      .locator("canvas")
      .nth(1)
      .evaluate((node) => {
        const canvas = node as HTMLCanvasElement;
        const { data } = canvas.getContext("2d")?.getImageData(0, 0, canvas.width, canvas.height) ?? {
          data: [],
        };
        return new Set(Array.from({ length: data.length / 4 }, (_, pixel) => data[4 * pixel])).size;
      });
    expect(colours).toBeGreaterThan(20);
    expect(await page.evaluate(() => (window as unknown as GridWindow).fakeGrid.kept)).toEqual({
      version: 1,
      key: "key",
    });
    expect(problems).toEqual([]);
    await page.context().close();
  });

  it("opens a run with the keyboard and with a click anywhere on its card", async () => {
    const { page } = await open();
    await page.getByRole("button", { name: "Open the run of" }).nth(1).focus();
    await page.keyboard.press("Enter");
    await page.locator(".card").nth(2).locator(".state").click();
    expect((await sent(page)).slice(1)).toEqual([
      { kind: "open", index: 1 },
      { kind: "open", index: 2 },
    ]);
    await page.context().close();
  });

  it("goes through waiting, running with its tokens, done, and counts", async () => {
    const { page, problems } = await open({ scene: "running" });
    expect(await summary(page)).toBe("1 of 3 done, 1 running, 1 waiting");
    const running = page.locator('.card[data-state="running"]');
    expect(await running.locator(".state").textContent()).toBe("answering, 3 of at most 64 tokens");
    expect(await running.getByRole("button").first().isDisabled()).toBe(true);
    await post(page, { kind: "token", index: 1, text: " more" });
    await expect.poll(() => running.locator(".answer-text").textContent()).toContain(" more");
    expect(await running.locator(".state").textContent()).toBe("answering, 4 of at most 64 tokens");
    await page.getByRole("button", { name: "Stop" }).click();
    expect((await sent(page)).at(-1)).toEqual({ kind: "stop" });
    await post(page, { kind: "state", index: 1, state: { kind: "stopped" } });
    await post(page, { kind: "state", index: 2, state: { kind: "stopped" } });
    await expect.poll(() => summary(page)).toBe("1 of 3 done, 2 stopped");
    await page.getByRole("button", { name: "Run again" }).first().click();
    expect((await sent(page)).at(-1)).toEqual({ kind: "runAll" });
    expect(problems).toEqual([]);
    await page.context().close();
  });

  it("shows why one picture failed, what to do, and runs that one again; the focus stays in the card", async () => {
    const { page } = await open({ scene: "failed" });
    const failed = page.locator('.card[data-state="failed"]');
    expect(await summary(page)).toBe("3 of 4 done, 1 failed");
    expect(await failed.textContent()).toContain("There is no picture at pictures/zebra.png.");
    expect(await failed.textContent()).toContain("Write another path into the prompt file");
    await failed.locator(".actions vscode-button", { hasText: "Run again" }).focus();
    await page.keyboard.press("Enter");
    expect((await sent(page)).at(-1)).toEqual({ kind: "runAgain", index: 3 });
    await post(page, { kind: "state", index: 3, state: { kind: "waiting" } });
    await expect.poll(() => page.evaluate(() => document.activeElement?.textContent)).toBe("zebra.png");
    await page.context().close();
  });

  it("says what is wrong with the file, and that the words were edited since", async () => {
    const { page } = await open({ scene: "broken" });
    expect(await page.getByRole("alert").textContent()).toContain("animals.vlm.md, line 3");
    await post(page, { kind: "failure", failure: null });
    await expect.poll(() => page.getByRole("alert").count()).toBe(0);
    const file = { label: "animals.vlm.md, version 4", edited: true, prompt: "and now?", target: null };
    await post(page, { kind: "file", file });
    await expect.poll(() => page.locator("h1").textContent()).toBe("and now?");
    expect(await page.locator("header").textContent()).toContain("edited since");
    await page.getByRole("button", { name: "animals.vlm.md, version 4" }).click();
    expect((await sent(page)).at(-1)).toEqual({ kind: "revealSource" });
    await page.context().close();
  });

  it("does not draw what came too late: the picture is asked again already", async () => {
    const { page } = await open();
    await post(page, { kind: "state", index: 1, state: { kind: "waiting" } });
    await page.evaluate(() => {
      const { fakeGrid } = window as unknown as GridWindow;
      const [, second] = fakeGrid.results;
      if (second) fakeGrid.post({ kind: "result", index: 1, result: second });
    });
    await expect.poll(() => page.locator(".card").nth(1).getAttribute("data-state")).toBe("waiting");
    expect(await page.locator(".card").nth(1).locator(".answer-text").count()).toBe(0);
    await page.context().close();
  });

  it.each(SCENES.flatMap((scene) => [300, 480, 1000, 1600].map((width) => ({ scene, width }))))(
    "fits the state $scene into $width pixels",
    async ({ scene, width }) => {
      const { page, problems } = await open({ scene, width });
      expect(await layoutProblems(page)).toEqual([]);
      expect(problems).toEqual([]);
      await page.context().close();
    },
  );

  it.each(THEMES)("is accessible in the theme %s", async (theme) => {
    for (const scene of SCENES) {
      const { page } = await open({ theme, scene });
      expect({ scene, found: await axeFindings(page) }).toEqual({ scene, found: [] });
      await page.context().close();
    }
  });
});
