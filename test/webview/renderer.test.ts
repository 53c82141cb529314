import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { attribute } from "../../src/core/attribution/attribute.js";
import { attributionInput } from "../../src/core/attribution/attributionInput.js";
import { runDigest } from "../../src/core/run/runDigest.js";
import { runOutput } from "../../src/core/run/runOutput.js";
import { axeFindings } from "../helpers/axeFindings.js";
import { findChromium, launchBrowser } from "../helpers/browser.js";
import { layoutProblems } from "../helpers/layoutProblems.js";
import { openNotebook, type NotebookOptions, type NotebookWindow } from "../helpers/notebookPage.js";
import { sampleRunFile, servePanel } from "../helpers/panelPage.js";
import { sampleRun } from "../helpers/sampleRun.js";

const chromium = findChromium();
const WIDTHS = [300, 480, 700, 1000, 1600];
const THEMES = ["light", "dark", "hc-black", "hc-light"];

/** A digest whose S_text is no array. */
async function damagedDigest(): Promise<string> {
  const run = await sampleRun();
  const attribution = attribute(attributionInput(run), run.info.settings);
  const digest = runDigest(run, attribution, { type: "image/png", bytes: run.image });
  return digest.replace(/"scoreText":\{[^}]*\}/, '"scoreText":1');
}

