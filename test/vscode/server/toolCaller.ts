import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { expect } from "vitest";
import type { Workbench } from "../pages/workbench.js";
import { packExtension } from "./packExtension.js";

const MANIFEST = {
  name: "dexar-tool-caller",
  publisher: "dexar",
  version: "0.0.1",
  engines: { vscode: "^1.100.0" },
  main: "main.cjs",
  contributes: { commands: [{ command: "dexarToolCaller.call", category: "Tool Caller", title: "Call" }] },
};

/** Runs inside VS Code, so it is plain JavaScript: calls a tool as an assistant's extension does. */
const MAIN = `
const { readFileSync, renameSync, writeFileSync } = require("node:fs");
const vscode = require("vscode");
exports.activate = (context) => {
  context.subscriptions.push(vscode.commands.registerCommand("dexarToolCaller.call", async () => {
    const { question, answer } = require("./places.json");
    const { name, input } = JSON.parse(readFileSync(question, "utf8"));
    let outcome;
    try {
      const { content } = await vscode.lm.invokeTool(name, { input, toolInvocationToken: undefined });
      outcome = { texts: content.map((part) => part.value) };
    } catch (error) {
      outcome = { error: error.name + ": " + error.message };
    }
    const tools = vscode.lm.tools.map(({ name, description, tags }) => ({ name, description, tags }));
    writeFileSync(answer + ".part", JSON.stringify({ ...outcome, tools }));
    renameSync(answer + ".part", answer);
  }));
};
`;

/** How a call of a tool ended, and which tools VS Code knows. */
export interface ToolOutcome {
  readonly texts?: readonly string[];
  readonly error?: string;
  readonly tools: readonly { readonly name: string; readonly description: string }[];
}

/** A small extension that calls language-model tools, as an assistant does. */
export class ToolCaller {
  readonly vsix: string;
  private readonly question: string;
  private readonly answer: string;

  /** @param folder an empty folder */
  constructor(folder: string) {
    this.question = path.join(folder, "question.json");
    this.answer = path.join(folder, "answer.json");
    this.vsix = packExtension(folder, {
      "package.json": JSON.stringify(MANIFEST),
      "README.md": "Calls language-model tools.\n",
      "main.cjs": MAIN,
      "places.json": JSON.stringify({ question: this.question, answer: this.answer }),
    });
  }

  /** Begins a call; VS Code may ask the person first. */
  async call(workbench: Workbench, name: string, input: object): Promise<void> {
    rmSync(this.answer, { force: true });
    writeFileSync(this.question, JSON.stringify({ name, input }));
    await workbench.runCommand("Tool Caller: Call");
  }

  /** Waits for the end of the call. */
  async outcome(): Promise<ToolOutcome> {
    await expect.poll(() => existsSync(this.answer), { timeout: 120_000, interval: 100 }).toBe(true);
    return JSON.parse(readFileSync(this.answer, "utf8")) as ToolOutcome;
  }
}
