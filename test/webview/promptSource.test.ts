import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import type { FromPanel, ToPanel } from "../../src/protocol/panel.js";
import { axeFindings } from "../helpers/axeFindings.js";
import { findChromium } from "../helpers/browser.js";
import { panelWindows, type EditorWindow } from "../helpers/panelPage.js";

const chromium = findChromium();

async function post(page: Page, message: ToPanel): Promise<void> {
  await page.evaluate((sent) => (window as unknown as EditorWindow).fakeEditor.post(sent), message);
}

function sent(page: Page): Promise<readonly FromPanel[]> {
  return page.evaluate(() => [...(window as unknown as EditorWindow).fakeEditor.sent]);
}

// Without a Chromium the page cannot be tried; on CI it must be there.
describe.skipIf(chromium === undefined && !process.env["CI"])("a panel with a file behind its prompt", () => {
  const openWindow = panelWindows(chromium);
  const open = (scene: string) => openWindow({ scene });

  it("names file and version, shows the words there, and cannot be typed in", async () => {
    const { page, problems } = await open("file");
    const prompt = page.getByRole("textbox", { name: "Prompt" });
    expect(await prompt.getAttribute("readonly")).not.toBeNull();
    await page.getByRole("button", { name: "Prompt from describe.vlm.md, version 3" }).click();
    expect((await sent(page)).at(-1)).toEqual({ kind: "revealSource" });
    expect(await page.getByText("edited since").count()).toBe(0);
    expect(problems).toEqual([]);
    await page.context().close();
  });

  it("marks a file that was edited, for screen readers too, and drops the mark", async () => {
    const { page } = await open("edited");
    const mark = page.getByRole("status").filter({ hasText: "edited since" });
    await mark.waitFor();
    const link = page.getByRole("button", { name: /^Prompt from kitchen-.*version 24 \(deleted\)$/ });
    expect(await link.count()).toBe(1);
    expect(await axeFindings(page)).toEqual([]);
    await post(page, { kind: "source", source: { label: "pets.vlm.md, version 25", edited: false } });
    await page.getByRole("button", { name: "Prompt from pets.vlm.md, version 25" }).waitFor();
    expect(await page.getByText("edited since").count()).toBe(0);
    await page.context().close();
  });

  it("takes the question that was read anew, over what was typed", async () => {
    const { page } = await open("file");
    await page.getByRole("textbox", { name: "Max tokens" }).fill("many");
    const run = page.getByRole("button", { name: "Run", exact: true });
    await expect.poll(() => run.isDisabled()).toBe(true);
    const form = {
      imageName: "sample.png",
      prompt: "What is on the floor?\nAnswer in one word.",
      target: "a cat",
      maxNewTokens: 7,
      live: true,
      source: { label: "describe.vlm.md, version 4", edited: false },
    };
    await post(page, { kind: "form", form });
    await page.getByRole("button", { name: "Prompt from describe.vlm.md, version 4" }).waitFor();
    await page.getByRole("button", { name: "Run", exact: true }).click();
    expect((await sent(page)).at(-1)).toEqual({
      kind: "run",
      form: { prompt: form.prompt, target: "a cat", maxNewTokens: 7, live: true },
      settings: {},
    });
    await page.context().close();
  });

  it("is typed in as before when its question has no file", async () => {
    const { page } = await open("finished");
    expect(await page.getByRole("button", { name: /^Prompt from/ }).count()).toBe(0);
    const prompt = page.getByRole("textbox", { name: "Prompt" });
    expect(await prompt.getAttribute("readonly")).toBeNull();
    await page.context().close();
  });
});
