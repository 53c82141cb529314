import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { attribute } from "../../src/core/attribution/attribute.js";
import { attributionInput } from "../../src/core/attribution/attributionInput.js";
import { writeRun } from "../../src/core/run/writeRun.js";
import { htmlComparisonOf } from "../helpers/comparisonFile.js";
import { axeFindings } from "../helpers/axeFindings.js";
import { findChromium, launchBrowser } from "../helpers/browser.js";
import { openCompare, type CompareOptions, type CompareWindow } from "../helpers/comparePage.js";
import { layoutProblems } from "../helpers/layoutProblems.js";
import { openPanel, sampleRunFile, servePanel, type EditorWindow } from "../helpers/panelPage.js";
import { sampleRun } from "../helpers/sampleRun.js";
import { settled } from "../helpers/settled.js";

const chromium = findChromium();

async function runWithoutGradient(): Promise<Uint8Array> {
  const run = await sampleRun({ columns: 8, rows: 8 });
  const attribution = attribute(attributionInput(run), run.info.settings);
  return writeRun({ ...run, arrays: { ...run.arrays, gradient: null } }, attribution);
}

// Without a Chromium the page cannot be tried; on CI it must be there.
describe.skipIf(chromium === undefined && !process.env["CI"])("comparison of two runs", () => {
  let browser: Browser | undefined;
  let server: { address: string; close: () => void } | undefined;

  beforeAll(async () => {
    const runs = new Map([
      ["one", await sampleRunFile({ columns: 8, rows: 8 })],
      [
        "two",
        await sampleRunFile({
          columns: 8,
          rows: 8,
          answer: ["a", " dog", " and", " a", " red", " ball", "</s>"],
          prompt: "Describe the small picture.",
        }),
      ],
      ["fine", await sampleRunFile({ columns: 12, rows: 12, layers: 30, heads: 9 })],
      ["bare", await runWithoutGradient()],
    ]);
    server = await servePanel(runs);
    browser = await launchBrowser(chromium ?? "chromium");
  });

  afterAll(async () => {
    await browser?.close();
    server?.close();
  });

  const open = (options: CompareOptions = {}) => {
    if (!browser || !server) throw new Error("Chromium did not start");
    return openCompare(browser, server.address, { run: "one", other: "two", ...options });
  };
  const sent = (page: Page) => page.evaluate(() => (window as unknown as CompareWindow).fakeCompare.sent);
  const panel = (page: Page, name: string) =>
    page.locator(".panel", { has: page.getByRole("heading", { name, exact: true }) });
  /** Mean colour of the middle of an object of the sample picture, on a pane. */
  const colourAt = (page: Page, front: string, x: number, y: number) =>
    page.locator(`[data-front="${front}"] canvas`).evaluate(
      (canvas: HTMLCanvasElement, [across, down]) => {
        const place = [Math.round(across * canvas.width), Math.round(down * canvas.height)] as const;
        const size = [canvas.width, canvas.height] as const;
        const copy = new OffscreenCanvas(...size).getContext("2d", { willReadFrequently: true });
        copy?.drawImage(canvas, 0, 0);
        return Array.from(copy?.getImageData(...place, 1, 1).data.slice(0, 3) ?? []);
      },
      [x, y] as const,
    );

  it("says what changed, in words, and shows the tokens above each other", async () => {
    const { page, problems } = await open();
    expect(await page.locator(".changes del, .changes ins").allTextContents()).toEqual(["small "]);
    const names = await page.locator(".pair > .visually-hidden").allTextContents();
    expect(names[0]).toBe("Whole answers");
    expect(names[1]).toMatch(/^a in both, delta/);
    expect(names.find((name) => name.includes("cat"))).toMatch(/·cat(, only in A| in A, ·dog in B)/);
    expect(await page.locator(".pair.same", { hasText: "ball" }).count()).toBe(1);
    expect(problems).toEqual([]);
    await page.context().close();
  });

  it("shows where A and B look and the difference in two colours, for the pair that is chosen", async () => {
    const { page, problems } = await open({ other: "one" });
    await page
      .locator(".token-choice vscode-dropdown")
      .first()
      .evaluate((control: HTMLSelectElement) => {
        control.value = "1";
        control.dispatchEvent(new Event("change"));
      });
    await page
      .locator(".token-choice vscode-dropdown")
      .last()
      .evaluate((control: HTMLSelectElement) => {
        control.value = "6";
        control.dispatchEvent(new Event("change"));
      });
    await settled(page);
    expect(await page.locator(".pane-title").allTextContents()).toEqual([
      expect.stringMatching(/^·cat, delta 0\.\d+$/),
      expect.stringMatching(/^·ball, delta 0\.\d+$/),
      "red: more in B, blue: more in A",
    ]);
    const [redAtCat = 0, , blueAtCat = 0] = await colourAt(page, "difference", 0.25, 0.6);
    const [redAtBall = 0, , blueAtBall = 0] = await colourAt(page, "difference", 0.75, 0.32);
    expect(blueAtCat).toBeGreaterThan(redAtCat + 40);
    expect(redAtBall).toBeGreaterThan(blueAtBall + 40);
    expect(await page.locator(".aligned [aria-selected=true]").count()).toBe(0);
    expect(problems).toEqual([]);
    await page.context().close();
  });

  it("is walked through by keyboard: pairs, heads, and pictures one at a time", async () => {
    const { page } = await open();
    await page.locator(".pair.whole").focus();
    await page.keyboard.press("End");
    expect(await page.evaluate(() => document.activeElement?.textContent)).toContain("</s>");
    await page.keyboard.press("Escape");
    expect(await page.locator(".pair.whole").getAttribute("aria-selected")).toBe("true");
    await page.locator(".matrix-focus").focus();
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("ArrowRight");
    expect(await panel(page, "Heads").locator(".readout").textContent()).toMatch(
      /^L0 H1: A .* %, B .* %, difference/,
    );
    await page.getByRole("button", { name: "One at a time" }).click();
    const seen = () =>
      page
        .locator(".pane:visible")
        .evaluateAll((all) => all.map((each) => (each as HTMLElement).dataset["front"]));
    expect(await seen()).toEqual(["a"]);
    await page.locator(".pane:visible canvas").focus();
    await page.keyboard.press(" ");
    expect(await seen()).toEqual(["b"]);
    await page.keyboard.press("d");
    expect(await seen()).toEqual(["difference"]);
    await page.context().close();
  });

  it("works a side out anew under other settings, and says that they are what changed", async () => {
    const { page, problems } = await open({ scene: "same" });
    expect(await page.locator(".changes .note").textContent()).toContain("one run on both sides");
    expect(await panel(page, "How alike").locator("dd strong").first().textContent()).toBe("100 %");
    await page
      .locator('.settings[aria-label="Settings of B"] .layer-range vscode-dropdown')
      .first()
      .evaluate((control: HTMLSelectElement) => {
        control.value = "2";
        control.dispatchEvent(new Event("change"));
      });
    await settled(page);
    expect(await page.locator(".changes li").allTextContents()).toEqual(["LayersL0–L3→L2–L3"]);
    expect(await panel(page, "How alike").locator("dd strong").first().textContent()).not.toBe("100 %");
    await page.locator('.settings[aria-label="Settings of B"]').getByText("As saved").click();
    expect(await page.locator(".changes .note").count()).toBe(1);
    expect(problems).toEqual([]);
    await page.context().close();
  });

  it("swaps its sides and tells the editor", async () => {
    const { page } = await open();
    const layers = () => panel(page, "Layers").locator("svg").getAttribute("aria-label");
    const before = /from (.*) of A's map to (.*) of B's/.exec((await layers()) ?? "");
    await page.getByText("Swap", { exact: true }).click();
    await settled(page);
    const after = /from (.*) of A's map to (.*) of B's/.exec((await layers()) ?? "");
    expect([after?.[1], after?.[2]]).toEqual([before?.[2], before?.[1]]);
    expect(await page.locator(".compare-run .link").allTextContents()).toEqual([
      "other.dexar",
      "Dog and frog",
    ]);
    expect(await sent(page)).toContainEqual({
      kind: "swapped",
      sources: [
        { kind: "file", uri: "file:///runs/other.dexar" },
        { kind: "run", id: "one" },
      ],
    });
    await page.context().close();
  });

  it("keeps what was looked at across a reload", async () => {
    const { page } = await open();
    await page.locator('.pair[data-index="1"]').click();
    await page.getByRole("button", { name: "One at a time" }).click();
    await settled(page);
    await page.reload();
    await page.waitForSelector(".pane canvas");
    await settled(page);
    expect(await page.locator('.pair[data-index="1"]').getAttribute("aria-selected")).toBe("true");
    expect(await page.locator(".pane:visible").count()).toBe(1);
    await page.context().close();
  });

  it("sends its picture as a PNG, and says under which name it was saved", async () => {
    const { page } = await open();
    await page.getByText("Save picture").click();
    await page.waitForFunction(() => document.querySelector(".notice")?.textContent.includes("compare.png"));
    const content = await page.evaluate(() => {
      const message = (window as unknown as CompareWindow).fakeCompare.sent.find(
        ({ kind }) => kind === "savePng",
      );
      return message?.kind === "savePng" ? Array.from(message.content.slice(1, 4)) : [];
    });
    expect(String.fromCharCode(...content)).toBe("PNG");
    await page.context().close();
  });

  it("reads a cell on all pictures at once", async () => {
    const { page } = await open();
    await page.locator('[data-front="b"] canvas').hover({ position: { x: 5, y: 5 } });
    expect(await panel(page, "Where each looks").locator(".readout").textContent()).toMatch(
      /^row 1, column 1: A .+ %, B .+ %, difference [+−]?[\d.]+ %$/,
    );
    expect(await page.locator(".cell-mark:visible").count()).toBe(3);
    await page.context().close();
  });

  it("compares other models in one grid, and says what cannot be compared", async () => {
    const { page } = await open({ other: "fine" });
    expect(await panel(page, "How alike").textContent()).toContain("a grid of 12 × 12");
    expect(await panel(page, "Layers").textContent()).toContain("cannot be compared one by one");
    expect(await panel(page, "Heads").textContent()).toContain("cannot be compared one by one");
    expect(await page.locator(".changes").textContent()).toContain("30 layers of 9 heads");
    await page.context().close();
  });

  it("compares runs without a gradient, whose settings stay", async () => {
    const { page, problems } = await open({ other: "bare" });
    expect(await page.locator('.settings[aria-label="Settings of B"]').textContent()).toContain(
      "without its gradient",
    );
    expect(await panel(page, "Layers").textContent()).toContain("without its gradient");
    expect(problems).toEqual([]);
    await page.context().close();
  });

  it("has every number in tables", async () => {
    const { page } = await open();
    for (const summary of await page.locator("details summary").all()) await summary.click();
    await page.waitForFunction(() => document.querySelectorAll("table.numbers").length === 4);
    const captions = await page.locator("table.numbers caption").allTextContents();
    expect(captions).toHaveLength(4);
    const rows = await page
      .getByRole("region", { name: "The layers as a table" })
      .locator("tbody tr")
      .allTextContents();
    expect(rows).toHaveLength(4);
    expect(rows[0]).toMatch(/^L0[\d.]+ %[\d.]+ %[+−]?[\d.]+ %$/);
    expect(await axeFindings(page)).toEqual([]);
    await page.context().close();
  });

  it("says in place that a run cannot be read", async () => {
    const { page } = await open({ scene: "failed" });
    expect(await page.getByRole("alert").textContent()).toContain("This run is not kept any more.");
    await page.context().close();
  });

  it.each([300, 480, 700, 1000, 1600])("fits into %i pixels", async (width) => {
    for (const other of ["two", "fine"]) {
      const { page, problems } = await open({ width, other });
      await page.locator('.pair[data-index="2"]').click();
      expect(await layoutProblems(page)).toEqual([]);
      expect(problems).toEqual([]);
      await page.context().close();
    }
  });

  it.each(["light", "dark", "hc-black", "hc-light"])("is accessible in the theme %s", async (theme) => {
    const { page } = await open({ theme });
    await page.locator('.pair[data-index="2"]').click();
    expect(await axeFindings(page)).toEqual([]);
    expect(await page.evaluate(() => document.getAnimations().length)).toBe(0);
    await page.context().close();
  });

  it("is asked for from the panel, with the pinned token", async () => {
    if (!browser || !server) throw new Error("Chromium did not start");
    const { page, problems } = await openPanel(browser, server.address, { run: "one" });
    await page.locator('.chip[data-index="1"]').click();
    await page.getByRole("button", { name: "Compare with…" }).click();
    const said = await page.evaluate(() => (window as unknown as EditorWindow).fakeEditor.sent);
    expect(said).toContainEqual({ kind: "compare", token: { index: 1, text: " cat" } });
    expect(problems).toEqual([]);
    await page.context().close();
  });

  it("is one file without an editor", async () => {
    if (!browser) throw new Error("Chromium did not start");
    const context = await browser.newContext();
    const page = await context.newPage();
    const problems: string[] = [];
    page.on("console", (message) => {
      if (message.type() === "error" || message.type() === "warning") problems.push(message.text());
    });
    page.on("pageerror", (error) => problems.push(error.message));
    page.on("request", (request) => {
      if (!/^(data|blob|file):/.test(request.url())) problems.push(`asked for ${request.url()}`);
    });
    const file = await htmlComparisonOf(
      { columns: 6, rows: 6 },
      { columns: 6, rows: 6, answer: ["a", " ball"] },
    );
    await page.goto(file.address);
    await page.waitForSelector(".pane canvas");
    expect(await page.locator(".compare-run strong").allTextContents()).toEqual(["a.dexar", "b.dexar"]);
    expect(await page.locator('.pair[aria-selected="true"]').textContent()).toContain("·ball in both");
    expect(problems).toEqual([]);
    await context.close();
    await file.remove();
  });
});
