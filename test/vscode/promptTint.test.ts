import { writeFileSync } from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { builtVsix } from "./builtVsix.js";
import { Grid } from "./pages/grid.js";
import { PromptEditor } from "./pages/promptEditor.js";
import { untilDone } from "./pages/untilDone.js";
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
  let grid: Grid;
  let editor: PromptEditor;
  beforeAll(async () => {
    vscode = await openWindow({ vsix: builtVsix(), prepare, width: 1600, height: 1000 });
    grid = new Grid(vscode.panel);
    editor = new PromptEditor(vscode.page);
  });
  afterAll(() => vscode.close());
  keepFailures(() => vscode);

  it("shows a result for each, one after the other; the one that is missing does not stop the rest", async () => {
    await vscode.workbench.file(FILE).dblclick();
    await vscode.workbench.tab(FILE).waitFor();
    await vscode.workbench.runCommand("DEX-AR: Run Prompt on All Its Pictures");
    await expect.poll(() => grid.summary.textContent(), { timeout: 120_000 }).toBe("2 of 3 done, 1 failed");
    expect(await grid.card("gone.png").textContent()).toContain("There is no picture at");
    expect(await grid.answer("burger.png").textContent()).toContain("burger");
    expect(await grid.answer("dog.png").textContent()).toContain("dog");
    await expect.poll(() => grid.card("dog.png").locator("canvas").isVisible()).toBe(true);
    await vscode.screenshot("grid-dark");
  });

  it("opens a run in its own panel, which tints the words of the file", async () => {
    await grid.open("burger.png");
    await vscode.workbench.tab(/^burger\.png/).waitFor();
    await vscode.panel.finished();
    await expect.poll(async () => (await editor.tint()).length).toBeGreaterThan(2);
    const marks = await editor.tint();
    expect(marks.every(({ width }) => width > 4)).toBe(true);
    expect(marks.some(({ fill }) => fill !== NO_FILL)).toBe(true);
    expect(marks.some(({ line }) => line === "solid")).toBe(true);
    await vscode.screenshot("tint-dark");
  });

  it("says the numbers on hover, and follows the token that is pinned in the panel", async () => {
    const hover = vscode.page.locator(".monaco-hover-content").filter({ hasText: "For the whole answer" });
    await untilDone(vscode.page, async (patience) => {
      await editor.line("---").hover();
      await editor.line("describe").hover({ position: { x: 24, y: 8 } });
      await hover.first().waitFor(patience);
    });
    const said = ((await hover.first().textContent()) ?? "").replace(/\s+/g, " ");
    expect(said).toMatch(/won the text score of \d+ of \d+ heads/);
    await vscode.screenshot("tint-hover");
    const whole = JSON.stringify(await editor.tint());
    await vscode.panel.token(2).click();
    await expect.poll(async () => JSON.stringify(await editor.tint())).not.toBe(whole);
    const before = JSON.stringify(await editor.tint());
    await vscode.panel.token(4).click();
    await expect.poll(async () => JSON.stringify(await editor.tint())).not.toBe(before);
  });

  it("draws lines instead of fills in high contrast", async () => {
    await vscode.setSettings({ "workbench.colorTheme": THEMES["hc-black"].name });
    await expect
      .poll(async () => {
        const marks = await editor.tint();
        return marks.every(({ fill }) => fill === NO_FILL) && marks.some(({ line }) => line !== "none");
      })
      .toBe(true);
    await vscode.screenshot("tint-hc");
  });

  it("takes the tint away where it is switched off", async () => {
    await vscode.setSettings({ "dexar.promptFile.tint": false });
    await expect.poll(async () => (await editor.tint()).length).toBe(0);
  });
});
