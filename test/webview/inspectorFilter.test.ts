import { describe, expect, it } from "vitest";
import { findChromium } from "../helpers/browser.js";
import { FEW, InspectorDriver } from "../helpers/inspectorDriver.js";

// Without a Chromium the page cannot be tried; on CI it must be there.
describe.skipIf(findChromium() === undefined && !process.env["CI"])("head filter", () => {
  const inspector = new InspectorDriver();

  describe("head filter", () => {
    it("drops and keeps a head by hand: the map follows at once, the row stays where it is", async () => {
      await inspector.open();
      const before = await inspector.mapOf(1);
      const names = await inspector.rowNames();
      const [first = ""] = names;
      await inspector.row(first).locator('[data-part="drop"]').click();
      await inspector.drawn();
      const dropped = await inspector.mapOf(1);
      expect(dropped).not.toEqual(before);
      expect(await inspector.rowNames()).toEqual(names);
      expect(await inspector.row(first).locator(".kept").textContent()).toBe("dropped by hand");
      expect(await inspector.row(first).locator('[data-part="drop"]').getAttribute("aria-pressed")).toBe(
        "true",
      );
      expect(
        await inspector.page.evaluate(() => (document.activeElement as HTMLElement).dataset["part"]),
      ).toBe("drop");
      expect(await inspector.page.locator(".filter-chips").textContent()).toContain("1 head decided by hand");
      await inspector.row(first).locator('[data-part="keep"]').click();
      expect((await inspector.settings()).overrides.map(({ decision }) => decision)).toEqual(["keep"]);
      await inspector.row(first).locator('[data-part="keep"]').click();
      expect((await inspector.settings()).overrides).toEqual([]);
      expect(await inspector.mapOf(1)).toEqual(before);
    });

    it("gives all heads back to the filter", async () => {
      await inspector.open();
      for (const name of (await inspector.rowNames()).slice(0, 2))
        await inspector.row(name).locator('[data-part="drop"]').click();
      await inspector.drawn();
      await inspector.page.locator('.segments [data-value="forced"]').click();
      await inspector.drawn();
      expect(await inspector.rowNames()).toHaveLength(2);
      await inspector.page.locator(".filter-chips vscode-button").click();
      await inspector.drawn();
      expect((await inspector.settings()).overrides).toEqual([]);
      expect(await inspector.page.locator(".filter-chips").textContent()).toBe("");
    });

    it("sorts by each column and finds by head and word", async () => {
      await inspector.open();
      const numbers = async (): Promise<number[]> =>
        (await inspector.page.locator(".filter-grid .rows .weight").allTextContents()).map(Number);
      expect(await numbers()).toEqual([...(await numbers())].sort((a, b) => b - a));
      await inspector.page.locator('[data-sort="weight"]').click();
      await inspector.drawn();
      expect(await numbers()).toEqual([...(await numbers())].sort((a, b) => a - b));
      expect(await inspector.page.locator(".headings .weight").getAttribute("aria-sort")).toBe("ascending");
      await inspector.page.locator(".search").pressSequentially("l3 h2");
      await inspector.drawn();
      expect(await inspector.rowNames()).toEqual(["L3 H2"]);
      expect(await inspector.page.locator(".filter-panel > .readout").textContent()).toContain("1 shown");
    });

    it("walks rows and controls by keyboard, through 5,120 heads, of which few are drawn", async () => {
      await inspector.open(700, { ...FEW, layers: 80, heads: 64 });
      await inspector.page.locator(".filter-grid .rows .row .head button").first().focus();
      await inspector.page.keyboard.press("ArrowDown");
      const [, second = ""] = await inspector.rowNames();
      const focus = () =>
        inspector.page.evaluate(() => ({
          head: document.activeElement?.closest<HTMLElement>("[data-head]")?.dataset["head"],
          part: (document.activeElement as HTMLElement).dataset["part"],
        }));
      expect(await focus()).toEqual({ head: second, part: "head" });
      await inspector.page.keyboard.press("ArrowRight");
      expect((await focus()).part).toBe("winner");
      await inspector.page.keyboard.press("End");
      await inspector.drawn();
      const last = await inspector.page.evaluate(() =>
        document.activeElement?.closest<HTMLElement>("[data-head]")?.getAttribute("aria-rowindex"),
      );
      expect(last).toBe("5121");
      expect(await inspector.page.locator(".filter-grid").getAttribute("aria-rowcount")).toBe("5121");
      expect(await inspector.page.locator(".filter-grid .rows .row").count()).toBeLessThan(60);
      await inspector.page.locator(".table-scroll.filter").evaluate((node) => node.scrollTo(0, 60_000));
      await inspector.drawn();
      const place = await inspector.page.locator('.row[aria-rowindex="2310"]').count();
      expect(place).toBe(1);
    });

    it("shows the word that won among the prompt words", async () => {
      await inspector.open();
      const word = inspector.page.locator('.filter-grid .rows [data-part="winner"]').first();
      const position = Number(await word.getAttribute("data-position"));
      await word.hover();
      expect(await inspector.state("position")).toBe(position);
      await inspector.drawn();
      expect(await inspector.page.locator(".prompt-words [data-pointed]").getAttribute("data-position")).toBe(
        String(position),
      );
      await word.click();
      expect(await inspector.state("tab")).toBe("prompt");
      await inspector.page.mouse.move(1, 1);
      expect(await inspector.state("position")).toBe(position);
    });

    it("counts over the whole answer", async () => {
      await inspector.open();
      await inspector.select(null);
      expect(await inspector.page.locator(".filter-grid .rows .kept").first().textContent()).toMatch(
        /^kept in \d+ of 11$/,
      );
      expect(await inspector.page.locator(".filter-panel > .readout").textContent()).toContain(
        "in at least one token",
      );
    });
  });

  describe("filter settings", () => {
    it("changes text set, score and stop token, and goes back to the run's settings", async () => {
      await inspector.open();
      const before = await inspector.mapOf(1);
      await inspector.choose("text-set", "prompt");
      expect((await inspector.settings()).textSet).toBe("prompt");
      await inspector.choose("score", "top-k");
      await inspector.page.locator('[data-setting="k"] input').fill("3");
      await inspector.page.locator('[data-setting="k"] input').press("Enter");
      expect((await inspector.settings()).score).toEqual({ kind: "top-k", k: 3 });
      expect(await inspector.mapOf(1)).not.toEqual(before);
      await inspector.page.locator('[data-setting="k"] input').fill("900");
      await inspector.page.locator('[data-setting="k"] input').press("Enter");
      expect((await inspector.settings()).score).toEqual({ kind: "top-k", k: 64 });
      await inspector.page.locator('[data-setting="stop"] vscode-checkbox').click();
      expect((await inspector.settings()).includeStop).toBe(true);
      await inspector.drawn();
      await inspector.page.locator('[data-setting="back"] vscode-button').click();
      expect(
        await inspector.page.evaluate(() => window.store.state.settings === window.store.data.info.settings),
      ).toBe(true);
      expect(await inspector.mapOf(1)).toEqual(before);
    });

    it("sets the layer range, and both ends follow the chart", async () => {
      await inspector.open();
      await inspector.choose("layers", "5");
      expect(await inspector.layers()).toEqual([5, 8]);
      await inspector.page.evaluate(() =>
        window.store.set({ settings: { ...window.store.state.settings, layers: [2, 4] } }),
      );
      await inspector.drawn();
      const shown = await inspector.page
        .locator('[data-setting="layers"] vscode-dropdown')
        .evaluateAll((nodes) => nodes.map((node) => (node as HTMLElement & { value: string }).value));
      expect(shown).toEqual(["2", "3"]);
    });
  });
});
