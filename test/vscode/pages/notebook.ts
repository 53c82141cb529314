import type { Locator, Page } from "playwright-core";
import { Panel } from "./panel.js";
import { untilDone } from "./untilDone.js";

/** The notebook that is to be seen. */
export class Notebook {
  private readonly outputs: Panel;

  constructor(private readonly window: Page) {
    this.outputs = new Panel(window);
  }

  /** A prompt cell that holds this text; the editor draws those in sight only. */
  cell(text: string): Locator {
    return this.window.locator(".notebookOverlay .code-cell-row").filter({ hasText: text }).first();
  }

  private tool(name: string): Locator {
    return this.window.locator(".notebook-toolbar-container").getByRole("button", { name }).first();
  }

  /** Appends a prompt cell below the one with the focus and types its text. */
  async addCell(text: string): Promise<void> {
    await this.tool("Add Code Cell").click();
    // Until the new, empty cell has the focus, another one has it.
    const focused = this.window.locator(".notebookOverlay .code-cell-row .monaco-editor.focused .view-lines");
    await focused.filter({ hasText: /^\s*$/ }).waitFor({ state: "attached" });
    await this.window.keyboard.insertText(text);
  }

  /** Types at the end of a cell. */
  async append(cell: string, text: string): Promise<void> {
    await this.cell(cell).getByText(cell).click();
    await this.cell(cell).locator(".monaco-editor.focused").waitFor();
    await this.window.keyboard.press("Control+End");
    await this.window.keyboard.type(text);
  }

  /** Chooses the picture of cells that name none. */
  async setPicture(name: string): Promise<void> {
    await this.tool("Set Notebook Picture…").click();
    await this.window.locator(".quick-input-widget").getByRole("option", { name }).first().click();
  }

  async runAll(): Promise<void> {
    await this.tool("Run All").click();
  }

  /** Waits until no cell runs or waits. */
  async idle(): Promise<void> {
    await this.tool("Run All").waitFor({ timeout: 90_000 });
  }

  /** Presses the stop button of a cell that runs; it is there while the pointer is. */
  async stopCell(text: string): Promise<void> {
    await untilDone(this.window, async (patience) => {
      await this.cell(text).locator(".cell-statusbar-container").hover();
      await this.cell(text).getByLabel("Stop Cell Execution").click(patience);
    });
  }

  /**
   * Whether the tools of a cell, which are there while the pointer is, open its run. The focus goes away and comes
   * back first: VS Code misses what changes between working out a cell's tools and drawing them (on a busy machine),
   * until something else changes.
   */
  async offersRun(text: string): Promise<boolean> {
    const cell = this.cell(text);
    await cell.getByText(text).first().click();
    await cell.locator(".monaco-editor.focused").waitFor();
    const palette = this.window.locator(".quick-input-widget");
    await this.window.keyboard.press("F1");
    await palette.waitFor();
    await this.window.keyboard.press("Escape");
    await palette.waitFor({ state: "hidden" });
    await cell.locator(".cell-statusbar-container").hover();
    await cell.locator(".cell-title-toolbar .action-item").first().waitFor();
    return (await cell.getByLabel("Open Run of the Cell in Panel").count()) > 0;
  }

  /** Scrolls to the last cell, from one that is in sight; outputs out of sight are not drawn. */
  async toEnd(cell: string): Promise<void> {
    await this.cell(cell).locator(".execution-count-label").click();
    await this.window.keyboard.press("Escape");
    await this.window.keyboard.press("Control+End");
  }

  /** What stands below cells, in words: progress, errors. */
  outputText(text: string | RegExp): Locator {
    return this.outputs.page.locator("#container").getByText(text).first();
  }

  /** The result of a run whose answer begins so. */
  result(answer: string): NotebookResult {
    return new NotebookResult(
      this.outputs.page.locator(".run-output").filter({ hasText: `Answer: ${answer}` }),
    );
  }
}

/** A run in the output of a cell. */
export class NotebookResult {
  constructor(readonly root: Locator) {}

  token(index: number): Locator {
    return this.root.locator(`[role=option][data-index="${index}"]`);
  }

  /** Shows the layers, heads or prompt words. */
  async show(part: "Layers" | "Heads" | "Prompt"): Promise<void> {
    await this.root.getByText(part, { exact: true }).first().click();
  }

  /** The words each chip says to a screen reader. */
  tokenDescriptions(): Promise<string[]> {
    return this.root
      .locator('[role=option][data-index]:not([data-index="answer"])')
      .evaluateAll((chips) => chips.map((chip) => chip.getAttribute("aria-label") ?? ""));
  }

  /** The pixels of the map, to be compared with others. */
  map(): Promise<string> {
    return this.root
      .locator(".stage canvas.map")
      .evaluate((canvas) => (canvas as HTMLCanvasElement).toDataURL());
  }
}
