import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { buildBundle } from "../../scripts/build.js";
import { BUNDLES } from "../../scripts/bundles.js";
import { attribute } from "../../src/core/attribution/attribute.js";
import { attributionInput } from "../../src/core/attribution/attributionInput.js";
import { runDigest } from "../../src/core/run/runDigest.js";
import { readRunOutput, runOutput } from "../../src/core/run/runOutput.js";
import { notebookPage } from "../../src/host/notebook/page/notebookPage.js";
import type { PageCell } from "../../src/host/notebook/page/pageCells.js";
import { axeFindings } from "../helpers/axeFindings.js";
import { findChromium, launchBrowser } from "../helpers/browser.js";
import { sampleRun } from "../helpers/sampleRun.js";

const chromium = findChromium();
const EVIL = `<p>Two <b>questions</b></p><script>document.title = "broken"</script>
<script type="application/json" id="renderer">"document.title = 'broken'"</script>
<img src="x" alt="" onerror="document.title = 'broken'"><main>`;

async function cells(): Promise<readonly PageCell[]> {
  const run = await sampleRun({ answer: ["a", " cat", " <b>", "</s>"] });
  const digest = runDigest(run, attribute(attributionInput(run), run.info.settings), {
    type: "image/png",
    bytes: run.image,
  });
  const { json } = await runOutput(digest, "run-1");
  const { data } = await readRunOutput(json);
  return [
    { kind: "markdown", html: EVIL },
    {
      kind: "prompt",
      source: "what is <this>?",
      facts: "[3] 1.2 s",
      outputs: [
        // The file's own reader gives plain JSON, in which "<" is not escaped.
        { kind: "run", data, json: JSON.stringify(JSON.parse(json)), figure: data.picture, table: "a table" },
        { kind: "error", text: "There is no <picture>.\nChoose another." },
        { kind: "text", text: "dog.png · Stopped" },
      ],
    },
  ];
}

// Without a Chromium the page cannot be tried; on CI it must be there.
describe.skipIf(chromium === undefined && !process.env["CI"])("an exported notebook", () => {
  let browser: Browser;
  let folder: string;

  beforeAll(async () => {
    folder = mkdtempSync(path.join(tmpdir(), "dexar-notebook-page-"));
    for (const name of ["renderer.js", "panel.css"]) {
      const bundle = BUNDLES.find(({ out }) => out === `dist/${name}`);
      if (bundle === undefined) throw new Error(`no bundle ${name}`);
      await buildBundle(bundle, path.join(folder, name));
    }
    const read = (name: string): string => readFileSync(path.join(folder, name), "utf8");
    const assets = { renderer: read("renderer.js"), styles: read("panel.css") };
    writeFileSync(path.join(folder, "page.html"), notebookPage("my notebook", await cells(), assets));
    writeFileSync(path.join(folder, "still.html"), notebookPage("my notebook", await cells(), null));
    browser = await launchBrowser(chromium ?? "chromium");
  });

  afterAll(async () => {
    await browser.close();
    rmSync(folder, { recursive: true, force: true });
  });

  async function open(name: string, javaScriptEnabled = true): Promise<{ page: Page; asked: string[] }> {
    const context = await browser.newContext({ javaScriptEnabled, viewport: { width: 1000, height: 900 } });
    const page = await context.newPage();
    const asked: string[] = [];
    // What its policy forbids fails, and is not finished.
    page.on("requestfinished", (request) => asked.push(request.url()));
    await page.goto(pathToFileURL(path.join(folder, name)).href);
    return { page, asked: asked.slice(1) };
  }

  it("shows words, prompts, answers, failures, and lets the run be explored", async () => {
    const { page, asked } = await open("page.html");
    expect(await page.title()).toBe("my notebook · DEX-AR");
    await page.getByText("what is <this>?").waitFor();
    await page.getByText("[3] 1.2 s").waitFor();
    expect(await page.locator(".error").innerText()).toBe("There is no <picture>.\nChoose another.");
    await page.getByText("dog.png · Stopped").waitFor();
    // The renderer's own chips, in its shadow root, in place of the still picture.
    const chip = page.locator('[role=option][data-index="1"]');
    await chip.click();
    expect(await chip.getAttribute("aria-selected")).toBe("true");
    expect(await page.locator("article").count()).toBe(0);
    expect(await page.locator("canvas").count()).toBeGreaterThan(0);
    expect(asked.filter((url) => !/^(data|blob):/.test(url))).toEqual([]);
    await page.context().close();
  });

  it("runs nothing that stands in its cells", async () => {
    const { page } = await open("page.html");
    await page.locator("canvas").first().waitFor();
    expect(await page.title()).toBe("my notebook · DEX-AR");
    expect(await page.locator("b").first().innerText()).toBe("questions");
    await page.context().close();
  });

  it("shows pictures and tokens without any script, too", async () => {
    for (const name of ["page.html", "still.html"]) {
      const { page } = await open(name, false);
      expect(await page.locator("article img").count()).toBe(1);
      expect(await page.locator("article img").getAttribute("alt")).toContain("a cat");
      expect(await page.locator(".token").allInnerTexts()).toEqual(["a", "·cat", "·<b>", "</s>"]);
      await page.locator("summary").click();
      await page.getByText("a table").waitFor();
      await page.context().close();
    }
  });

  it("has colours of its own, and nothing that a screen reader trips over", async () => {
    const { page } = await open("still.html");
    expect(await axeFindings(page)).toEqual([]);
    const colour = await page
      .locator(".token.t10")
      .evaluate((token) => getComputedStyle(token).backgroundColor);
    expect(colour).not.toBe("rgba(0, 0, 0, 0)");
    await page.context().close();
  });
});
