import { describe, expect, it } from "vitest";
import { axeFindings } from "../helpers/axeFindings.js";
import { findChromium } from "../helpers/browser.js";
import { FEW, InspectorDriver } from "../helpers/inspectorDriver.js";
import { THEMES } from "../helpers/inspectorPage.js";
import { layoutProblems } from "../helpers/layoutProblems.js";

// Without a Chromium the page cannot be tried; on CI it must be there.
describe.skipIf(findChromium() === undefined && !process.env["CI"])("layers, heads and prompt words", () => {
  const inspector = new InspectorDriver();

  describe("layers", () => {
    const middle = async (layer: number): Promise<{ x: number; y: number }> => {
      const box = await inspector.page.locator(`#layer-${layer}`).boundingBox();
      if (!box) throw new Error(`layer ${layer} is not drawn`);
      return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
    };
    const drag = async (from: number, to: number): Promise<void> => {
      const [start, end] = [await middle(from), await middle(to)];
      await inspector.page.mouse.move(start.x, start.y);
      await inspector.page.mouse.down();
      await inspector.page.mouse.move((start.x + end.x) / 2, start.y);
      await inspector.page.mouse.move(end.x, end.y);
      await inspector.page.mouse.up();
      await inspector.drawn();
    };

    it("limits the heatmap by click and drag, and takes all layers again", async () => {
      await inspector.open();
      const all = await inspector.mapOf(1);
      await drag(5, 2);
      expect(await inspector.layers()).toEqual([2, 6]);
      expect(await inspector.mapOf(1)).not.toEqual(all);
      expect(await inspector.page.locator(".layer-bars .layer.out").count()).toBe(4);
      expect(await inspector.page.locator(".layers > .readout").textContent()).toContain("L");
      await drag(3, 3);
      expect(await inspector.layers()).toEqual([3, 4]);
      await drag(3, 3);
      expect(await inspector.layers()).toEqual([0, 8]);
      await drag(0, 1);
      await inspector.page.locator(".layers vscode-button").click();
      expect(await inspector.layers()).toEqual([0, 8]);
      expect(await inspector.mapOf(1)).toEqual(all);
    });

    it("works by keyboard, as a list box", async () => {
      await inspector.open();
      const list = inspector.page.locator(".layer-focus");
      expect(await list.getAttribute("role")).toBe("listbox");
      await list.focus();
      for (const key of ["ArrowRight", "ArrowRight", "Shift+ArrowRight", "Shift+ArrowRight"])
        await inspector.page.keyboard.press(key);
      expect(await list.getAttribute("aria-activedescendant")).toBe("layer-3");
      expect(await inspector.layers()).toEqual([0, 8]);
      await inspector.page.keyboard.press("Enter");
      expect(await inspector.layers()).toEqual([1, 4]);
      await inspector.drawn();
      expect(await inspector.page.locator('.layer-bars [aria-selected="true"]').count()).toBe(3);
      await inspector.page.keyboard.press("Escape");
      expect(await inspector.layers()).toEqual([0, 8]);
    });

    it("gives the same numbers as a table", async () => {
      await inspector.open();
      await inspector.page.locator(".layers summary").click();
      await inspector.page.locator(".layers table").waitFor();
      const labels = await inspector.page
        .locator(".layer-bars [role=option]")
        .evaluateAll((nodes) => nodes.map((node) => node.getAttribute("aria-label")));
      const rows = await inspector.page
        .locator(".layers tbody tr")
        .evaluateAll((nodes) =>
          nodes.map((node) => Array.from(node.children).map((cell) => cell.textContent)),
        );
      expect(rows).toHaveLength(8);
      rows.forEach(([name, share, image, text, kept], index) =>
        expect(labels[index]).toBe(
          `${name}: ${share} of the map, best S_img ${image}, best S_text ${text}, ${kept} heads kept`,
        ),
      );
    });
  });

  describe("without the gradient", () => {
    it("says that layers and filter cannot change, and changes nothing", async () => {
      await inspector.open();
      await inspector.page.evaluate(() => window.dropGradient());
      await inspector.drawn();
      const note = "This run has no gradient: layers and filter stay as they are.";
      expect(await inspector.page.locator(".layers > .note").textContent()).toBe(note);
      expect(await inspector.page.locator(".settings").textContent()).toContain(note);
      expect(await inspector.page.locator(".layer-focus").getAttribute("aria-disabled")).toBe("true");
      await inspector.page.locator(".layer-focus").click({ force: true });
      await inspector.page.locator(".layer-focus").press("Enter");
      expect(await inspector.layers()).toEqual([0, 8]);
      expect(await inspector.page.locator(".filter-grid .rows .hand button").count()).toBe(0);
      expect(await inspector.page.locator(".layer-bars .bar.share").count()).toBe(0);
      await inspector.page.locator('.heads [data-value="mass"]').click();
      await inspector.drawn();
      expect(await inspector.page.locator(".heads .legend").textContent()).toBe(note);
    });
  });

  describe("heads", () => {
    const point = async (layer: number, head: number): Promise<void> => {
      const at = await inspector.page.locator(".head-matrix").evaluate(
        (node, [atLayer, atHead]) => {
          const box = node.getBoundingClientRect();
          const width = box.width - 30;
          const height = box.height - 18;
          return {
            x: box.left + 30 + ((atHead + 0.5) * width) / 6,
            y: box.top + 18 + ((atLayer + 0.5) * height) / 8,
          };
        },
        [layer, head] as const,
      );
      await inspector.page.mouse.move(at.x, at.y);
    };

    it("shows the head under the pointer without drawing the matrix again, and pins it by click", async () => {
      await inspector.open();
      await inspector.page.locator(".head-matrix").evaluate((node) => node.setAttribute("data-same", ""));
      await inspector.page.locator(".heads").scrollIntoViewIfNeeded();
      await point(2, 4);
      expect(await inspector.state("previewedHead")).toEqual({ layer: 2, head: 4 });
      expect(await inspector.page.locator(".head-facts").textContent()).toMatch(
        /^L2 H4 w \S+ · S_img \S+ · S_text \S+ · ΣG \S+ · /,
      );
      expect(await inspector.page.locator(".head-matrix .hair[data-on]").count()).toBe(2);
      await point(3, 1);
      expect(await inspector.state("previewedHead")).toEqual({ layer: 3, head: 1 });
      expect(await inspector.page.locator(".head-matrix[data-same]").count()).toBe(1);
      await inspector.page.mouse.down();
      await inspector.page.mouse.up();
      expect(await inspector.state("pinnedHead")).toEqual({ layer: 3, head: 1 });
      await inspector.page.mouse.move(1, 1);
      expect(await inspector.state("previewedHead")).toBeNull();
      expect(await inspector.page.locator(".head-matrix .pinned[data-on]").count()).toBe(1);
      await inspector.drawn();
      expect(await inspector.row("L3 H1").getAttribute("aria-current")).toBe("true");
    });

    it("walks by keyboard, pins and lets go", async () => {
      await inspector.open();
      await inspector.page.locator(".matrix-focus").focus();
      for (const key of ["ArrowDown", "ArrowDown", "ArrowRight", "Enter"])
        await inspector.page.keyboard.press(key);
      expect(await inspector.state("pinnedHead")).toEqual({ layer: 1, head: 1 });
      expect(await inspector.page.locator(".head-facts strong").textContent()).toBe("L1 H1");
      await inspector.page.keyboard.press("Escape");
      expect(await inspector.state("pinnedHead")).toBeNull();
    });

    it("writes the largest value of the measure into the legend", async () => {
      await inspector.open();
      for (const [measure, field] of [
        ["weight", "headWeight"],
        ["image", "scoreImage"],
        ["text", "scoreText"],
      ] as const) {
        await inspector.page.locator(`.heads [data-value="${measure}"]`).click();
        await inspector.drawn();
        const most = await inspector.page.evaluate(
          (name) => Math.max(...window.store.state.attribution[name].subarray(48, 96)),
          field,
        );
        expect(await inspector.page.locator(".heads .key").first().textContent()).toBe(
          `kept 0${most.toFixed(4)}`,
        );
      }
    });

    it("marks heads decided by hand and draws dropped ones as outlines", async () => {
      await inspector.open();
      expect(await inspector.page.locator(".head-matrix .forced").count()).toBe(0);
      await inspector.page.evaluate(() => {
        const overrides = [{ layer: 0, head: 0, decision: "drop" }] as const;
        window.store.set({ settings: { ...window.store.state.settings, overrides } });
      });
      await inspector.drawn();
      expect(await inspector.page.locator(".head-matrix .forced").count()).toBe(1);
      expect(await inspector.page.locator(".heads .legend").textContent()).toContain("dropped by hand");
      expect(await inspector.page.locator(".head-matrix .outlines").getAttribute("d")).toMatch(
        /^M30\.5 18\.5/,
      );
    });
  });

  describe("prompt words", () => {
    it("limits the table to the heads that a word won, and takes all again", async () => {
      await inspector.open();
      const word = inspector.page.locator('.prompt-words .word:not([aria-disabled="true"])').first();
      const won = Number(/won (\d+) heads/.exec((await word.getAttribute("aria-label")) ?? "")?.[1]);
      await word.hover();
      expect(await inspector.page.locator(".word-facts").textContent()).toContain(`won ${won} of 48`);
      await word.click();
      await inspector.drawn();
      expect(await inspector.page.locator(".filter-grid").getAttribute("aria-rowcount")).toBe(
        String(won + 1),
      );
      expect(await inspector.state("tab")).toBe("filter");
      expect(await inspector.page.locator(".filter-chips").textContent()).toContain("Only heads that");
      await word.click();
      await inspector.drawn();
      expect(await inspector.page.locator(".filter-grid").getAttribute("aria-rowcount")).toBe("49");
    });

    it("chooses the words of the text set", async () => {
      await inspector.open();
      const before = await inspector.mapOf(3);
      await inspector.choose("text-set", "chosen");
      expect(await inspector.mapOf(3)).toEqual(before);
      const word = inspector.page.locator(".prompt-words .text").first();
      const position = Number(await word.getAttribute("data-position"));
      await word.focus();
      await inspector.page.keyboard.press("Enter");
      await inspector.drawn();
      const { textSet } = await inspector.settings();
      expect(typeof textSet === "object" && textSet.positions.includes(position)).toBe(false);
      expect(await word.getAttribute("aria-selected")).toBe("false");
      expect(
        await inspector.page.evaluate(() => (document.activeElement as HTMLElement).dataset["position"]),
      ).toBe(String(position));
      await inspector.page.locator(".choose-bar vscode-button", { hasText: "None" }).click();
      expect((await inspector.settings()).textSet).toEqual({ positions: [] });
      await inspector.drawn();
      await inspector.page.locator(".choose-bar vscode-button", { hasText: "All text again" }).click();
      expect((await inspector.settings()).textSet).toBe("all");
      expect(await inspector.mapOf(3)).toEqual(before);
    });

    it("collapses the image and shows the answer before the token", async () => {
      await inspector.open();
      await inspector.select(3);
      expect(await inspector.page.locator(".prompt-words .image").textContent()).toBe("64 image tokens");
      expect(await inspector.page.locator(".prompt-words .answer").allTextContents()).toEqual([
        "a",
        "·cat",
        "·left",
      ]);
      await inspector.page.locator(".prompt-panel summary").click();
      await inspector.page.locator(".prompt-panel tbody tr").first().waitFor();
      const heads = await inspector.page.locator(".prompt-panel tbody td:nth-child(4)").allTextContents();
      expect(heads.reduce((sum, each) => sum + Number(each), 0)).toBe(48);
    });

    it("tints words, picture and answer so far by what they contribute, with numbers and a table", async () => {
      await inspector.open();
      await inspector.select(3);
      const tint = inspector.page.locator('.prompt-panel vscode-dropdown[aria-label="Tint"]');
      await tint.evaluate((control: HTMLSelectElement) => {
        control.value = "all";
        control.dispatchEvent(new Event("change"));
      });
      await inspector.drawn();
      expect(await inspector.state("wordTint")).toBe("all");
      const facts = inspector.page.locator(".word-facts");
      expect(await facts.textContent()).toMatch(
        /This token rests on: picture \d+ %, your words .+, template .+, answer so far/,
      );
      const answer = inspector.page.locator(".prompt-words .answer").first();
      expect(await answer.getAttribute("aria-label")).toMatch(/^a: (<1|\d+) % of the whole$/);
      await answer.hover();
      expect(await facts.textContent()).toMatch(/of the whole.*speaks against/);
      const picture = inspector.page.locator(".prompt-words .image");
      expect(await picture.getAttribute("aria-label")).toMatch(/^64 image tokens: \d+ % of the whole$/);
      await inspector.page.locator(".prompt-panel summary").click();
      await inspector.page.locator(".prompt-panel tbody tr").first().waitFor();
      const shares = await inspector.page.locator(".prompt-panel tbody td:nth-child(4)").allTextContents();
      const whole = shares.reduce((sum, share) => sum + Number.parseInt(share.replace("<1", "0"), 10), 0);
      expect(Math.abs(whole - 100)).toBeLessThan(8);
      expect(await inspector.page.locator(".prompt-panel tbody td:nth-child(2)").allTextContents()).toContain(
        "Picture",
      );
    });

    it("lists what the template adds in a group of its own, after the words, in its order", async () => {
      await inspector.open();
      await inspector.select(3);
      const groups = inspector.page.locator(".prompt-words").getByRole("group");
      const named = await groups.evaluateAll((all) => all.map((group) => group.getAttribute("aria-label")));
      expect(named).toEqual(["Your words", "Answer so far", "Template"]);
      const template = inspector.page.locator(".word-group[data-part=template] .word");
      expect(await template.allTextContents()).toEqual(["<s>", "64 image tokens", "↵"]);
      await inspector.page.locator(".word-group[data-part=own] .word").last().focus();
      await inspector.page.keyboard.press("End");
      await inspector.page.keyboard.press("ArrowUp");
      await inspector.page.keyboard.press("ArrowUp");
      const focused = await inspector.page.evaluate(() => document.activeElement?.textContent);
      expect(focused).toBe("<s>");
      await inspector.page.locator(".prompt-panel summary").click();
      await inspector.drawn();
      await inspector.page.locator(".prompt-panel tbody tr").first().waitFor();
      const parts = await inspector.page.locator(".prompt-panel tbody td:nth-child(2)").allTextContents();
      expect(new Set(parts)).toEqual(new Set(["Your words", "Answer so far", "Template"]));
    });
  });

  it.each([
    [300, "4 x 6", { layers: 4, heads: 6 }],
    [300, "32 x 32", { ...FEW, layers: 32, heads: 32 }],
    [300, "80 x 64", { ...FEW, layers: 80, heads: 64 }],
    [460, "30 x 9", { layers: 30, heads: 9 }],
    [900, "30 x 9", { layers: 30, heads: 9 }],
  ])(
    "at %i pixels a model of %s cuts nothing and scrolls nothing sideways",
    async (width, _name, options) => {
      await inspector.open(width, options);
      for (const token of [1, null]) {
        await inspector.select(token);
        expect(await layoutProblems(inspector.page)).toEqual([]);
      }
    },
  );

  it.each(Object.keys(THEMES) as (keyof typeof THEMES)[])("axe finds nothing serious (%s)", async (theme) => {
    await inspector.open(700, undefined, theme);
    for (const summary of await inspector.page.locator("summary").all()) await summary.click();
    await inspector.page.evaluate(() => {
      const overrides = [{ layer: 0, head: 0, decision: "drop" }] as const;
      window.store.set({
        settings: { ...window.store.state.settings, overrides },
        pinnedHead: { layer: 1, head: 1 },
      });
    });
    await inspector.drawn();
    expect(await axeFindings(inspector.page)).toEqual([]);
  });
});
