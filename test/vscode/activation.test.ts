import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { builtVsix } from "./builtVsix.js";
import { addPictures } from "./pictures.js";
import { keepFailures, running } from "./steps.js";
import { openWindow, type VscodeWindow } from "./window.js";

describe("activation", () => {
  let vscode: VscodeWindow;
  beforeAll(async () => {
    vscode = await openWindow({ vsix: builtVsix(), prepare: addPictures });
  });
  afterAll(() => vscode.close());
  keepFailures(() => vscode);

  it("starts no model process", async () => {
    await vscode.workbench.openViews("DEX-AR");
    await vscode.workbench
      .viewRow("Runs", /./)
      .or(vscode.page.getByText("Every picture you explain"))
      .first()
      .waitFor();
    expect(running(vscode)).toEqual([]);
  });

  it("is said by VS Code itself, in its list of running extensions", async ({ annotate }) => {
    const { page, workbench } = vscode;
    await workbench.runCommand("Developer: Show Running Extensions");
    const row = page.locator(".runtime-extensions-editor .extension").filter({ hasText: "DEX-AR" });
    await row.waitFor();
    const time = /Activation: (\d+)ms/.exec(await row.innerText())?.[1];
    expect(Number(time)).toBeGreaterThanOrEqual(0);
    // Said, not judged: how long it takes is the machine's doing as much as the code's.
    await annotate(`loading and activating the extension took ${time} ms`);
    await vscode.screenshot("activation");
  });
});
