import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, it } from "mocha";
import * as vscode from "vscode";

function panels(): readonly vscode.Tab[] {
  return vscode.window.tabGroups.all
    .flatMap(({ tabs }) => tabs)
    .filter(({ input }) => input instanceof vscode.TabInputWebview && input.viewType.endsWith("dexar.panel"));
}

describe("the panel", () => {
  it("opens for the sample picture, once however often it is asked for, and closes", async () => {
    await vscode.commands.executeCommand("dexar.explainSample");
    while (panels().length === 0) await sleep(50);
    assert.match(panels()[0]?.label ?? "", /burger-and-ghost-and-butterfly\.png/);
    await vscode.commands.executeCommand("dexar.explainSample");
    assert.equal(panels().length, 1);
    await vscode.commands.executeCommand("dexar.stopAll");
    assert.equal(await vscode.window.tabGroups.close(panels()), true);
    assert.equal(panels().length, 0);
  });
});
