import assert from "node:assert/strict";
import * as vscode from "vscode";

const EXTENSION_ID = "dexar.dexar";

/** Run by VS Code itself (scripts/testVscode.js): throws when something is not as it should be. */
export async function run(): Promise<void> {
  const extension = vscode.extensions.getExtension(EXTENSION_ID);
  assert.ok(extension, `${EXTENSION_ID} is not installed`);
  await extension.activate();
  assert.equal(extension.isActive, true);

  const commands = await vscode.commands.getCommands(true);
  const announced = (extension.packageJSON as { contributes: { commands: { command: string }[] } })
    .contributes.commands;
  for (const { command } of announced) assert.ok(commands.includes(command), `${command} is not registered`);

  await vscode.commands.executeCommand("dexar.openCommandLine");
  const terminal = vscode.window.terminals.find(({ name }) => name === "DEX-AR");
  assert.ok(terminal, "no terminal was opened");
  terminal.dispose();
}
