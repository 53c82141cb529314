import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { builtVsix } from "./builtVsix.js";
import { addPictures } from "./pictures.js";
import {
  explain,
  explainFinished,
  keepFailures,
  processCount,
  running,
  runTitles,
  setRest,
  slowNode,
} from "./steps.js";
import { openWindow, type VscodeWindow } from "./window.js";

describe("stopping, closing and reloading in the middle of a run", () => {
  let vscode: VscodeWindow;
  beforeAll(async () => {
    vscode = await openWindow({ vsix: builtVsix(), prepare: addPictures });
    await explainFinished(vscode, "burger.png");
    await vscode.setSettings({
      "dexar.node.path": slowNode(vscode.server.folder, 250),
      "dexar.explain.live": true,
    });
  });
  afterAll(() => vscode.close());
  keepFailures(() => vscode);
  beforeEach(async () => {
    setRest(vscode.server.folder, 250);
    await vscode.workbench.openViews("Explorer");
  });

  it.each(["Starting", "Loading", "Preparing", "reads picture", "Answering"])(
    "Stop works while the panel says “%s…”",
    async (phase) => {
      const { panel, workbench } = vscode;
      // Reading a small picture is one message: long enough to be seen on a busy machine.
      if (phase === "reads picture") setRest(vscode.server.folder, 600);
      if (running(vscode).length > 0) await workbench.runCommand("DEX-AR: Stop Model");
      await processCount(vscode, 0);
      await workbench.tab(/burger\.png/).click();
      await panel.run.click();
      await panel.phase.filter({ hasText: phase }).waitFor();
      setRest(vscode.server.folder, 1000); // it is still the same token when Stop is pressed
      const tokens = phase === "Answering" ? await panel.tokens.count() : 0;
      await panel.stop.click();
      await panel.idle();
      // Within one decode step: at most the token that was being made is still taken.
      if (phase === "Answering") expect(await panel.tokens.count()).toBeLessThanOrEqual(tokens + 2);
      expect(running(vscode).length).toBeLessThanOrEqual(1);
    },
  );

  it("a stopped answer keeps its complete tokens and says that it was stopped", async () => {
    const { panel } = vscode;
    await panel.run.click();
    await panel.phase.filter({ hasText: "Answering" }).waitFor();
    await expect.poll(() => panel.tokens.count()).toBeGreaterThan(2);
    await panel.stop.click();
    await panel.idle();
    await panel.notes.filter({ hasText: "Stopped" }).waitFor();
    expect(await panel.tokens.count()).toBeGreaterThan(0);
    await vscode.screenshot("stopped");
  });

  it("a panel closed mid-run gives its request up; the process goes on for others", async () => {
    const { panel, workbench } = vscode;
    await expect.poll(() => runTitles(vscode)).not.toHaveLength(0);
    const runs = (await runTitles(vscode)).length;
    await workbench.tab(/burger\.png/).click();
    await panel.run.click();
    await expect.poll(() => panel.tokens.count()).toBeGreaterThan(0);
    await panel.phase.filter({ hasText: "Answering" }).waitFor();
    await workbench.closeTab(/burger\.png/);
    setRest(vscode.server.folder, 0);
    await workbench.statusBarItem(/DEX-AR/).waitFor();
    expect(running(vscode).length).toBeLessThanOrEqual(1);
    await workbench.openViews("Explorer");
    await explain(vscode, "dog.png");
    await panel.finished();
    // What was complete of the answer that was given up is kept as a run too.
    await expect.poll(() => runTitles(vscode)).toHaveLength(runs + 2);
  });

  it("two requests at once are both answered, one after the other", async () => {
    const { panel, workbench } = vscode;
    await vscode.setSettings({});
    await explain(vscode, "burger.png");
    await workbench.openViews("Explorer");
    await explain(vscode, "dog.png");
    await workbench
      .tab(/dog\.png/)
      .last()
      .click();
    await panel.finished();
    await workbench.tab(/burger\.png/).click();
    await panel.finished();
    await processCount(vscode, 1);
  });

  it("a window reloaded mid-run comes back with its panel, and leaves no process behind", async () => {
    const { panel, workbench } = vscode;
    await vscode.setSettings({
      "dexar.node.path": slowNode(vscode.server.folder, 250),
      "dexar.explain.live": true,
    });
    await workbench.tab(/burger\.png/).click();
    await panel.run.click();
    await expect.poll(() => panel.tokens.count()).toBeGreaterThan(0);
    const [before] = await processCount(vscode, 1);
    await workbench.reload();
    await workbench.tab(/burger\.png/).waitFor();
    await expect.poll(() => running(vscode).map(({ pid }) => pid)).not.toContain(before?.pid);
    await panel.idle();
    setRest(vscode.server.folder, 0);
    await panel.run.click();
    await panel.finished();
    await processCount(vscode, 1);
  });
});
