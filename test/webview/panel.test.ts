import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import type { FromPanel, PanelViewState } from "../../src/protocol/panel.js";
import { findChromium } from "../helpers/browser.js";
import { panelWindows, type EditorWindow } from "../helpers/panelPage.js";
import { settled } from "../helpers/settled.js";

const chromium = findChromium();

// Without a Chromium the page cannot be tried; on CI it must be there.
describe.skipIf(chromium === undefined && !process.env["CI"])("panel", () => {
  const open = panelWindows(chromium);

  const sent = (page: Page): Promise<readonly FromPanel[]> =>
    page.evaluate(() => (window as unknown as EditorWindow).fakeEditor.sent);
  const lastSent = async (page: Page): Promise<FromPanel | undefined> => (await sent(page)).at(-1);
  const pinned = (page: Page): Promise<string | null> =>
    page.locator('.chip[aria-selected="true"]').getAttribute("data-index");
  const mapLabel = async (page: Page): Promise<string> =>
    (await page.locator(".caption").textContent()) ?? "";

  describe("states", () => {
    it("says what to do while nothing was explained", async () => {
      const { page, problems } = await open({ scene: "empty" });
      expect(await page.locator(".placeholder").textContent()).toContain(
        "Write what to ask about sample.png",
      );
      expect(await page.locator(".model").textContent()).toContain("not started");
      expect(problems).toEqual([]);
      await page.context().close();
    });

    it.each([
      ["queued", "Waiting: another picture is being explained"],
      ["loading", "Loading sample-vlm (2.1 GB)"],
      ["prompt", "The model reads picture and prompt"],
    ])("shows the state %s with its time, and a way to stop", async (scene, text) => {
      const { page, problems } = await open({ scene });
      expect(await page.getByRole("status").filter({ hasText: text }).count()).toBe(1);
      expect(await page.locator(".activity").textContent()).toMatch(/\d s/);
      expect(await page.getByRole("button", { name: "Run" }).count()).toBe(0);
      await page.getByRole("button", { name: "Stop" }).click();
      expect((await sent(page)).map(({ kind }) => kind)).toEqual(["ready", "stop"]);
      await page.getByRole("button", { name: "Run" }).waitFor();
      expect(problems).toEqual([]);
      await page.context().close();
    });

    it("shows a failure with its next step and buttons that tell the extension", async () => {
      const { page, problems } = await open({ scene: "failed" });
      const alert = page.getByRole("alert");
      expect(await alert.textContent()).toContain("has no onnx/decoder_model_merged.onnx");
      expect(await alert.textContent()).toContain("Choose a folder with an exported model");
      await alert.getByRole("button", { name: "Choose model" }).click();
      expect(await lastSent(page)).toEqual({ kind: "action", action: "chooseModel" });
      expect(problems).toEqual([]);
      await page.context().close();
    });

    it("keeps the tokens of an answer that a crash has cut off", async () => {
      const { page, problems } = await open({ scene: "crashed" });
      await page.waitForSelector(".chip");
      expect(await page.locator('.chip:not([data-index="answer"])').count()).toBe(6);
      expect(await page.getByRole("alert").textContent()).toContain("SIGKILL");
      expect(problems).toEqual([]);
      await page.context().close();
    });

    it("says that an answer was stopped", async () => {
      const { page, problems } = await open({ scene: "stopped" });
      await page.waitForSelector(".warnings");
      expect(await page.locator(".warnings").textContent()).toContain("the answer is not");
      expect(problems).toEqual([]);
      await page.context().close();
    });

    it("names the model of the answer where another one is loaded by now", async () => {
      const { page } = await open({});
      const madeWith = page.locator("header .made-with");
      const load = (named: string) =>
        page.evaluate((name) => {
          const { fakeEditor } = window as unknown as EditorWindow;
          const { model } = fakeEditor.snapshot({});
          fakeEditor.post({ kind: "model", model: { ...model, name: name || `owner/${model.name}` } });
        }, named);
      expect(await madeWith.count()).toBe(0);
      const own = await page.locator("header .model strong").textContent();
      await load("another");
      await madeWith.waitFor();
      expect(await madeWith.textContent()).toBe(`made with ${own}`);
      await load("");
      await madeWith.waitFor({ state: "detached" });
      await page.context().close();
    });

    it("says that a run file cannot be read, and shows nothing of it", async () => {
      const { page } = await open({ scene: "empty" });
      await page.evaluate(() => {
        const { fakeEditor } = window as unknown as EditorWindow;
        const { finished } = fakeEditor.recording;
        fakeEditor.post({ kind: "finished", finished: { ...finished, file: finished.file.slice(0, 2000) } });
      });
      await page.getByRole("alert").waitFor();
      expect(await page.getByRole("alert").getAttribute("data-code")).toMatch(/^[a-z-]+$/);
      expect(await page.locator(".chip").count()).toBe(0);
      await page.context().close();
    });
  });

  describe("run", () => {
    it("sends the form by the button and by Ctrl+Enter", async () => {
      const { page, problems } = await open({ scene: "empty" });
      await page.getByRole("textbox", { name: "Prompt" }).fill("What is left?\nAnd right?");
      await page.getByText("Force an answer").click();
      await page.getByRole("textbox", { name: "Answer to explain" }).fill("a cat");
      await page.getByRole("textbox", { name: "Max tokens" }).fill("7");
      await page.getByRole("checkbox", { name: "Explain live" }).click();
      await page.getByRole("textbox", { name: "Prompt" }).press("Control+Enter");
      const form = { prompt: "What is left?\nAnd right?", target: "a cat", maxNewTokens: 7, live: true };
      expect(await lastSent(page)).toEqual({ kind: "run", form, settings: {} });
      expect(problems).toEqual([]);
      await page.context().close();
    });

    it("does not send a length that is no number", async () => {
      const { page } = await open({ scene: "empty" });
      await page.getByRole("textbox", { name: "Max tokens" }).fill("many");
      await page.getByRole("textbox", { name: "Prompt" }).press("Control+Enter");
      expect((await sent(page)).map(({ kind }) => kind)).toEqual(["ready"]);
      expect(await page.getByRole("button", { name: "Run" }).isDisabled()).toBe(true);
      await page.context().close();
    });

    it("shows a prompt from a file read-only, with a way to it", async () => {
      const { page } = await open({ scene: "file" });
      expect(await page.getByRole("textbox", { name: "Prompt" }).getAttribute("readonly")).not.toBeNull();
      await page.getByRole("button", { name: "Prompt from describe.vlm.md" }).click();
      expect(await lastSent(page)).toEqual({ kind: "revealSource" });
      await page.locator(".model").click();
      expect(await lastSent(page)).toEqual({ kind: "openModelMenu" });
      await page.context().close();
    });
  });

  describe("a growing answer", () => {
    it("shows each token as it comes, and its heatmap when it is explained", async () => {
      const { page, problems } = await open({ scene: "empty" });
      const chips = page.locator('.chip:not([data-index="answer"])');
      await page.evaluate(() => {
        const { fakeEditor } = window as unknown as EditorWindow;
        const { live } = fakeEditor.recording;
        fakeEditor.post({ kind: "live", live });
        fakeEditor.post({ kind: "activity", activity: { phase: "generating", elapsed: 10 } });
      });
      await page.waitForSelector(".stage canvas");
      expect(await chips.count()).toBe(0);
      for (const index of [0, 1]) {
        await page.evaluate((token) => {
          const { fakeEditor } = window as unknown as EditorWindow;
          const event = fakeEditor.recording.tokens[token];
          if (event) fakeEditor.post(event);
        }, index);
        await chips.nth(index).waitFor();
        expect(await chips.nth(index).getAttribute("class")).toContain("pending");
        await page.evaluate((token) => {
          const { fakeEditor } = window as unknown as EditorWindow;
          fakeEditor.post(fakeEditor.recording.explained(token, 1));
        }, index);
        await page.waitForFunction(
          (token) => !document.querySelector(`.chip[data-index="${token}"]`)?.classList.contains("pending"),
          index,
        );
      }
      expect(await page.locator(".activity").textContent()).toContain("2 of at most 32 tokens");
      await chips.nth(1).click();
      expect(await mapLabel(page)).toContain("·cat");
      expect(problems).toEqual([]);
      await page.context().close();
    });

    it("keeps what is pinned when the answer grows and is complete; filters can be changed then", async () => {
      const { page, problems } = await open({ scene: "generating" });
      await page.locator('.chip[data-index="1"]').click();
      const settings = page.getByRole("combobox", { name: "Preset" });
      expect(await settings.count()).toBe(0);
      await page.evaluate(() => {
        const { fakeEditor } = window as unknown as EditorWindow;
        for (const token of fakeEditor.recording.tokens.slice(6)) fakeEditor.post(token);
        fakeEditor.post({ kind: "finished", finished: fakeEditor.recording.finished });
        fakeEditor.post({ kind: "activity", activity: { phase: "idle", elapsed: 0 } });
      });
      await settings.waitFor();
      expect(await pinned(page)).toBe("1");
      expect(await page.locator('.chip:not([data-index="answer"])').count()).toBe(12);
      expect(await page.locator(".chip.pending").count()).toBe(0);
      expect(problems).toEqual([]);
      await page.context().close();
    });

    it("shows the same numbers growing as complete", async () => {
      const { page } = await open({ scene: "empty" });
      await page.evaluate(() => {
        const { fakeEditor } = window as unknown as EditorWindow;
        return fakeEditor.play(5, 0);
      });
      await page.waitForFunction(() => document.querySelectorAll(".chip").length === 13);
      await page.getByRole("combobox", { name: "Preset" }).waitFor();
      const complete = await page.locator(".colour-bar").textContent();
      await page.evaluate(() => {
        const { fakeEditor } = window as unknown as EditorWindow;
        const { live, tokens, explained } = fakeEditor.recording;
        const all = { ...live, tokens, explained: [explained(0, 7), explained(7, tokens.length - 7)] };
        fakeEditor.post(fakeEditor.snapshot({ live: all }));
      });
      await page.getByRole("combobox", { name: "Preset" }).waitFor({ state: "detached" });
      expect(await page.locator(".colour-bar").textContent()).toBe(complete);
      await page.context().close();
    });
  });

  describe("what is kept", () => {
    it("comes back after a reload: pinned token and head, options, tab, settings, what was typed", async () => {
      const { page, problems } = await open({ width: 700 });
      await page.locator('.chip[data-index="6"]').click();
      await page.locator("summary", { hasText: "View" }).click();
      await page.getByRole("button", { name: "Cells" }).click();
      await page.getByRole("tab", { name: "Filter" }).click();
      await choose(page, "Text set", "prompt");
      await page.getByRole("textbox", { name: "Prompt" }).fill("Another question");
      await page.waitForFunction(() =>
        sessionStorage.getItem("dexar-panel-state")?.includes("Another question"),
      );
      await page.reload();
      await page.waitForSelector(".chip");
      await settled(page);
      expect(await pinned(page)).toBe("6");
      expect(await page.locator('[data-value="cells"]').getAttribute("aria-pressed")).toBe("true");
      expect(await page.getByRole("tab", { name: "Filter" }).getAttribute("aria-selected")).toBe("true");
      expect(await page.locator('vscode-dropdown[aria-label="Text set"]').textContent()).toContain("prompt");
      expect(await page.getByRole("textbox", { name: "Prompt" }).inputValue()).toBe("Another question");
      expect(problems).toEqual([]);
      await page.context().close();
    });

    it.each([
      {
        name: "of another version",
        state: { version: 2, runId: "sample", draft: null, page: { selected: 3 } },
      },
      {
        name: "that is damaged",
        state: {
          version: 1,
          runId: "sample",
          draft: { prompt: 5 },
          page: {
            selected: 999,
            pinnedHead: { layer: "x" },
            style: 3,
            tab: "none",
            zoom: { scale: 0 },
            settings: 4,
          },
        },
      },
    ])("is not used when it is a state $name", async ({ state }) => {
      const { page, problems } = await open({});
      await page.evaluate((kept) => sessionStorage.setItem("dexar-panel-state", JSON.stringify(kept)), state);
      // The page keeps its own state as it goes: this one must be there when it comes.
      await page.addInitScript((kept) => {
        sessionStorage.setItem("dexar-panel-state", JSON.stringify(kept));
      }, state);
      await page.reload();
      await page.waitForSelector(".chip");
      expect(await pinned(page)).toBe("answer");
      expect(await page.getByRole("textbox", { name: "Prompt" }).inputValue()).toBe("Describe the picture.");
      expect(problems).toEqual([]);
      await page.context().close();
    });

    it("keeps options but not the selection for another run", async () => {
      const { page } = await open({});
      await page.locator('.chip[data-index="1"]').click();
      await page.locator("summary", { hasText: "View" }).click();
      await page.getByRole("button", { name: "Cells" }).click();
      await page.evaluate(() => {
        const { fakeEditor } = window as unknown as EditorWindow;
        const { live } = fakeEditor.recording;
        fakeEditor.post({ kind: "live", live: { ...live, info: { ...live.info, id: "another" } } });
      });
      await page.waitForFunction(() => document.querySelectorAll(".chip").length === 1);
      expect(await pinned(page)).toBe("answer");
      expect(await page.locator('[data-value="cells"]').getAttribute("aria-pressed")).toBe("true");
      const kept = () => page.evaluate(() => sessionStorage.getItem("dexar-panel-state"));
      await expect
        .poll(async () => (JSON.parse((await kept()) ?? "null") as PanelViewState).runId)
        .toBe("another");
      await page.context().close();
    });
  });

  describe("commands", () => {
    it("walks and resets by commands of the editor", async () => {
      const { page } = await open({});
      const command = (name: "nextToken" | "previousToken" | "wholeAnswer" | "focusPrompt") =>
        page.evaluate((each) => {
          (window as unknown as EditorWindow).fakeEditor.post({ kind: "command", command: each });
        }, name);
      await command("nextToken");
      await command("nextToken");
      await page.waitForSelector('.chip[data-index="1"][aria-selected="true"]');
      await command("previousToken");
      await page.waitForSelector('.chip[data-index="0"][aria-selected="true"]');
      await command("wholeAnswer");
      await page.waitForSelector('.chip[data-index="answer"][aria-selected="true"]');
      await command("focusPrompt");
      await page.keyboard.type("Hello");
      expect(await page.getByRole("textbox", { name: "Prompt" }).inputValue()).toContain("Hello");
      await page.context().close();
    });
  });

  it("reaches every part by Tab, in the order of the page", async () => {
    const { page } = await open({});
    const seen: string[] = [];
    for (let step = 0; step < 100; step += 1) {
      await page.keyboard.press("Tab");
      const name = await page.evaluate(() => {
        const focused = document.activeElement;
        if (!focused || focused === document.body) return null;
        return focused.getAttribute("aria-label") ?? focused.textContent.trim().slice(0, 24);
      });
      if (name === null) break;
      seen.push(name);
    }
    const parts = ["sample-vlm", "Export", "Prompt", "Run", "Max tokens", "Kept", "Heatmap", "Whole answer"];
    const inspector = ["Layers of the heatmap", "Layers by heads", "Preset", "Describe: won"];
    const places = [...parts, ...inspector].map((part) => seen.findIndex((name) => name.startsWith(part)));
    expect(places).not.toContain(-1);
    expect(places).toEqual([...places].sort((a, b) => a - b));
    await page.context().close();
  });
});

/** Chooses in a drop-down as a person does. */
async function choose(page: Page, label: string, text: string): Promise<void> {
  await page.locator(`vscode-dropdown[aria-label="${label}"]`).click();
  await page
    .locator(`vscode-dropdown[aria-label="${label}"] vscode-option`, { hasText: text })
    .first()
    .click();
}
