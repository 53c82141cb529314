import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { findChromium, launchBrowser } from "../helpers/browser.js";
import type { PictureWindow } from "../helpers/pictureEntry.js";
import { renderPicturePage } from "../helpers/picturePage.js";
import { sampleRun } from "../helpers/sampleRun.js";
import { settled } from "../helpers/settled.js";
import { twoPictures } from "../helpers/twoPictures.js";

const chromium = findChromium();

// Without a Chromium the page cannot be tried; on CI it must be there.
describe.skipIf(chromium === undefined && !process.env["CI"])("picture and answer", () => {
  let browser: Browser | undefined;
  let folder: string;
  let page: Page;
  let problems: string[] = [];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "dexar-picture-"));
    const runs = {
      whole: await sampleRun({ width: 240, height: 160, columns: 12, rows: 8 }),
      cropped: await sampleRun({ width: 240, height: 120, seen: [60, 0, 120, 120] }),
      several: await twoPictures(),
    };
    for (const [name, run] of Object.entries(runs))
      await writeFile(join(folder, `${name}.html`), await renderPicturePage(run));
    browser = await launchBrowser(chromium ?? "chromium");
  });

  afterAll(async () => {
    await browser?.close();
    if (folder) await rm(folder, { recursive: true, force: true });
  });

  afterEach(async () => {
    await page.close();
    expect(problems).toEqual([]);
  });

  async function open(name: "whole" | "cropped" | "several" = "whole", width = 700): Promise<void> {
    if (!browser) throw new Error("Chromium did not start");
    problems = [];
    page = await browser.newPage({ viewport: { width, height: 900 } });
    page.on("console", (message) => {
      if (message.type() === "error" || message.type() === "warning") problems.push(message.text());
    });
    page.on("pageerror", (error) => problems.push(error.message));
    await page.goto(pathToFileURL(join(folder, `${name}.html`)).href);
    await page.waitForSelector("body[data-ready]");
    await settled(page);
  }

  const state = <K extends keyof PictureWindow["store"]["state"]>(name: K) =>
    page.evaluate((key) => (window as unknown as PictureWindow).store.state[key], name);
  const set = (change: object): Promise<void> =>
    page.evaluate((wanted) => (window as unknown as PictureWindow).store.set(wanted), change);
  const layer = async (name: "base" | "map" | "marks"): Promise<string> => {
    await settled(page);
    return page.locator(`.stage .${name}`).evaluate((node) => (node as HTMLCanvasElement).toDataURL());
  };
  const chip = (index: number | "answer") => page.locator(`.chip[data-index="${index}"]`);
  const readout = () => page.locator(".readout.cell").textContent();
  /** A place in the picture, in shares of it, as a point of the window. */
  const at = async (x: number, y: number): Promise<[number, number]> => {
    const box = await page.locator(".stage").boundingBox();
    return [(box?.x ?? 0) + x * (box?.width ?? 0), (box?.y ?? 0) + y * (box?.height ?? 0)];
  };

  it("says in which of several pictures the map is strongest, and where in that", async () => {
    await open("several");
    expect(await page.locator(".caption .note").first().textContent()).toMatch(
      /^strongest: (top|bottom)? ?(left|right|centre)? in [ab]\.png$/,
    );
  });

  it("never says where another map was strongest beside a map's title", async () => {
    await open();
    const seen = page.evaluate(
      () =>
        new Promise<string>((resolve) => {
          const [title, place] = document.querySelectorAll(".caption strong, .caption .note");
          if (!title || !place) return;
          new MutationObserver(() => resolve(getComputedStyle(place).visibility)).observe(title, {
            childList: true,
          });
        }),
    );
    await chip(1).hover();
    expect(await seen).toBe("hidden");
    const place = page.locator(".caption .note").first();
    await place.waitFor({ state: "visible" });
    expect(await place.textContent()).toMatch(/^strongest: /);
  });

  it("shows the map of what is hovered, then of what is pinned, and clears by a second click", async () => {
    await open();
    const answer = await layer("map");
    await chip(1).hover();
    const cat = await layer("map");
    expect(cat).not.toBe(answer);
    expect(await page.locator(".caption strong").textContent()).toBe("·cat");
    expect(await state("selected")).toBeNull();
    await chip(1).click();
    expect(await chip(1).getAttribute("aria-selected")).toBe("true");
    await page.mouse.move(690, 890);
    expect(await layer("map")).toBe(cat);
    await chip(1).click();
    await page.mouse.move(690, 890);
    expect(await state("selected")).toBeNull();
    expect(await layer("map")).toBe(answer);
  });

  it("draws only the layer that a change touches", async () => {
    await open();
    const [base, map, marks] = [await layer("base"), await layer("map"), await layer("marks")];
    await page.mouse.move(...(await at(0.3, 0.5)));
    expect(await layer("marks")).not.toBe(marks);
    expect([await layer("base"), await layer("map")]).toEqual([base, map]);
    await page.locator("summary", { hasText: "View" }).click();
    await page.getByRole("checkbox", { name: "Grey picture" }).click();
    expect(await page.locator(".stage.grey").count()).toBe(1);
    await page.locator('[data-value="cells"]').click();
    expect(await layer("map")).not.toBe(map);
  });

  it("reads a cell under the pointer, with the tokens that look there, and points at their chips", async () => {
    await open();
    await page.mouse.move(...(await at(0.25, 0.6)));
    expect(await readout()).toMatch(/^row 5, column 4: 0\.\d+, most for ·cat/);
    expect(await chip(1).getAttribute("class")).toContain("looks");
    expect(await chip(6).getAttribute("class")).not.toContain("looks");
    await page.mouse.move(...(await at(0.75, 0.32)));
    expect(await readout()).toContain("·ball");
    await page.mouse.move(690, 890);
    expect(await readout()).toContain("Point at the picture");
    expect(await page.locator(".chip.looks").count()).toBe(0);
  });

  it("walks the cells by keys, says them, ranks a cell's tokens and lets go", async () => {
    await open();
    await page.locator(".stage").focus();
    await page.keyboard.press("ArrowRight");
    expect(await readout()).toMatch(/^row 1, column 1:/);
    expect(await page.locator(".readout.cell").getAttribute("aria-live")).toBe("polite");
    for (const key of ["ArrowRight", "ArrowDown", "ArrowDown"]) await page.keyboard.press(key);
    expect(await readout()).toMatch(/^row 3, column 2:/);
    await page.keyboard.press("Enter");
    expect(await state("region")).toEqual([20, 40, 20, 20]);
    await page.keyboard.press("Escape");
    expect(await state("region")).toBeNull();
    await page.keyboard.press("Shift+ArrowRight");
    await page.keyboard.press("Shift+ArrowDown");
    expect(await state("region")).toEqual([20, 40, 40, 40]);
  });

  it("ranks the tokens of a dragged region against chance, and pins the one chosen", async () => {
    await open();
    await page.mouse.move(...(await at(0.6, 0.1)));
    await page.mouse.down();
    await page.mouse.move(...(await at(0.9, 0.55)), { steps: 5 });
    await page.mouse.up();
    await settled(page);
    const rows = page.locator(".region-token");
    const shares = (await rows.locator(".share").allTextContents()).map((text) => parseFloat(text));
    expect(shares).toEqual([...shares].sort((a, b) => b - a));
    expect(await rows.nth(0).locator(".label").textContent()).toMatch(/·(ball|red)/);
    expect(shares[0]).toBeGreaterThan(50);
    expect(await page.locator(".region-tokens .note").textContent()).toContain(
      "a flat map would give, 14 %.",
    );
    await rows.nth(0).click();
    await settled(page);
    expect([5, 6]).toContain(await state("selected"));
    await page.getByRole("button", { name: "Clear the region" }).click();
    await settled(page);
    expect(await page.locator(".region-tokens").isHidden()).toBe(true);
  });

  it("zooms with ctrl and the wheel, pans by a drag, and leaves the plain wheel to the page", async () => {
    await open();
    await page.mouse.move(...(await at(0.25, 0.25)));
    await page.mouse.wheel(0, -300);
    expect(await state("zoom")).toEqual({ scale: 1, x: 0.5, y: 0.5 });
    await page.keyboard.down("Control");
    await page.mouse.wheel(0, -40);
    await page.keyboard.up("Control");
    await expect.poll(async () => (await state("zoom")).scale).toBeGreaterThan(1.2);
    const zoomed = await state("zoom");
    expect(zoomed.x).toBeLessThan(0.5);
    await page.mouse.down();
    await page.mouse.move(...(await at(0.15, 0.2)), { steps: 4 });
    await page.mouse.up();
    const moved = await state("zoom");
    expect(moved.scale).toBeCloseTo(zoomed.scale, 9);
    expect(moved.x).toBeGreaterThan(zoomed.x);
    expect(await state("region")).toBeNull();
    await page.getByRole("button", { name: /Whole picture/ }).click();
    expect(await state("zoom")).toEqual({ scale: 1, x: 0.5, y: 0.5 });
  });

  it("zooms by keys, keeps the cell in view and reads the right cell while zoomed", async () => {
    await open();
    await page.locator(".stage").focus();
    for (const key of ["ArrowRight", "+", "+", "+"]) await page.keyboard.press(key);
    for (let step = 0; step < 11; step += 1) await page.keyboard.press("ArrowRight");
    const { scale, x, y } = await state("zoom");
    expect(scale).toBeCloseTo(1.5 ** 3, 9);
    expect(x + 0.5 / scale).toBeCloseTo(1, 6);
    expect(y - 0.5 / scale).toBeLessThan(1e-6);
    await page.mouse.move(...(await at(0.99, 0.01)));
    expect(await readout()).toMatch(/^row 1, column 12:/);
    await page.keyboard.press("0");
    expect(await state("zoom")).toEqual({ scale: 1, x: 0.5, y: 0.5 });
  });

  it("shows kept, dropped or all heads, and a head's own map with both signs", async () => {
    await open();
    await chip(1).click();
    await page.mouse.move(690, 890);
    const kept = await layer("map");
    await page.locator('[data-value="dropped"]').click();
    const dropped = await layer("map");
    expect(await page.locator(".caption strong").textContent()).toBe("·cat, dropped heads only");
    await page.locator('[data-value="all"]').click();
    expect(new Set([kept, dropped, await layer("map")]).size).toBe(3);
    const both = page.getByRole("checkbox", { name: "Both signs" });
    expect(await both.isHidden()).toBe(true);
    await set({ pinnedHead: { layer: 1, head: 2 } });
    await settled(page);
    const own = await layer("map");
    await both.click();
    expect(await layer("map")).not.toBe(own);
    const numbers = await page.locator(".colour-bar .numbers span").allTextContents();
    expect(numbers).toHaveLength(3);
    expect(numbers[1]).toBe("0");
    expect(numbers[0]).toBe(`-${numbers[2] ?? ""}`);
  });

  it("explains another token instead and against the chosen one, from one answer of the model", async () => {
    await open();
    await chip(1).click();
    await page.mouse.move(690, 890);
    const own = await layer("map");
    const row = page.locator(".alternatives li", { hasText: "dog" });
    await row.locator('[data-kind="instead"]').click();
    expect(await page.locator(".could-have-said .note").textContent()).toContain("Asking the model");
    expect(await row.locator('[data-kind="contrast"]').isDisabled()).toBe(true);
    await page.evaluate(() => (window as unknown as PictureWindow).answerWith(6));
    await page.waitForSelector(".what-if:not([hidden])");
    await settled(page);
    expect(await page.locator(".caption strong").textContent()).toBe("·dog in place of ·cat");
    const instead = await layer("map");
    expect(instead).not.toBe(own);
    await page.mouse.move(...(await at(0.75, 0.32)));
    const value = async (): Promise<number> => Number(/: (-?[\d.]+)/.exec((await readout()) ?? "")?.[1]);
    expect(await value()).toBeGreaterThan(0.01);
    await row.locator('[data-kind="contrast"]').click();
    await expect.poll(() => page.locator(".caption strong").textContent()).toBe("·cat and not ·dog");
    expect(await layer("map")).not.toBe(instead);
    expect(await page.evaluate(() => (window as unknown as PictureWindow).asked)).toEqual([[1, 7]]);
    await page.getByRole("checkbox", { name: "Both signs" }).click();
    await page.mouse.move(...(await at(0.75, 0.32)));
    expect(await value()).toBeLessThan(-0.01);
    await page.mouse.move(...(await at(0.25, 0.6)));
    expect(await value()).toBeGreaterThan(0.01);
    await page.getByRole("checkbox", { name: "Both signs" }).click();
    await page.mouse.move(690, 890);
    await page.getByRole("button", { name: "Back to the answer's own token" }).click();
    expect(await layer("map")).toBe(own);
    expect(await state("whatIf")).toBeNull();
  });

  it("says what went wrong with a question, and what to do", async () => {
    await open();
    await chip(1).click();
    await page.locator('.alternatives [data-kind="contrast"]').first().click();
    await page.evaluate(() => (window as unknown as PictureWindow).answerWith("failure"));
    await expect
      .poll(() => page.locator(".could-have-said .note").textContent())
      .toBe("Another model is loaded. Load the run's own model.");
    expect(await state("whatIf")).toBeNull();
  });

  it("follows an answer that grows, and keeps the chips it has", async () => {
    await open();
    const grown = await page.evaluate(() => {
      const { store } = window as unknown as PictureWindow;
      const full = store.data;
      const cut = (count: number, explained: number): void =>
        store.update({
          ...full,
          info: { ...full.info, tokens: full.info.tokens.slice(0, count) },
          explained,
        });
      cut(2, 1);
      const first = document.querySelector('.chip[data-index="0"]');
      const pending = document.querySelector('.chip[data-index="1"]')?.classList.contains("pending");
      cut(5, 4);
      const same = document.querySelector('.chip[data-index="0"]') === first;
      const chips = document.querySelectorAll(".chip").length;
      const after = document.querySelector('.chip[data-index="1"]')?.classList.contains("pending");
      store.update(full);
      return { pending, same, chips, after, all: document.querySelectorAll(".chip").length };
    });
    expect(grown).toEqual({ pending: true, same: true, chips: 6, after: false, all: 13 });
  });

  it("walks the tokens by keys and plays them one after the other", async () => {
    await open();
    await chip("answer").focus();
    for (const key of ["ArrowRight", "ArrowRight"]) await page.keyboard.press(key);
    expect(await state("selected")).toBe(1);
    expect(await page.evaluate(() => (document.activeElement as HTMLElement).dataset["index"])).toBe("1");
    expect(await page.locator('.chip[tabindex="0"]').count()).toBe(1);
    await page.keyboard.press("End");
    expect(await state("selected")).toBe(11);
    await page.keyboard.press("Escape");
    expect(await state("selected")).toBeNull();
    await page.evaluate(() => {
      const { store } = window as unknown as PictureWindow;
      const walk: (number | null)[] = [];
      store.listen((changed) => changed.has("selected") && walk.push(store.state.selected));
      Object.assign(window, { walk });
    });
    const walk = () => page.evaluate(() => (window as unknown as { walk: (number | null)[] }).walk);
    await page.getByRole("button", { name: /^Play/ }).click();
    await expect.poll(async () => (await walk()).slice(0, 2)).toEqual([0, 1]);
    await chip(4).click();
    await expect.poll(() => page.getByRole("button", { name: /^Play/ }).count()).toBe(1);
    expect(await state("selected")).toBe(4);
  });

  it("has the map as a table, built when it is opened", async () => {
    await open();
    const cells = page.locator(".more table.numbers td");
    expect(await cells.count()).toBe(0);
    await page.locator(".more summary", { hasText: "As a table" }).click();
    await expect.poll(() => page.locator(".more table.numbers tbody tr").count()).toBe(8);
    expect(await page.locator(".more table.numbers tbody td").count()).toBe(96);
    await chip(1).click();
    await expect.poll(() => page.locator(".more caption").textContent()).toBe("·cat");
  });

  it("hatches what the model never saw, and says so", async () => {
    await open("cropped");
    const drawn = await page.locator(".stage .marks").evaluate((node) => {
      const canvas = node as HTMLCanvasElement;
      const row = canvas.getContext("2d")?.getImageData(0, 40, canvas.width, 1).data;
      const alpha = (x: number): number => row?.[4 * Math.round(x * canvas.width) + 3] ?? 0;
      return { outside: alpha(0.1), inside: alpha(0.5) };
    });
    expect(drawn.outside).toBeGreaterThan(100);
    expect(drawn.inside).toBe(0);
    expect(await page.locator(".caption .crop").textContent()).toContain("the model never saw");
    expect(await page.locator(".stage").getAttribute("aria-describedby")).toContain("picture-crop");
    await page.mouse.move(...(await at(0.1, 0.5)));
    expect(await page.locator(".stage").getAttribute("title")).toBe("The model never saw this");
    await page.mouse.move(...(await at(0.5, 0.5)));
    expect(await page.locator(".stage").getAttribute("title")).toBe("");
  });

  it("exports the whole picture with the pinned map and words, whatever the view shows", async () => {
    await open();
    await set({ zoom: { scale: 8, x: 0.2, y: 0.2 }, selected: 1 });
    const points = [
      [248, 397],
      [827, 41],
      [900, 780],
    ] as const;
    const shot = async () =>
      page.evaluate((places) => (window as unknown as PictureWindow).exported(places), points);
    const cat = await shot();
    expect(cat.width).toBe(992); // 84 mm at 300 pixels per inch
    expect(cat.height).toBeGreaterThan(780);
    await set({ selected: 6 });
    const ball = await shot();
    expect(ball.pixels[0]).not.toEqual(cat.pixels[0]);
    expect(cat.pixels[2]).toEqual([255, 255, 255, 255]);
  });

  it.each([300, 500, 1400])("does not scroll sideways at %i pixels", async (width) => {
    await open("whole", width);
    await chip(1).click();
    await set({ region: [0, 0, 120, 80], whatIf: null });
    await settled(page);
    const overflow = await page.evaluate(() => {
      const root = document.documentElement;
      const out = Array.from(document.querySelectorAll("main *")).filter(
        (node) => node.getBoundingClientRect().right > root.clientWidth + 0.5 && node.clientWidth > 1,
      );
      return { page: root.scrollWidth - root.clientWidth, out: out.map((node) => node.className.toString()) };
    });
    expect(overflow).toEqual({ page: 0, out: [] });
  });
});
