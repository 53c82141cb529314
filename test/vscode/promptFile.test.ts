import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { builtVsix } from "./builtVsix.js";
import { Grid } from "./pages/grid.js";
import { PromptEditor } from "./pages/promptEditor.js";
import { THEMES } from "./pages/themes.js";
import { addPictures, SAMPLE } from "./pictures.js";
import { expectTokens, explainByCommandLine, keepFailures, processCount } from "./steps.js";
import { openWindow, type VscodeWindow } from "./window.js";

const FILE = "prompt.vlm.md";

function prepare(workspace: string): void {
  addPictures(workspace);
  const place = (name: string): string => path.join(workspace, name);
  writeFileSync(place("empty.png"), "");
  writeFileSync(
    place("several.vlm.md"),
    "---\nimages:\n  - burger.png\n  - empty.png\n  - dog.png\n---\n\nwhat is in the picture?\n",
  );
  writeFileSync(place("notes.txt"), "To ask:\n\ndescribe the picture.\n\nNothing else.\n");
}

describe("a prompt file, from New to its answer", () => {
  let vscode: VscodeWindow;
  let editor: PromptEditor;
  beforeAll(async () => {
    vscode = await openWindow({ vsix: builtVsix(), prepare, width: 1500, height: 1000 });
    editor = new PromptEditor(vscode.page);
  });
  afterAll(() => vscode.close());
  keepFailures(() => vscode);

  const place = (name: string): string => path.join(vscode.server.workspace, name);
  const read = (): string => readFileSync(place(FILE), "utf8");
  const problems = (): Promise<string[]> => vscode.workbench.problems();
  /** Number of the file's version that the panel names, and whether it says that it was edited since. */
  const source = async (): Promise<{ version: number; edited: boolean }> => {
    const words = await vscode.panel.promptSource.innerText();
    const [, version] = /Prompt from prompt\.vlm\.md, version (\d+)/.exec(words) ?? [];
    return { version: Number(version), edited: words.includes("edited since") };
  };
  const expected = () => explainByCommandLine(["--prompt-file", place(FILE), "--live"]);

  it("is made from the palette: a picture is picked, words are typed, it is saved beside the pictures", async () => {
    const { page, workbench } = vscode;
    await workbench.runCommand("DEX-AR: New Prompt File");
    await editor.proposal("burger.png").waitFor();
    await page.keyboard.press("Enter");
    await editor.proposal("burger.png").waitFor({ state: "hidden" });
    await page.keyboard.press("Control+End");
    await editor.rewrite("describe the picture.", "what is in the picture?");
    await editor.save();
    await expect.poll(read).toBe("---\nimage: burger.png\n---\n\nwhat is in the picture?\n");
    await workbench.tab(FILE).waitFor();
    await workbench.statusBarItem(/VLM Prompt/).waitFor();
  });

  it("completes its keys", async () => {
    const { page } = vscode;
    await editor.line("image: burger.png").click();
    await page.keyboard.press("End");
    await page.keyboard.press("Enter");
    await page.keyboard.type("max");
    await editor.proposal("max_new_tokens").waitFor();
    await page.keyboard.press("Enter");
    await editor.line("max_new_tokens:").waitFor();
    await page.keyboard.type("40");
    await editor.line("max_new_tokens: 40").waitFor();
  });

  it("marks a key and a picture that there are not, each in its line, and corrects them", async () => {
    const { page } = vscode;
    await editor.rewrite("max_new_tokens", "temprature: 0");
    await editor.rewrite("burger.png", "image: burgr.png");
    await expect
      .poll(problems)
      .toEqual(
        expect.arrayContaining([
          expect.stringMatching(
            /^Error: There is no picture burgr\.png\. Did you mean "burger\.png"\? at line 2 /,
          ),
          expect.stringMatching(
            /^Warning: There is no key "temprature"\. Did you mean "temperature"\? at line 3 /,
          ),
        ]),
      );
    await vscode.screenshot("prompt-problems");
    await editor.line("burgr.png").click();
    await page.keyboard.press("End");
    await editor.fix('Change to "burger.png"');
    await editor.line("image: burger.png").waitFor();
    await editor.line("temprature").click();
    await page.keyboard.press("Home");
    await editor.fix('Change to "temperature"');
    await editor.line("temperature: 0").waitFor();
    await expect.poll(problems).toEqual([]);
    await page.keyboard.press("Control+j");
    await editor.line("temperature").click();
    await editor.save();
    await expect.poll(read).toContain("image: burger.png\ntemperature: 0\n");
  });

  it("runs from its lens: the panel beside it names file and version and shows the command line's numbers", async () => {
    const { panel, workbench } = vscode;
    await editor.lens(/^\s*Run$/).click();
    await workbench.tab(`burger.png · ${FILE}`).waitFor();
    await panel.finished();
    expect(await workbench.tab(FILE).first().isVisible()).toBe(true);
    expect(await source()).toEqual({ version: expect.any(Number) as number, edited: false });
    expect(await panel.prompt.inputValue()).toBe("what is in the picture?");
    expectTokens(await panel.tokenDescriptions(), expected());
    await editor.lens("Last run").waitFor();
  });

  it("tints its words, and follows the token that is chosen in the panel", async () => {
    const { panel } = vscode;
    await expect.poll(async () => (await editor.tint()).length).toBeGreaterThan(2);
    const whole = JSON.stringify(await editor.tint());
    await panel.token(3).click();
    await expect.poll(async () => JSON.stringify(await editor.tint())).not.toBe(whole);
    await panel.wholeAnswer.click();
    await expect.poll(async () => JSON.stringify(await editor.tint())).toBe(whole);
  });

  it("is marked as edited since, and runs again when it is saved", async () => {
    const { page, panel } = vscode;
    const before = await source();
    await editor.rewrite("what is in the picture?", "describe the picture.");
    await expect.poll(source).toEqual({ ...before, edited: true });
    await editor.lens(/edited since/).waitFor();
    await vscode.screenshot("prompt-edited");
    await editor.save();
    await expect.poll(read).toContain("describe");
    expect(await source()).toEqual({ ...before, edited: true });
    await vscode.setSettings({ "dexar.promptFile.runOnSave": true });
    await editor.line("describe the picture.").click();
    await page.keyboard.press("End");
    await page.keyboard.type(" ");
    await page.keyboard.press("Backspace");
    await editor.save();
    await expect.poll(async () => (await source()).version).toBeGreaterThan(before.version);
    await panel.finished();
    expect((await source()).edited).toBe(false);
    expect(await panel.prompt.inputValue()).toBe("describe the picture.");
    expectTokens(await panel.tokenDescriptions(), expected());
    await expect.poll(async () => (await editor.tint()).length).toBeGreaterThan(2);
  });

  it.each(["light", "dark"] as const)("looks right in the theme %s", async (short) => {
    const { panel } = vscode;
    await vscode.setSettings({ "workbench.colorTheme": THEMES[short].name });
    await panel.themed(THEMES[short].kind);
    await vscode.screenshot(`prompt-${short}`);
    expect((await editor.tint()).every(({ width }) => width > 4)).toBe(true);
  });

  it("asks about several pictures; one of 0 bytes does not stop the rest", async () => {
    const { panel, workbench } = vscode;
    const grid = new Grid(panel);
    await workbench.runCommand("View: Close All Editors");
    await workbench.file("several.vlm.md").dblclick();
    await editor.lens("Run on 3 pictures").click();
    await expect.poll(() => grid.summary.textContent(), { timeout: 90_000 }).toBe("2 of 3 done, 1 failed");
    expect(await grid.card("empty.png").textContent()).toContain("is empty (0 bytes)");
    for (const [name, sample] of [
      ["burger.png", SAMPLE],
      ["dog.png", "examples/dog-and-frog.png"],
    ] as const) {
      const { answer } = explainByCommandLine([sample, "--live", "--prompt", "what is in the picture?"]);
      expect((await grid.answer(name).innerText()).replace(/\s+/g, " ")).toBe(answer.trim());
    }
    await vscode.screenshot("prompt-grid");
    await grid.open("dog.png");
    await workbench.tab(/^dog\.png/).waitFor();
    await panel.finished();
    await processCount(vscode, 1);
  });

  it("the words that are selected in any text file can be asked", async () => {
    const { page, panel, workbench } = vscode;
    await workbench.runCommand("View: Close All Editors");
    await workbench.file("notes.txt").dblclick();
    await workbench.tab("notes.txt").waitFor();
    await editor.line("describe the picture.").click();
    await page.keyboard.press("Home");
    await page.keyboard.press("Shift+End");
    await workbench.contextMenu(editor.line("describe the picture."), "Explain with This Selection…");
    await page.locator(".quick-input-widget").getByText("burger.png").click();
    await panel.finished();
    expect(await panel.promptSource.innerText()).toContain("Prompt from notes.txt");
    expect(await panel.prompt.inputValue()).toBe("describe the picture.");
    expectTokens(await panel.tokenDescriptions(), explainByCommandLine([SAMPLE, "--live"]));
    await expect.poll(async () => (await editor.tint()).length).toBeGreaterThan(2);
    await vscode.screenshot("prompt-selection");
  });
});
