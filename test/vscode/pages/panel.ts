import type { FrameLocator, Locator, Page } from "playwright-core";
import { expect } from "vitest";

/** Pages of ours that are to be seen: VS Code's own preview of pictures is one too, and may come first. */
const PAGES = 'iframe.webview.ready:visible:not([src*="extensionId=vscode."])';

/** The explanation's page, inside the frames that VS Code puts around it. */
export class Panel {
  readonly page: FrameLocator;

  /** @param index which one, when several panels are to be seen at once */
  constructor(
    private readonly window: Page,
    index = 0,
  ) {
    this.page = window.locator(PAGES).nth(index).contentFrame().frameLocator("#active-frame");
  }

  /** Chips of the answer's tokens, in order. */
  get tokens(): Locator {
    return this.page.locator('[role=option][data-index]:not([data-index="answer"])');
  }

  token(index: number): Locator {
    return this.page.locator(`[role=option][data-index="${index}"]`);
  }

  get wholeAnswer(): Locator {
    return this.page.locator('[role=option][data-index="answer"]');
  }

  get prompt(): Locator {
    return this.page.locator(".prompt-row vscode-text-area textarea");
  }

  /** Waits until what is typed goes into the prompt. */
  async promptHasFocus(): Promise<void> {
    await expect
      .poll(() => this.prompt.evaluate((node) => node.matches(":focus") && document.hasFocus()))
      .toBe(true);
  }

  /** Which file the prompt comes from, and whether it was edited since. */
  get promptSource(): Locator {
    return this.page.locator("header .prompt-source");
  }

  get run(): Locator {
    return this.page.locator("vscode-button").filter({ hasText: /^\s*Run\s*$/ });
  }

  get stop(): Locator {
    return this.page.locator("vscode-button").filter({ hasText: /^\s*Stop\s*$/ });
  }

  /** What is at work, in words. */
  get phase(): Locator {
    return this.page.locator("header [role=status]");
  }

  /** The failure that is shown, of a kind when `code` says so. */
  failure(code?: string): Locator {
    return this.page.locator(
      code === undefined ? "[role=alert][data-code]" : `[role=alert][data-code="${code}"]`,
    );
  }

  action(label: string): Locator {
    return this.failure().locator("vscode-button").filter({ hasText: label });
  }

  /** What a reader must know about the run that is shown. */
  get notes(): Locator {
    return this.page.locator("header .notes");
  }

  get picture(): Locator {
    return this.page.locator(".stage");
  }

  /** Waits until nothing is at work and an answer is shown. */
  async finished(): Promise<void> {
    await this.token(0).waitFor();
    await this.run.waitFor();
  }

  /** Waits until nothing is at work, whatever came of it. */
  async idle(): Promise<void> {
    await this.run.waitFor();
  }

  /** The words each chip says to a screen reader: token, probability, delta. */
  async tokenDescriptions(): Promise<string[]> {
    return this.tokens.evaluateAll((chips) => chips.map((chip) => chip.getAttribute("aria-label") ?? ""));
  }

  /** How many pixels of the map on the picture are coloured, 0 to 1. */
  async mapCoverage(): Promise<number> {
    return this.page.locator(".stage canvas.map").evaluate((node) => {
      const canvas = node as HTMLCanvasElement;
      const { data } = canvas.getContext("2d")?.getImageData(0, 0, canvas.width, canvas.height) ?? {};
      if (data === undefined) throw new Error("the map has no canvas");
      let coloured = 0;
      for (let i = 3; i < data.length; i += 4) if ((data[i] ?? 0) > 8) coloured++;
      return (coloured * 4) / data.length;
    });
  }

  /** Waits until the page has kept what was chosen last: by its own clock, which is late where the machine is busy. */
  async kept(): Promise<void> {
    await this.page.locator("html").evaluate(() => new Promise((done) => setTimeout(done, 200)));
  }

  /** Types another question and runs it. */
  async ask(prompt: string): Promise<void> {
    await this.prompt.fill(prompt);
    await this.run.click();
  }

  /** Waits until the window's theme is this one. @param kind `vscode-light`, `vscode-high-contrast`, … */
  async themed(kind: string): Promise<void> {
    await this.page.locator(`body[data-vscode-theme-kind="${kind}"]`).waitFor({ state: "attached" });
    await this.window.waitForTimeout(300); // the workbench fades its colours
  }
}
