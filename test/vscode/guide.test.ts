import { copyFileSync } from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { builtVsix } from "./builtVsix.js";
import { keepFailures } from "./steps.js";
import { openWindow, type VscodeWindow } from "./window.js";

describe("the installed extension", () => {
  let vscode: VscodeWindow;
  beforeAll(async () => {
    vscode = await openWindow({
      vsix: builtVsix(),
      prepare: (folder) =>
        copyFileSync("examples/burger-and-ghost-and-butterfly.png", path.join(folder, "burger.png")),
    });
  });
  afterAll(() => vscode.close());
  keepFailures(() => vscode);

  it("shows its guide", async () => {
    await vscode.workbench.runCommand("DEX-AR: Show Guide");
    await vscode.page.locator(".part.editor .tab").first().waitFor();
    await vscode.screenshot("guide");
    expect(vscode.foreignRequests.filter(({ webview }) => webview)).toEqual([]);
  });
});
