import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import type { FromPanel, WordWinsReport } from "../../src/protocol/panel.js";
import { findChromium } from "../helpers/browser.js";
import { panelWindows, type EditorWindow } from "../helpers/panelPage.js";

const chromium = findChromium();

// Without a Chromium the page cannot be tried; on CI it must be there.
describe.skipIf(chromium === undefined && !process.env["CI"])("panel, the words it tells the editor", () => {
  const open = panelWindows(chromium);

  const reports = async (page: Page): Promise<WordWinsReport[]> => {
    const sent: readonly FromPanel[] = await page.evaluate(
      () => (window as unknown as EditorWindow).fakeEditor.sent,
    );
    return sent.flatMap((message) => (message.kind === "wordWins" ? [message.wins] : []));
  };
  const last = async (page: Page): Promise<WordWinsReport | undefined> => (await reports(page)).at(-1);
  const headsOf = (report: WordWinsReport | undefined): number =>
    (report?.wins ?? []).reduce((sum, { wins }) => sum + wins.heads, 0);

  it("are of the whole answer first, then of the pinned token, and follow the settings", async () => {
    const { page, problems } = await open({});
    await expect.poll(() => last(page)).toMatchObject({ runId: "sample", token: null, total: 11 * 24 });
    const whole = await last(page);
    expect(headsOf(whole)).toBeGreaterThan(0);
    expect(headsOf(whole)).toBeLessThanOrEqual(11 * 24);
    await page.locator('.chip[data-index="1"]').click();
    await expect.poll(async () => (await last(page))?.token).toEqual({ index: 1, text: " cat" });
    const before = await last(page);
    expect(before?.total).toBe(24);
    await page.locator(".choose-bar vscode-button", { hasText: "Choose words…" }).click();
    await page.locator(".choose-bar vscode-button", { hasText: "Only my words" }).click();
    // 144 image tokens after the first one, then the words of the prompt.
    const isOwn = ({ position }: { position: number }) => position > 144;
    expect(before?.wins.every(isOwn)).toBe(false);
    await expect.poll(async () => (await last(page))?.wins.every(isOwn)).toBe(true);
    expect(problems).toEqual([]);
    await page.context().close();
  });

  it("grow with an answer that is being made, and count only what is explained", async () => {
    const { page } = await open({ scene: "generating" });
    await expect.poll(() => last(page)).toMatchObject({ token: null });
    const { total = 0 } = (await last(page)) ?? {};
    expect(total % 24).toBe(0);
    expect(total).toBeGreaterThan(0);
    expect(total).toBeLessThan(11 * 24);
    await page.evaluate(() => (window as unknown as EditorWindow).fakeEditor.play(1, 5));
    await expect.poll(async () => (await last(page))?.total).toBe(11 * 24);
    await page.context().close();
  });

  it.each([1200, 700])("are pointed at from the file, at %i pixels", async (width) => {
    const { page, problems } = await open({ width });
    await page.evaluate(() =>
      (window as unknown as EditorWindow).fakeEditor.post({ kind: "word", position: 146 }),
    );
    const word = page.locator('.prompt-words [data-position="146"]');
    await expect.poll(() => word.evaluate((node) => node === document.activeElement)).toBe(true);
    expect(await word.isVisible()).toBe(true);
    expect(await page.locator(".word-facts").textContent()).toContain("position 146");
    expect(problems).toEqual([]);
    await page.context().close();
  });

  it("are not told by a page without the editor's run", async () => {
    const { page } = await open({ scene: "empty" });
    expect(await reports(page)).toEqual([]);
    await page.context().close();
  });
});
