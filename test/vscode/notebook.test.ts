import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { builtVsix } from "./builtVsix.js";
import { Notebook } from "./pages/notebook.js";
import { THEMES } from "./pages/themes.js";
import { addPictures, SAMPLE } from "./pictures.js";
import {
  expectTokens,
  explainByCommandLine,
  keepFailures,
  processCount,
  running,
  runTitles,
  setRest,
  slowNode,
} from "./steps.js";
import { openWindow, type VscodeWindow } from "./window.js";

const FILE = "pictures.vlmnb";
const NEWER = '{\n  "format": "dexar-notebook",\n  "version": 9,\n  "cells": []\n}\n';

/** The file, as far as it is looked at. */
interface FileCell {
  readonly kind: string;
  readonly source: readonly string[];
  readonly execution?: { readonly order?: number; readonly success?: boolean };
  readonly outputs?: readonly Readonly<Record<string, unknown>>[];
}

function prepare(workspace: string): void {
  addPictures(workspace);
  writeFileSync(path.join(workspace, "empty.png"), "");
  writeFileSync(path.join(workspace, "newer.vlmnb"), NEWER);
}

describe("a notebook, from New to being opened again", () => {
  let vscode: VscodeWindow;
  let notebook: Notebook;
  // What is typed is saved by the tests alone.
  const settings = { "files.autoSave": "off" };
  beforeAll(async () => {
    vscode = await openWindow({ vsix: builtVsix(), prepare, settings, width: 1500, height: 1000 });
    notebook = new Notebook(vscode.page);
    // Slow enough to be stopped between two tokens.
    await vscode.setSettings({ ...settings, "dexar.node.path": slowNode(vscode.server.folder, 100) });
  });
  afterAll(() => vscode.close());
  keepFailures(() => vscode);

  const place = (name: string): string => path.join(vscode.server.workspace, name);
  const text = (): string => readFileSync(place(FILE), "utf8");
  const cells = (): readonly FileCell[] => (JSON.parse(text()) as { cells: readonly FileCell[] }).cells;
  const burger = () => notebook.result("there is a burger");

  it("is made from the palette, with cells on the notebook's picture and on their own", async () => {
    const { workbench } = vscode;
    await workbench.runCommand("DEX-AR: New DEX-AR Notebook");
    await notebook.cell("describe the picture.").waitFor();
    await notebook.setPicture("burger.png");
    await notebook.cell("burger.png").waitFor();
    await notebook.addCell("---\nimage: dog.png\n---\n\nwhat is in the picture?");
    await notebook.addCell("what is left of the ghost?");
    await notebook.addCell("---\nimage: empty.png\n---\n\nwhat is this?");
    await notebook.cell("what is this?").waitFor();
  });

  it("runs all its cells, stops one, and goes on with the others", async () => {
    await notebook.runAll();
    await notebook
      .outputText(/dog\.png · Answering, ([3-9]|\d\d) tokens so far/)
      .waitFor({ timeout: 90_000 });
    setRest(vscode.server.folder, 1000); // it is not to end before it is stopped
    await vscode.screenshot("notebook-running");
    await notebook.stopCell("dog.png");
    setRest(vscode.server.folder, 0);
    await notebook.idle();
    const stopped = notebook.result("there is a dog").root;
    await stopped.getByText("Stopped: the tokens here are complete").waitFor();
    await notebook.toEnd("dog.png");
    await notebook.outputText("empty.png is empty (0 bytes).").waitFor();
    expect(await notebook.outputText(vscode.server.workspace).count()).toBe(0);
    expect(await notebook.offersRun("what is this?")).toBe(false);
    await processCount(vscode, 1);
    await expect.poll(() => runTitles(vscode)).toHaveLength(3);
    await vscode.workbench.openViews("Explorer");
    await vscode.screenshot("notebook-failed-cell");
  });

  it("is saved as JSON for people: outputs with words and pictures beside what is drawn", async () => {
    const { page, workbench } = vscode;
    await page.keyboard.press("Control+s");
    await workbench.saveTo(place(FILE), "Save As");
    await workbench.tab(FILE).waitFor();
    await expect.poll(() => cells().length).toBe(4);
    const [first, stopped, third, failed] = cells();
    expect(Object.keys(JSON.parse(text()) as object)).toEqual(["format", "version", "metadata", "cells"]);
    expect(text().startsWith('{\n  "format": "dexar-notebook",\n  "version": 1,\n')).toBe(true);
    expect(cells().map(({ execution }) => [execution?.order, execution?.success])).toEqual([
      [1, true],
      [2, false],
      [3, true],
      [4, false],
    ]);
    const { answer, tokens } = explainByCommandLine([SAMPLE, "--live"]);
    const [output = {}] = first?.outputs ?? [];
    expect(Object.keys(output)).toEqual(["application/vnd.dexar.run+json", "image/png", "text/plain"]);
    const table = (output["text/plain"] as readonly string[]).join("\n");
    expect(table.replace(/\s+/g, " ")).toContain(answer.trim());
    expect(table.match(/^ *\d+ {2}/gm)?.length).toBe(tokens.length);
    expect(Buffer.from(String(output["image/png"]), "base64").subarray(1, 4).toString()).toBe("PNG");
    expect(JSON.stringify(stopped?.outputs?.[0]?.["text/plain"])).toContain("(interrupted)");
    expect(JSON.stringify(third?.outputs?.[0]?.["text/plain"])).toContain("what is left of the ghost?");
    expect(JSON.stringify(failed?.outputs)).toContain("empty (0 bytes)");
  });

  it("opens again without a model process; its outputs are there and can be explored", async () => {
    const { page, workbench } = vscode;
    await workbench.closeTab(FILE);
    await workbench.reload();
    await workbench.file(FILE).dblclick();
    await burger().token(0).waitFor();
    await expect.poll(() => notebook.offersRun("describe the picture.")).toBe(true);
    expectTokens(await burger().tokenDescriptions(), explainByCommandLine([SAMPLE, "--live"]));
    const whole = await burger().map();
    await burger().token(3).click();
    await expect.poll(() => burger().token(3).getAttribute("aria-selected")).toBe("true");
    await expect.poll(() => burger().map()).not.toBe(whole);
    await page.keyboard.press("ArrowRight");
    await expect.poll(() => burger().token(4).getAttribute("aria-selected")).toBe("true");
    await burger().show("Heads");
    await burger().root.getByText("H0", { exact: true }).first().waitFor();
    await expect.poll(() => running(vscode)).toEqual([]);
    expect(await workbench.tab(FILE).getAttribute("class")).not.toContain("dirty");
  });

  it.each(["light", "dark"] as const)("looks right in the theme %s", async (short) => {
    await vscode.setSettings({ ...settings, "workbench.colorTheme": THEMES[short].name });
    await vscode.panel.themed(THEMES[short].kind);
    await vscode.screenshot(`notebook-${short}`);
    expect(await burger().token(0).isVisible()).toBe(true);
  });

  it("opens as text and back, and loses nothing", async () => {
    const { page, workbench } = vscode;
    const before = text();
    const reopen = async (editor: string): Promise<void> => {
      await workbench.runCommand("View: Reopen Editor With...");
      await workbench.quickInput().pick(editor);
    };
    await reopen("Text Editor");
    await page.locator(".part.editor .view-line").filter({ hasText: "dexar-notebook" }).waitFor();
    await reopen("DEX-AR Notebook");
    await burger().token(0).waitFor();
    await notebook.append("describe the picture.", " briefly");
    await page.keyboard.press("Control+s");
    const expected = before.replace('"describe the picture."', '"describe the picture. briefly"');
    // The editor empties the file before it writes it.
    await expect.poll(text).toBe(expected);
  });

  it("is not written over what another program has saved meanwhile, and keeps the words that were typed", async () => {
    const { page, workbench } = vscode;
    await notebook.append("briefly", " please");
    const others = text().replace("briefly", "at length");
    writeFileSync(place(FILE), others);
    await page.keyboard.press("Control+s");
    await workbench.notification("The content of the file is newer").waitFor();
    expect(text()).toBe(others);
    await notebook.cell("briefly please").waitFor();
  });

  it("of a newer version is not opened but says why, and stays as it is", async () => {
    const { workbench } = vscode;
    await workbench.file("newer.vlmnb").dblclick();
    await workbench.dialog().getByText("The notebook has version 9").waitFor();
    await vscode.screenshot("notebook-newer");
    expect(await workbench.dialog().innerText()).toContain("Update DEX-AR");
    await workbench.dialog().getByRole("button", { name: "Cancel" }).click();
    expect(readFileSync(place("newer.vlmnb"), "utf8")).toBe(NEWER);
  });
});
