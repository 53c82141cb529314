import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { builtVsix } from "./builtVsix.js";
import { addPictures } from "./pictures.js";
import { explainFinished, keepFailures, running } from "./steps.js";
import { openWindow, type VscodeWindow } from "./window.js";

describe("what a panel keeps", () => {
  let vscode: VscodeWindow;
  let descriptions: string[];
  beforeAll(async () => {
    vscode = await openWindow({ vsix: builtVsix(), prepare: addPictures });
    await explainFinished(vscode, "burger.png");
    descriptions = await vscode.panel.tokenDescriptions();
    await vscode.panel.token(3).click();
    await vscode.panel.kept();
  });
  afterAll(() => vscode.close());
  keepFailures(() => vscode);

  async function sameAsBefore(): Promise<void> {
    const { panel } = vscode;
    await panel.finished();
    expect(await panel.tokenDescriptions()).toEqual(descriptions);
    await expect.poll(() => panel.token(3).getAttribute("aria-selected")).toBe("true");
  }

  it("run and selection when it is hidden and shown", async () => {
    const { workbench } = vscode;
    await workbench.file("dog.png").dblclick();
    await workbench.tab("dog.png").waitFor();
    await workbench.tab(/burger\.png/).click();
    await sameAsBefore();
  });

  it("run and selection when it moves to another group", async () => {
    await vscode.workbench.runCommand("View: Move Editor into Right Group");
    await sameAsBefore();
  });

  it("run and selection after the window was reloaded, without a model process", async () => {
    await vscode.workbench.reload();
    await sameAsBefore();
    await expect.poll(() => running(vscode)).toEqual([]);
  });
});
