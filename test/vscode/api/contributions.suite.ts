import assert from "node:assert/strict";
import { describe, it } from "mocha";
import * as vscode from "vscode";

interface Manifest {
  readonly contributes: { readonly commands: readonly { readonly command: string }[] };
}

/** The extension under test, as VS Code found it. */
function extension(): vscode.Extension<unknown> {
  const found = vscode.extensions.getExtension("dexar.dexar");
  assert.ok(found, "dexar.dexar is not installed");
  return found;
}

describe("contributions", () => {
  it("registers every command that package.json announces", async () => {
    await extension().activate();
    const registered = new Set(await vscode.commands.getCommands(true));
    const { commands } = (extension().packageJSON as Manifest).contributes;
    assert.ok(commands.length > 0);
    assert.deepEqual(
      commands.map(({ command }) => command).filter((command) => !registered.has(command)),
      [],
    );
  });

  it("opens a terminal with the command typed in", async () => {
    await vscode.commands.executeCommand("dexar.openCommandLine");
    const terminal = vscode.window.terminals.find(({ name }) => name === "DEX-AR");
    assert.ok(terminal, "no terminal was opened");
    terminal.dispose();
  });
});
