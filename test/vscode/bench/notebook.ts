/**
 * Measures a notebook of 100 cells with saved outputs in a real VS Code (code-server in Chromium): opening, reaching
 * the last cell, scrolling. No model process runs.
 *
 *     npm run bench:notebook -- [--cells 100] [--rounds 3] [--large] [--extension FOLDER] [--screenshot FILE]
 */
import { statSync, symlinkSync, writeFileSync } from "node:fs";
import { cpus, loadavg } from "node:os";
import path from "node:path";
import { Command } from "commander";
import { builtVsix } from "../builtVsix.js";
import { modelProcesses } from "../server/processes.js";
import { openWindow, type VscodeWindow } from "../window.js";
import { spread } from "../../../tools/benchPanel/statistics.js";
import { bundledDigests, largeDigests } from "./digests.js";
import { makeNotebook, smallNotebook } from "./makeNotebook.js";
import { cellShown, outputFrame, runShown, watchClick, watchFrames } from "./probe.js";

const NAME = "bench.vlmnb";
/** A notebook of one cell without outputs: what opening costs the editor itself. */
const SMALL = "small.vlmnb";
/** In the words of every prompt cell; the editor opens a notebook where it was left. */
const ANY_CELL = "(cell ";
const WHEEL_STEPS = 150;
/** A frame that takes longer is seen as a stall. */
const STALL = 100;

const options = new Command()
  .option("--cells <n>", "cells of the notebook", "100")
  .option("--rounds <n>", "how often it is opened", "3")
  .option("--large", "runs of 64 tokens, 30 layers, 9 heads and 1,000 image tokens, not the bundled model's")
  .option("--extension <folder>", "an unpacked extension, not the VSIX that `npm run package` made")
  .option("--screenshot <file>", "also write the window as a picture here")
  .parse()
  .opts<{ cells: string; rounds: string; large?: true; extension?: string; screenshot?: string }>();

interface Round {
  /** Opening `SMALL`. */
  readonly small: number;
  readonly cells: number;
  readonly run: number;
  readonly last: number;
  readonly lastRun: number;
  readonly gaps: readonly number[];
}

/** Opens a notebook from the explorer. @returns when it was clicked, and when a prompt cell was drawn */
async function open({ page, workbench }: VscodeWindow, name: string) {
  const clicked = await watchClick(page);
  await workbench.file(name).dblclick();
  const shown = await cellShown(page, ANY_CELL);
  return { start: await clicked(), shown };
}

/** Opens the small notebook, then the large one: goes to its end and back, scrolls, and closes it. */
async function measure(vscode: VscodeWindow, cells: number): Promise<Round> {
  const { page, workbench } = vscode;
  const small = await open(vscode, SMALL);
  await workbench.runCommand("View: Close All Editors");
  const { start, shown } = await open(vscode, NAME);
  const frame = await outputFrame(page);
  const run = await runShown(frame);

  await page.locator(".notebookOverlay .cell-list-container .monaco-list").first().focus();
  const leaving = await page.evaluate(() => performance.timeOrigin + performance.now());
  await page.keyboard.press("Control+End");
  const last = await cellShown(page, `(cell ${cells})`);
  const lastRun = await runShown(frame, 0.8);

  await page.keyboard.press("Control+Home");
  await cellShown(page, "(cell 2)");
  await page.waitForTimeout(1000);
  const gaps = await watchFrames(page.mainFrame());
  await page.mouse.move(900, 500);
  for (let step = 0; step < WHEEL_STEPS; step++) {
    await page.mouse.wheel(0, 300);
    await page.waitForTimeout(30);
  }
  const scrolled = await gaps();
  if (options.screenshot !== undefined) await page.screenshot({ path: options.screenshot });
  await workbench.runCommand("View: Close All Editors");
  return {
    small: small.shown - small.start,
    cells: shown - start,
    run: run - start,
    last: last - leaving,
    lastRun: lastRun - leaving,
    gaps: scrolled,
  };
}

function table(rounds: readonly Round[], bytes: number): string {
  const [cold, ...warm] = rounds;
  const milliseconds = (of: (round: Round) => number): string => {
    const again = warm.length > 0 ? spread(warm.map(of)).median.toFixed(0) : "-";
    return `${(cold ? of(cold) : NaN).toFixed(0).padStart(8)} ${again.padStart(8)}`;
  };
  const gaps = rounds.flatMap((round) => round.gaps);
  const { median, p95, max } = spread(gaps);
  return [
    `${options.cells} cells, ${(bytes / 1e6).toFixed(1)} MB, ${rounds.length} rounds, ${cpus().length} cores with load ${load.toFixed(0)}; ` +
      `milliseconds: first time in the window, then median`,
    `one cell: click to the cell     ${milliseconds((round) => round.small)}   (the first also starts the editor's notebooks)`,
    `click to the first cells        ${milliseconds((round) => round.cells)}   bar: 1000`,
    `click to the first run drawn    ${milliseconds((round) => round.run)}`,
    `end key to the last cell        ${milliseconds((round) => round.last)}`,
    `end key to its run drawn        ${milliseconds((round) => round.lastRun)}`,
    `scrolling, time between frames: median ${median.toFixed(0)}, p95 ${p95.toFixed(0)}, max ${max.toFixed(0)}; ` +
      `${gaps.filter((gap) => gap > STALL).length} of ${gaps.length} above ${STALL}`,
    "",
  ].join("\n");
}

const [load = 0] = loadavg();
const digests = await (options.large ? largeDigests() : bundledDigests());
const cells = Number(options.cells);
const notebook = await makeNotebook(cells, digests);
let bytes = 0;
const vscode = await openWindow({
  vsix: options.extension === undefined ? builtVsix() : [],
  prepare: (workspace) => {
    if (options.extension !== undefined)
      symlinkSync(path.resolve(options.extension), path.join(workspace, "../extensions/dexar.dexar-0.1.0"));
    const file = path.join(workspace, NAME);
    writeFileSync(file, notebook);
    bytes = statSync(file).size;
    writeFileSync(path.join(workspace, SMALL), smallNotebook("what is this? (cell 1)"));
  },
  width: 1400,
  height: 1000,
});
try {
  // Until the extension is known, the file would open as text.
  await vscode.page.locator(".part.activitybar").getByRole("tab", { name: "DEX-AR" }).waitFor();
  const rounds: Round[] = [];
  for (let round = 0; round < Number(options.rounds); round++) rounds.push(await measure(vscode, cells));
  process.stdout.write(table(rounds, bytes));
  const processes = modelProcesses(vscode.server.extensionsDir).length;
  process.stdout.write(`model processes at the end: ${processes}\n`);
} catch (error) {
  await vscode.screenshot("bench-failed");
  throw error;
} finally {
  await vscode.close();
}
