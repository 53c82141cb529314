import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import type { FromPanel } from "../../src/protocol/panel.js";
import { findChromium } from "../helpers/browser.js";
import { panelWindows, type EditorWindow } from "../helpers/panelPage.js";

const chromium = findChromium();

function sent(page: Page): Promise<readonly FromPanel[]> {
  return page.evaluate(() => [...(window as unknown as EditorWindow).fakeEditor.sent]);
}

// Without a Chromium the page cannot be tried; on CI it must be there.
describe.skipIf(chromium === undefined && !process.env["CI"])("an answer in the panel", () => {
  const open = panelWindows(chromium);

  it("goes on with the answer that is shown, by as many tokens as the form says", async () => {
    const { page, problems } = await open({ scene: "finished" });
    await page.getByRole("textbox", { name: "Max tokens" }).fill("7");
    await page.getByRole("button", { name: "Continue" }).click();
    const asked = (await sent(page)).filter(({ kind }) => kind === "continue");
    expect(asked).toEqual([{ kind: "continue", maxNewTokens: 7 }]);
    expect(problems).toEqual([]);
    await page.context().close();
  });

  it("names how the answer was generated where that is not the plain way", async () => {
    const { page, problems } = await open({ scene: "empty" });
    await page.evaluate(() => {
      const { fakeEditor } = window as unknown as EditorWindow;
      const { live } = fakeEditor.recording;
      const change = { temperature: 0.7, topP: 0.9, seed: 3, stopStrings: ["\n"], repetitionPenalty: 1.1 };
      const more = { ...change, systemPrompt: "be brief", continued: { run: "x", tokens: 4 } };
      const info = { ...live.info, generation: { ...live.info.generation, ...more } };
      fakeEditor.post({ kind: "live", live: { ...live, info } });
    });
    await page.waitForSelector(".facts .difference");
    expect(await page.locator(".facts .difference").allTextContents()).toEqual([
      "system prompt",
      "temperature 0.7",
      "top-p 0.9",
      "seed 3",
      "repetition penalty 1.1",
      'stops at "\\n"',
      "continued after 4 tokens",
    ]);
    expect(problems).toEqual([]);
    await page.context().close();
  });

  it("shows several pictures together, and each by itself when it is chosen", async () => {
    const { page, problems } = await open({ scene: "empty" });
    await page.evaluate(() => {
      const { fakeEditor } = window as unknown as EditorWindow;
      const { live } = fakeEditor.recording;
      const { width, height } = live.info.image;
      const cells = live.info.cells.length;
      const half = { place: [0, 0, width / 2, height], seen: [0, 0, width / 2, height] } as const;
      const images = [
        { name: "left.png", sha256: "a", ...half, tokens: cells },
        {
          name: "right.png",
          sha256: "b",
          ...half,
          place: [width / 2, 0, width / 2, height] as const,
          tokens: 0,
        },
      ];
      fakeEditor.post({ kind: "live", live: { ...live, info: { ...live.info, images } } });
    });
    const choice = page.locator('.picture-tools vscode-dropdown[aria-label="Picture"]');
    await choice.waitFor();
    expect(await choice.locator("vscode-option").allTextContents()).toEqual([
      "all 2",
      "1. left.png",
      "2. right.png",
    ]);
    const out = page.getByRole("button", { name: "Zoom out (-)" });
    await choice.evaluate((control: HTMLSelectElement) => {
      control.value = "1";
      control.dispatchEvent(new Event("change"));
    });
    await expect.poll(() => out.isDisabled()).toBe(false);
    await page.getByRole("button", { name: "Whole picture (0)" }).click();
    expect(await choice.evaluate((control: HTMLSelectElement) => control.value)).toBe("all");
    expect(problems).toEqual([]);
    await page.context().close();
  });

  it("has nothing to go on with while there is no answer", async () => {
    const { page } = await open({ scene: "empty" });
    expect(await page.getByRole("button", { name: "Continue" }).count()).toBe(0);
    await page.context().close();
  });
});
