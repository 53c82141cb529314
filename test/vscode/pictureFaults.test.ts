import { rmSync } from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { builtVsix } from "./builtVsix.js";
import { addPictures } from "./pictures.js";
import { explain, explainFinished, keepFailures, processCount, runTitles } from "./steps.js";
import { openWindow, type VscodeWindow } from "./window.js";

describe("pictures and questions that cannot be explained", () => {
  let vscode: VscodeWindow;
  beforeAll(async () => {
    vscode = await openWindow({ vsix: builtVsix(), prepare: addPictures });
    await explainFinished(vscode, "burger.png");
  });
  afterAll(() => vscode.close());
  keepFailures(() => vscode);
  beforeEach(() => vscode.workbench.openViews("Explorer"));

  it.each([
    ["truncated.png", "image-damaged"],
    ["huge.png", "image-too-large"],
    ["words.png", "not-an-image"],
  ])("%s: says so and offers another picture", async (picture, code) => {
    const { panel, workbench } = vscode;
    await explain(vscode, picture);
    await panel.failure(code).waitFor();
    await panel.idle();
    expect(await panel.action("Choose Picture").isVisible()).toBe(true);
    expect(await panel.failure().innerText()).toContain(picture);
    await vscode.screenshot(`fault-${code}`);
    await workbench.closeTab(new RegExp(picture.replace(".", "\\.")));
  });

  it("a picture that was deleted meanwhile: the next run says so, the last one stays", async () => {
    const { panel, workbench, server } = vscode;
    await explain(vscode, "dog.png");
    await panel.finished();
    const before = await panel.tokenDescriptions();
    rmSync(path.join(server.workspace, "dog.png"));
    await panel.run.click();
    await panel.failure("image-not-found").waitFor();
    expect(await panel.action("Choose Picture").isVisible()).toBe(true);
    expect(await panel.tokenDescriptions()).toEqual(before);
    await workbench.closeTab(/dog\.png/);
  });

  it.each([
    ["an empty prompt", "", "empty-prompt"],
    ["a prompt longer than the context", "what is left of the burger? ".repeat(120), "prompt-too-long"],
  ])("%s: says what to do; the next question works", async (_, prompt, code) => {
    const { panel, workbench } = vscode;
    await workbench.tab(/burger\.png/).click();
    await panel.ask(prompt);
    await panel.failure(code).waitFor();
    expect(await panel.failure().locator("vscode-button").count()).toBeGreaterThan(0);
    await vscode.screenshot(`fault-${code}`);
    await panel.ask("describe the picture.");
    await panel.failure().waitFor({ state: "detached" });
    await panel.finished();
  });

  it("lost no finished run and left one model process", async () => {
    await expect.poll(() => runTitles(vscode)).toHaveLength(4);
    const titles = await runTitles(vscode);
    expect(titles.filter((title) => title.includes("burger.png")).length).toBe(3);
    expect(titles.filter((title) => title.includes("dog.png")).length).toBe(1);
    await processCount(vscode, 1);
  });
});