// Without a Chromium the page cannot be tried; on CI it must be there.
describe.skipIf(chromium === undefined && !process.env["CI"])("a run in a notebook's output", () => {
  let browser: Browser | undefined;
  let server: { address: string; close: () => void } | undefined;

  beforeAll(async () => {
    const large = { columns: 24, rows: 18, width: 400, height: 300, layers: 30, heads: 9 };
    const runs = new Map([
      ["sample", await sampleRunFile()],
      ["large", await sampleRunFile(large)],
    ]);
    server = await servePanel(runs);
    browser = await launchBrowser(chromium ?? "chromium");
  });

  afterAll(async () => {
    await browser?.close();
    server?.close();
  });

  const open = (options: NotebookOptions = {}) => {
    if (!browser || !server) throw new Error("Chromium did not start");
    return openNotebook(browser, server.address, options);
  };

  /** How many pixels of the map's canvas have a colour. */
  const colouredPixels = (page: Page, output: string): Promise<number> =>
    page.locator(`#${output} canvas.map`).evaluate(async (canvas: HTMLCanvasElement) => {
      await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
      const { data } = canvas.getContext("2d")?.getImageData(0, 0, canvas.width, canvas.height) ?? {
        data: [],
      };
      return data.filter((value, index) => index % 4 === 3 && value > 0).length;
    });

  it("is drawn from what was saved, with nobody to talk to", async () => {
    const { page, problems } = await open({ alone: true });
    await expect.poll(() => colouredPixels(page, "output-1")).toBeGreaterThan(1000);
    const output = page.locator("#output-1");
    expect(await output.locator(".chip").count()).toBe(13);
    await output.locator('.chip[data-index="1"]').click();
    expect(await output.locator(".token-facts").textContent()).toContain("93 %");
    await output.locator(".caption strong").filter({ hasText: "cat" }).waitFor();
    expect(await output.locator(".layer-bars .layer").count()).toBe(4);
    await output.getByRole("button", { name: "Heads" }).click();
    await output.locator(".head-matrix").waitFor();
    await output.getByRole("button", { name: "Prompt" }).click();
    await output.locator(".prompt-words .word").first().waitFor();
    expect(await output.getByRole("button", { name: "Open in panel" }).count()).toBe(0);
    expect(problems).toEqual([]);
    await page.context().close();
  });

  it("leaves the rest of the page as it is", async () => {
    const { page } = await open();
    const found = await page.evaluate(() => ({
      elements: ["vscode-button", "vscode-checkbox", "vscode-dropdown"].filter((tag) =>
        customElements.get(tag),
      ),
      sheets: document.adoptedStyleSheets.length + document.head.querySelectorAll("style").length,
      properties: Array.from(document.documentElement.style).concat(Array.from(document.body.style)),
      globals: Object.keys(window).filter((name) => /dexar|fast/i.test(name)),
    }));
    // The one <style> is the notebook's own.
    expect(found).toEqual({ elements: [], sheets: 1, properties: [], globals: [] });
    await page.context().close();
  });

  it("of many is drawn when it comes into sight, and each is on its own", async () => {
    const { page } = await open({ outputs: 12 });
    const drawn = (): Promise<number> => page.locator(".stage").count();
    expect(await drawn()).toBeLessThan(6);
    expect(await page.locator("#output-12 .stage").count()).toBe(0);
    await page.locator('#output-1 .chip[data-index="1"]').click();
    await page.locator("#output-12").scrollIntoViewIfNeeded();
    await page.locator("#output-12 .stage").waitFor();
    expect(await page.locator('#output-12 .chip[aria-selected="true"]').textContent()).toBe("Whole answer");
    // Out of sight for a while, it holds nothing; back in sight, it is as it was left.
    await page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur());
    await expect.poll(() => page.locator("#output-1 .stage").count(), { timeout: 30_000 }).toBe(0);
    const { height } = (await page.locator("#output-1").boundingBox()) ?? { height: 0 };
    expect(height).toBeGreaterThan(400);
    await page.locator("#output-1").scrollIntoViewIfNeeded();
    await page.locator("#output-1 .stage").waitFor();
    expect(await page.locator('#output-1 .chip[aria-selected="true"]').textContent()).toBe("·cat");
    await page.context().close();
  });

  it("gives everything back when the notebook lets go of it", async () => {
    const { page, problems } = await open({ outputs: 2 });
    const left = await page.evaluate(() => {
      const { renderer } = (window as unknown as NotebookWindow).fakeNotebook;
      const shadow = document.querySelector("#output-1 > div")?.shadowRoot;
      const canvases = Array.from(shadow?.querySelectorAll("canvas") ?? []);
      renderer.disposeOutputItem("output-1");
      const other = document.querySelector("#output-2 > div")?.shadowRoot?.querySelector(".run-output");
      renderer.disposeOutputItem("never-there");
      return {
        sizes: canvases.map(({ width, height }) => width * height),
        empty: document.querySelector("#output-1")?.childElementCount,
        other: other !== null && other !== undefined,
      };
    });
    expect(left).toEqual({ sizes: [0, 0, 0], empty: 0, other: true });
    await page.evaluate(() =>
      (window as unknown as NotebookWindow).fakeNotebook.renderer.disposeOutputItem(),
    );
    expect(await page.locator(".run-output").count()).toBe(0);
    expect(problems).toEqual([]);
    await page.context().close();
  });

  it("is drawn anew when the cell has run again, and as it was when it has not", async () => {
    const { page } = await open();
    const drawAgain = async (runId: string): Promise<string | null> => {
      await page.evaluate((id) => {
        const { renderer, json } = (window as unknown as NotebookWindow).fakeNotebook;
        const text = json.replace('"runId":"sample"', `"runId":"${id}"`);
        const place = document.querySelector<HTMLElement>("#output-1");
        if (place) renderer.renderOutputItem({ id: "output-1", text: () => text }, place);
      }, runId);
      await page.locator("#output-1 .stage").waitFor();
      expect(await page.locator("#output-1 > div").count()).toBe(1);
      return page.locator('#output-1 .chip[aria-selected="true"]').textContent();
    };
    await page.locator('#output-1 .chip[data-index="1"]').click();
    await page.locator("#output-1").getByRole("button", { name: "Heads" }).click();
    expect(await drawAgain("sample")).toBe("·cat");
    expect(await drawAgain("another")).toBe("Whole answer");
    expect(await page.locator("#output-1 .heads").count()).toBe(1);
    await page.context().close();
  });

  it("says what is wrong with a damaged or newer one, in its place", async () => {
    const { page } = await open();
    const wrong = await runOutput(await damagedDigest(), "sample");
    await page.evaluate((damaged) => {
      const { fakeNotebook } = window as unknown as NotebookWindow;
      const { json } = fakeNotebook;
      fakeNotebook.add("damaged", damaged);
      fakeNotebook.add("newer", json.replace('"version":1,"runId"', '"version":2,"runId"'));
      fakeNotebook.add("cut", json.slice(0, 500));
      fakeNotebook.add("shortened", `${json.slice(0, 500)}"}`);
    }, wrong.json);
    const said = async (id: string): Promise<string> => {
      await page.locator(`#${id}`).scrollIntoViewIfNeeded();
      return (await page.locator(`#${id} .failure`).textContent()) ?? "";
    };
    expect(await said("damaged")).toMatch(/damaged: attribution\.scoreText is missing.*Run it again/);
    expect(await said("newer")).toMatch(/version 2.*Update DEX-AR/);
    expect(await said("cut")).toMatch(/not JSON.*Run it again/);
    expect(await said("shortened")).toMatch(/its digest cannot be unpacked.*Run it again/);
    expect(await page.locator("#output-1 .stage").count()).toBe(1);
    await page.context().close();
  });

  it("is walked by keys, which the notebook then does not get", async () => {
    const { page } = await open();
    await page.evaluate(() => {
      const got: string[] = [];
      Object.assign(window, { got });
      window.addEventListener("keydown", ({ key }) => got.push(key));
    });
    const output = page.locator("#output-1");
    await output.locator(".chip.whole").focus();
    for (const key of ["ArrowRight", "ArrowRight", "F9"]) await page.keyboard.press(key);
    expect(await output.locator('.chip[aria-selected="true"]').textContent()).toBe("·cat");
    await output.getByRole("button", { name: "Export" }).press("Enter");
    await page.keyboard.press("ArrowDown");
    expect(await output.locator(".menu-item:focus").textContent()).toBe("Save picture as SVG");
    await page.keyboard.press("Escape");
    expect(await output.locator(".menu-list").isVisible()).toBe(false);
    const got = await page.evaluate(() => (window as unknown as { got: string[] }).got);
    expect(got).toContain("F9");
    expect(got.filter((key) => key.startsWith("Arrow") || key === "Escape")).toEqual([]);
    await output.getByRole("button", { name: "Prompt" }).press("Enter");
    await output.locator('.prompt-words .word[tabindex="0"]').press("End");
    const words = output.locator(".prompt-words [role=option]");
    expect(await output.locator(".prompt-words .word:focus").textContent()).toBe(
      await words.last().textContent(),
    );
    await page.context().close();
  });

  it("opens its run in a panel, and says when that is not kept any more", async () => {
    const { page } = await open();
    const button = page.locator("#output-1").getByRole("button", { name: "Open in panel" });
    await button.click();
    await page.evaluate(() => {
      const { fakeNotebook } = window as unknown as NotebookWindow;
      const failure = { message: "This run is not kept any more.", nextStep: "Run it again." };
      fakeNotebook.answer = (message) =>
        message.kind === "open" ? { kind: "opened", request: message.request, failure } : null;
    });
    await button.click();
    await page.locator("#output-1 .notice").filter({ hasText: "not kept any more. Run it again." }).waitFor();
    const sent = await page.evaluate(() => (window as unknown as NotebookWindow).fakeNotebook.sent);
    expect(sent).toEqual([
      { kind: "ready" },
      { kind: "open", request: 1, runId: "sample" },
      { kind: "open", request: 2, runId: "sample" },
    ]);
    await page.context().close();
  });

  it("saves its picture through a link that the notebook sees, and copies it", async () => {
    const { page, problems } = await open({ alone: true });
    // As a notebook does it: whatever link a click comes through.
    await page.evaluate(() => {
      const clicked: string[][] = [];
      Object.assign(window, { clicked });
      document.body.addEventListener("click", (event) => {
        const link = event.composedPath().find((node) => node instanceof HTMLAnchorElement);
        if (!(link instanceof HTMLAnchorElement)) return;
        clicked.push([link.download, link.href.slice(0, 40)]);
        event.preventDefault();
      });
    });
    const output = page.locator("#output-1");
    await output.locator('.chip[data-index="1"]').click();
    const choose = async (item: string): Promise<void> => {
      await output.getByRole("button", { name: "Export" }).click();
      await output.getByRole("menuitem", { name: item }).click();
    };
    const clicked = (): Promise<string[][]> =>
      page.evaluate(() => (window as unknown as { clicked: string[][] }).clicked);
    await choose("Save picture as PNG");
    await expect.poll(clicked).toHaveLength(1);
    await choose("Save picture as SVG");
    await expect.poll(clicked).toHaveLength(2);
    expect(await clicked()).toEqual([
      ["sample.token-02-cat.png", expect.stringMatching(/^data:image\/png;base64,iVBORw0KGgo/)],
      ["sample.token-02-cat.svg", expect.stringMatching(/^data:image\/svg\+xml;base64,/)],
    ]);
    await choose("Copy picture");
    await output.locator(".notice").filter({ hasText: "on the clipboard" }).waitFor();
    const types = await page.evaluate(async () => (await navigator.clipboard.read())[0]?.types);
    expect(types).toContain("image/png");
    expect(problems).toEqual([]);
    await page.context().close();
  });

  describe.each(["sample", "large"])("run %s", (run) => {
    it.each(WIDTHS)("fits into %i pixels: no cut text, no overlap, no sideways scrolling", async (width) => {
      const { page, problems } = await open({ run, width });
      const output = page.locator("#output-1");
      await output.locator('.chip[data-index="1"]').click();
      for (const part of ["Layers", "Heads", "Prompt"]) {
        await output.getByRole("button", { name: part, exact: true }).click();
        expect(await layoutProblems(page)).toEqual([]);
      }
      expect(problems).toEqual([]);
      await page.context().close();
    });
  });

  it.each(THEMES)("is accessible in the theme %s", async (theme) => {
    const { page } = await open({ theme });
    const output = page.locator("#output-1");
    await output.locator('.chip[data-index="1"]').click();
    for (const part of ["Layers", "Heads", "Prompt"]) {
      await output.getByRole("button", { name: part, exact: true }).click();
      expect(await axeFindings(page)).toEqual([]);
    }
    await page.context().close();
  });
});
