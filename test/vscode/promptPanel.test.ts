import { readFileSync } from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { builtVsix } from "./builtVsix.js";
import { PromptEditor } from "./pages/promptEditor.js";
import { addPictures } from "./pictures.js";
import { keepFailures } from "./steps.js";
import { openWindow, type VscodeWindow } from "./window.js";

describe("a prompt file and its panel", () => {
  let vscode: VscodeWindow;
  beforeAll(async () => {
    vscode = await openWindow({
      vsix: builtVsix(),
      settings: { "files.autoSave": "off" },
      prepare: addPictures,
      width: 1600,
      height: 1000,
    });
  });
  afterAll(() => vscode.close());
  keepFailures(() => vscode);

  const lens = (title: string | RegExp) => vscode.page.locator(".codelens-decoration").getByText(title);
  const source = (label: string) => vscode.panel.page.getByRole("button", { name: `Prompt from ${label}` });

  it("is made, saved and run by keys: the panel opens beside it and shows its words", async () => {
    const { page, workbench, panel, server } = vscode;
    await workbench.file("burger.png").click();
    await workbench.tab("burger.png").waitFor();
    await workbench.runCommand("DEX-AR: New Prompt File");
    await lens("Run").first().waitFor();
    await new PromptEditor(page).save();
    const file = path.join(server.workspace, "prompt.vlm.md");
    const written = () => {
      try {
        return readFileSync(file, "utf8");
      } catch {
        return null;
      }
    };
    await expect.poll(written).toBe("---\nimage: burger.png\n---\n\ndescribe the picture.\n");
    await page.keyboard.press("Control+Enter");
    await workbench.tab("burger.png · prompt.vlm.md").waitFor();
    await panel.finished();
    await source("prompt.vlm.md, version").waitFor();
    expect(await panel.prompt.inputValue()).toBe("describe the picture.");
    expect(await panel.prompt.getAttribute("readonly")).not.toBeNull();
    await lens(/^Last run [^,]+$/)
      .first()
      .waitFor();
  });

  it("is shown by its panel with the words selected, after a reload of the window too", async () => {
    const { page, workbench, panel } = vscode;
    await workbench.reload();
    await panel.wholeAnswer.waitFor();
    await source("prompt.vlm.md, version").click();
    await vscode.workbench.statusBarItem(/21 selected/).waitFor();
    await expect.poll(() => page.locator(".monaco-editor.focused").count()).toBe(1);
  });
});
