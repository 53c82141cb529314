import { execFileSync } from "node:child_process";
import { copyFileSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { builtVsix } from "./builtVsix.js";
import { Panel } from "./pages/panel.js";
import { SAMPLE } from "./pictures.js";
import { keepFailures, processCount, running, runTitles } from "./steps.js";
import { openWindow, type VscodeWindow } from "./window.js";

/** Runs that the command line has made, and files that are none. */
function addRuns(workspace: string): void {
  const explain = (file: string, ...more: readonly string[]) =>
    execFileSync(
      process.execPath,
      ["dist/cli.js", "explain", SAMPLE, "--out", path.join(workspace, file), ...more],
      { stdio: "ignore" },
    );
  explain("burger.dexar");
  explain("short.dexar", "--target", "a burger");
  const whole = readFileSync(path.join(workspace, "burger.dexar"));
  writeFileSync(path.join(workspace, "cut.dexar"), whole.subarray(0, whole.length / 2));
  writeFileSync(path.join(workspace, "empty.dexar"), "");
}

describe("a run file opened from the explorer", () => {
  let vscode: VscodeWindow;
  beforeAll(async () => {
    vscode = await openWindow({ vsix: builtVsix(), prepare: addRuns });
    // Until the window knows the extension, it opens run files as text.
    await vscode.workbench.openViews("DEX-AR");
    await vscode.workbench
      .viewRow("Model", /./)
      .first()
      .or(vscode.page.getByText("Start Model"))
      .first()
      .waitFor();
    await vscode.workbench.openViews("Explorer");
  });
  afterAll(() => vscode.close());
  keepFailures(() => vscode);

  const place = (name: string): string => path.join(vscode.server.workspace, name);

  async function open(name: string): Promise<void> {
    await vscode.workbench.file(name).dblclick();
    await vscode.workbench.tab(name).waitFor();
  }

  it("shows its answer, its question and its maps, without a model process", async () => {
    const { panel } = vscode;
    await open("burger.dexar");
    await panel.finished();
    expect(await panel.tokens.count()).toBeGreaterThan(4);
    expect(await panel.prompt.inputValue()).toBe("describe the picture.");
    await panel.token(1).click();
    await expect.poll(() => panel.mapCoverage()).toBeGreaterThan(0);
    await vscode.screenshot("run-editor");
    expect(running(vscode)).toEqual([]);
  });

  it("comes back after the window was reloaded, with what was selected", async () => {
    const { panel, workbench } = vscode;
    await panel.kept();
    await workbench.reload();
    await panel.finished();
    await expect.poll(() => panel.token(1).getAttribute("aria-selected")).toBe("true");
    expect(running(vscode)).toEqual([]);
  });

  it("opens twice, side by side", async () => {
    const { page, workbench } = vscode;
    await workbench.runCommand("View: Split Editor Right");
    const pages = [0, 1].map((index) => new Panel(page, index));
    for (const one of pages) await one.finished();
    const [first = [], second] = await Promise.all(pages.map((one) => one.tokenDescriptions()));
    expect(first.length).toBeGreaterThan(4);
    expect(second).toEqual(first);
    await workbench.runCommand("View: Close All Editors in Group");
  });

  it.each([
    ["cut.dexar", "run-file-damaged"],
    ["empty.dexar", "run-file-empty"],
  ])("says what is wrong with %s and what to do", async (name, code) => {
    const { panel, workbench } = vscode;
    await open(name);
    await panel.failure(code).waitFor();
    expect(await panel.failure(code).innerText()).toContain("Take another copy of the file");
    await vscode.screenshot(`run-editor-${code}`);
    copyFileSync(place("burger.dexar"), place(name));
    await panel.finished();
    await workbench.closeTab(name);
  });

  it("follows its file: read again when it changes, and says when it is gone", async () => {
    const { panel, page } = vscode;
    await open("short.dexar");
    await panel.finished();
    const before = await panel.tokens.count();
    const short = readFileSync(place("short.dexar"));
    copyFileSync(place("burger.dexar"), place("short.dexar"));
    await panel.page.getByText("The file changed on disk and was read again.").waitFor();
    await expect.poll(() => panel.tokens.count()).toBeGreaterThan(before);
    rmSync(place("short.dexar"));
    await panel.failure("run-not-found").waitFor();
    writeFileSync(place("short.dexar"), short);
    await expect.poll(() => panel.tokens.count()).toBe(before);
    await panel.failure("run-not-found").waitFor({ state: "hidden" });
    await page.keyboard.press("Escape");
  });

  it("explains a token that the model did not say, with the run's own model", async () => {
    const { panel, workbench } = vscode;
    await workbench.runCommand("View: Close All Editors");
    await open("burger.dexar");
    await panel.finished();
    await panel.token(3).click();
    await panel.page.locator('.could-have-said [data-kind="instead"]').last().click();
    await panel.page.locator(".what-if").getByText("Explained as if the model had said").waitFor();
    await processCount(vscode, 1);
  });

  it("asks its question again with changes in a panel beside it, and stays as it was", async () => {
    const { panel, page, workbench } = vscode;
    await workbench.runCommand("View: Close All Editors");
    await open("burger.dexar");
    await panel.finished();
    const before = await panel.tokenDescriptions();
    await panel.ask("what is in the picture?");
    await workbench.tab(/burger-and-ghost-and-butterfly\.png · DEX-AR/).waitFor();
    const asked = new Panel(page, 1);
    await asked.finished();
    expect(await asked.prompt.inputValue()).toBe("what is in the picture?");
    expect(await panel.tokenDescriptions()).toEqual(before);
    await vscode.screenshot("run-editor-rerun");
    await processCount(vscode, 1);
  });

  it("leaves a run in the view: it is pinned, shown with its prompt, and asked again from there", async () => {
    const { page, workbench } = vscode;
    await workbench.runCommand("View: Close All Editors");
    await expect.poll(() => runTitles(vscode)).toHaveLength(1);
    const row = workbench.viewRow("Runs", /burger/);
    await workbench.contextMenu(row, "Pin Run");
    await expect.poll(() => row.getAttribute("aria-label")).toMatch(/, pinned$/);
    await workbench.contextMenu(row, "Open Prompt of This Run");
    await page.locator(".monaco-editor").getByText("what is in the picture?").first().waitFor();
    await vscode.screenshot("run-prompt");
    await workbench.contextMenu(row, "Re-run with Changes…");
    await workbench.tab(/burger-and-ghost-and-butterfly\.png · DEX-AR/).waitFor();
    await vscode.panel.finished();
    expect(await vscode.panel.prompt.inputValue()).toBe("what is in the picture?");
    await vscode.panel.promptHasFocus();
    await page.keyboard.press("End");
    await page.keyboard.type(" really?");
    await expect.poll(() => vscode.panel.prompt.inputValue()).toBe("what is in the picture? really?");
    await vscode.screenshot("run-rerun");
  });
});
