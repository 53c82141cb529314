import { execFileSync } from "node:child_process";
import { chmodSync, writeFileSync } from "node:fs";
import path from "node:path";
import { afterEach, expect } from "vitest";
import { formatNumber, formatProbability } from "../../src/core/run/formatNumber.js";
import { tokenLabel } from "../../src/core/run/tokenLabel.js";
import { modelProcesses, type ProcessInfo } from "./server/processes.js";
import type { VscodeWindow } from "./window.js";

/** Keeps a picture of the window after each test that fails. */
export function keepFailures(vscode: () => VscodeWindow): void {
  afterEach(async ({ task }) => {
    if (task.result?.state === "fail") await vscode().screenshot(`failed-${task.name.replace(/\W+/g, "-")}`);
  });
}

/** What a person does first: right-click a picture in the explorer, Explain with DEX-AR; a panel opens. */
export async function explain({ workbench }: VscodeWindow, picture: string): Promise<void> {
  await workbench.contextMenu(workbench.file(picture), "Explain with DEX-AR");
  await workbench.tab(`${picture} · DEX-AR`).waitFor();
}

/** The same, until the answer is complete. Where it does not come, the failure says what the window shows instead. */
export async function explainFinished(vscode: VscodeWindow, picture: string): Promise<void> {
  await explain(vscode, picture);
  try {
    await vscode.panel.finished();
  } catch (error) {
    await vscode.screenshot(`failed-${picture.replace(/\W+/g, "-")}`);
    throw new Error(`no answer about ${picture}; the window shows: ${await shownTexts(vscode)}`, {
      cause: error,
    });
  }
}

/** The words of the window and of each page inside it, for a failure's message. */
async function shownTexts({ page }: VscodeWindow): Promise<string> {
  const texts = await Promise.all(
    page.frames().map(async (frame) => {
      const text = await frame.locator("body").innerText({ timeout: 2000 }).catch(String);
      return `[${new URL(frame.url()).pathname}] ${text.replace(/\s+/g, " ").slice(0, 1500)}`;
    }),
  );
  return texts.join("\n");
}

/** The model processes of this window that run now. */
export function running({ server }: VscodeWindow): ProcessInfo[] {
  return modelProcesses(server.extensionsDir);
}

/** Waits until as many model processes of this window run, and returns them. */
export async function processCount(vscode: VscodeWindow, count: number): Promise<ProcessInfo[]> {
  await expect.poll(() => running(vscode).length, { timeout: 60_000, interval: 20 }).toBe(count);
  return running(vscode);
}

/** Titles of the runs that the Runs view shows now, newest first; to be polled, a view fills a moment after it opens. */
export async function runTitles({ workbench }: VscodeWindow): Promise<string[]> {
  await workbench.openViews("DEX-AR");
  const rows = workbench.viewRow("Runs", /./);
  return rows.evaluateAll((nodes) => nodes.map((node) => node.getAttribute("aria-label") ?? ""));
}

/**
 * A Node for `dexar.node.path` that makes the model process slow: it rests before each message it sends, so that
 * there is time to do something between two tokens.
 * @returns the path of the program, in `folder`
 */
export function slowNode(folder: string, milliseconds: number): string {
  const preload = path.join(folder, "slow.cjs");
  setRest(folder, milliseconds);
  writeFileSync(
    preload,
    `const { readFileSync } = require("node:fs");
const send = process.send;
const bell = new Int32Array(new SharedArrayBuffer(4));
process.send = (...message) => {
  Atomics.wait(bell, 0, 0, Number(readFileSync(${JSON.stringify(restFile(folder))}, "utf8")));
  return send.apply(process, message);
};
`,
  );
  return program(folder, "slow-node", `exec "${process.execPath}" --require "${preload}" "$@"`);
}

/** How long the slow Node of this folder rests from now on, a process that runs already too. */
export function setRest(folder: string, milliseconds: number): void {
  writeFileSync(restFile(folder), String(milliseconds));
}

function restFile(folder: string): string {
  return path.join(folder, "rest.txt");
}

/** A Node for `dexar.node.path` whose address space ends at this many kB. */
export function smallNode(folder: string, kilobytes: number): string {
  return program(folder, "small-node", `ulimit -v ${kilobytes}; exec "${process.execPath}" "$@"`);
}

function program(folder: string, name: string, command: string): string {
  const file = path.join(folder, name);
  writeFileSync(file, `#!/bin/sh\n${command}\n`);
  chmodSync(file, 0o755);
  return file;
}

/** What the command line prints with --json. */
export interface CliExplanation {
  readonly answer: string;
  readonly tokens: readonly {
    readonly text: string;
    readonly probability: number;
    readonly delta: number;
    readonly keptHeads: number;
    readonly heads: number;
    readonly heatmap?: readonly number[];
    /** By choice of heads: of all, and in a file that has the heatmaps of the others too. */
    readonly sources: Readonly<Record<string, unknown>>;
  }[];
}

/** The command line's explanation of a picture, as its --json says it. */
export function explainByCommandLine(args: readonly string[]): CliExplanation {
  const text = execFileSync(process.execPath, ["dist/cli.js", "explain", ...args, "--json"], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
  });
  return JSON.parse(text) as CliExplanation;
}

/** Compares what the chips of a page say with the command line's numbers, token by token. */
export function expectTokens(shown: readonly string[], { tokens }: CliExplanation): void {
  expect(shown.length).toBe(tokens.length);
  for (const [index, token] of tokens.entries()) {
    const words = shown[index] ?? "";
    expect(words).toContain(tokenLabel(token.text));
    expect(words).toContain(`probability ${formatProbability(Math.log(token.probability))}`);
    expect(words).toContain(`delta ${formatNumber(token.delta)}`);
  }
}
