import { writeFileSync } from "node:fs";
import path from "node:path";
import type { FrameLocator, Locator } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { builtVsix } from "./builtVsix.js";
import { THEMES } from "./pages/themes.js";
import { addPictures } from "./pictures.js";
import { keepFailures } from "./steps.js";
import { openWindow, type VscodeWindow } from "./window.js";

const FILE = "ask.vlm.md";
const NO_FILL = "rgba(0, 0, 0, 0)";

function prepare(workspace: string): void {
  addPictures(workspace);
  const text = "---\nimages:\n  - burger.png\n  - gone.png\n  - dog.png\n---\n\ndescribe the picture.\n";
  writeFileSync(path.join(workspace, FILE), text);
}

describe("a prompt file with several pictures, from the installed VSIX", () => {
  let vscode: VscodeWindow;
  beforeAll(async () => {
    vscode = await openWindow({ vsix: builtVsix(), prepare, width: 1600, height: 1000 });
  });
  afterAll(() => vscode.close());
  keepFailures(() => vscode);

  /** The page with the results. */
  const grid = (): FrameLocator => vscode.panel.page;
  const card = (name: string): Locator =>
    grid()
      .getByRole("article")
      .filter({ has: grid().getByRole("heading", { name }) });
  /** What is drawn behind the words in the editor. */
  const tinted = (): Promise<{ width: number; fill: string; border: string }[]> =>
    vscode.page.locator(".part.editor .monaco-editor .cdr[class*='ced-']").evaluateAll((marks) =>
      marks.map((mark) => {
        const { backgroundColor, borderBottomStyle } = getComputedStyle(mark);
        return {
          width: mark.getBoundingClientRect().width,
          fill: backgroundColor,
          border: borderBottomStyle,
        };
      }),
    );
  const prompt = (): Locator =>
    vscode.page.locator(".part.editor .monaco-editor .view-line").filter({ hasText: /describe/ });

  it("shows a result for each, one after the other; the one that is missing does not stop the rest", async () => {
    await vscode.workbench.file(FILE).dblclick();
    await vscode.workbench.tab(FILE).waitFor();
    await vscode.workbench.runCommand("DEX-AR: Run Prompt on All Its Pictures");
    await expect
      .poll(() => grid().locator(".summary").textContent(), { timeout: 120_000 })
      .toBe("2 of 3 done, 1 failed");
    expect(await card("gone.png").textContent()).toContain("There is no picture at");
    expect(await card("burger.png").locator(".answer-text").textContent()).toContain("burger");
    expect(await card("dog.png").locator(".answer-text").textContent()).toContain("dog");
    await expect.poll(() => card("dog.png").locator("canvas").isVisible()).toBe(true);
    await vscode.screenshot("grid-dark");
  });

  it("opens a run in its own panel, which tints the words of the file", async () => {
    await card("burger.png").getByRole("button", { name: "Open the run of burger.png" }).click();
    await vscode.workbench.tab(/^burger\.png/).waitFor();
    await vscode.panel.finished();
    await expect.poll(async () => (await tinted()).length).toBeGreaterThan(2);
    const marks = await tinted();
    expect(marks.every(({ width }) => width > 4)).toBe(true);
    expect(marks.some(({ fill }) => fill !== NO_FILL)).toBe(true);
    expect(marks.some(({ border }) => border === "solid")).toBe(true);
    await vscode.screenshot("tint-dark");
  });

  it("says the numbers on hover, and follows the token that is pinned in the panel", async () => {
    await prompt().hover({ position: { x: 24, y: 8 } });
    const hover = vscode.page.locator(".monaco-hover-content").filter({ hasText: "For the whole answer" });
    await hover.first().waitFor();
    const said = ((await hover.first().textContent()) ?? "").replace(/\s+/g, " ");
    expect(said).toMatch(/won the text score of \d+ of \d+ heads/);
    await vscode.screenshot("tint-hover");
    await vscode.panel.token(2).click();
    const before = JSON.stringify(await tinted());
    await vscode.panel.token(4).click();
    await expect.poll(async () => JSON.stringify(await tinted())).not.toBe(before);
  });

  it("draws lines instead of fills in high contrast", async () => {
    await vscode.setSettings({ "workbench.colorTheme": THEMES["hc-black"].name });
    await expect.poll(async () => (await tinted()).every(({ fill }) => fill === NO_FILL)).toBe(true);
    expect((await tinted()).some(({ border }) => border !== "none")).toBe(true);
    await vscode.screenshot("tint-hc");
  });

  it("takes the tint away where it is switched off", async () => {
    await vscode.setSettings({ "dexar.promptFile.tint": false });
    await expect.poll(async () => (await tinted()).length).toBe(0);
  });
});
