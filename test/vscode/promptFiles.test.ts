import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { builtVsix } from "./builtVsix.js";
import { addPictures } from "./pictures.js";
import { keepFailures } from "./steps.js";
import { openWindow, type VscodeWindow } from "./window.js";

describe("prompt files, from the installed VSIX", () => {
  let vscode: VscodeWindow;
  beforeAll(async () => {
    vscode = await openWindow({
      vsix: builtVsix(),
      settings: { "files.autoSave": "off", "dexar.promptFile.runOnSave": true },
      prepare: (workspace) => {
        addPictures(workspace);
        writeFileSync(path.join(workspace, "wrong.vlm.md"), "---\nimage: dgo.png\n---\n\nWhat is this?\n");
      },
      width: 1600,
      height: 1000,
    });
  });
  afterAll(() => vscode.close());
  keepFailures(() => vscode);

  const lens = (title: string | RegExp) => vscode.page.locator(".codelens-decoration").getByText(title);
  const source = (label: string) => vscode.panel.page.getByRole("button", { name: `Prompt from ${label}` });

  it("mark a picture that is not there and correct it with one click", async () => {
    const { page, workbench, server } = vscode;
    await workbench.file("wrong.vlm.md").dblclick();
    await page.locator(".squiggly-error").first().waitFor();
    await page.locator(".view-line span").filter({ hasText: /^dgo/ }).first().click();
    await workbench.runCommand("Quick Fix...");
    await page.locator(".action-widget").getByText('Change to "dog.png"').click();
    await expect.poll(() => page.locator(".squiggly-error").count()).toBe(0);
    await page.keyboard.press("Control+S");
    const written = () => readFileSync(path.join(server.workspace, "wrong.vlm.md"), "utf8");
    await expect.poll(written).toContain("image: dog.png\n");
  });

  it("are made, saved and run: the panel opens beside them and says which file and version", async () => {
    const { page, workbench, panel, server } = vscode;
    await workbench.file("burger.png").click();
    await workbench.tab("burger.png").waitFor();
    await workbench.runCommand("DEX-AR: New Prompt File");
    await lens("Run").first().waitFor();
    await page.keyboard.press("Control+S");
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

  it("are marked as edited, and run again when they are saved", async () => {
    const { page, panel } = vscode;
    await page.keyboard.press("Control+End");
    await page.keyboard.type("Be brief.");
    await panel.page.getByText("edited since").waitFor();
    await lens(/, edited since$/)
      .first()
      .waitFor();
    await page.keyboard.press("Control+S");
    await expect.poll(() => panel.prompt.inputValue()).toBe("describe the picture.\nBe brief.");
    await panel.finished();
    await expect.poll(() => panel.page.getByText("edited since").count()).toBe(0);
  });

  it("are shown by their panel with the words selected, after a reload of the window too", async () => {
    const { page, workbench, panel } = vscode;
    await workbench.reload();
    await panel.wholeAnswer.waitFor();
    await source("prompt.vlm.md, version").click();
    await vscode.workbench.statusBarItem(/31 selected/).waitFor();
    expect(await page.locator(".monaco-editor.focused").count()).toBe(1);
  });
});
