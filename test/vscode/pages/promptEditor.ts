import type { Locator, Page } from "playwright-core";
import { untilDone } from "./untilDone.js";

/** What is drawn behind and below some characters of a text. */
export interface TintMark {
  readonly width: number;
  /** As computed: `rgba(0, 0, 0, 0)` where only a line is drawn. */
  readonly fill: string;
  /** Style of the line below: `none`, `solid`, … */
  readonly line: string;
}

/** The text editor that is to be seen, with what prompt files have in it. */
export class PromptEditor {
  constructor(private readonly window: Page) {}

  private get editor(): Locator {
    return this.window.locator(".part.editor .monaco-editor");
  }

  /** A line that holds this text. */
  line(text: string | RegExp): Locator {
    return this.editor.locator(".view-line:visible").filter({ hasText: text }).first();
  }

  /** An action above the text, by its words; the first of several. */
  lens(words: string | RegExp): Locator {
    return this.editor.locator(".codelens-decoration a").filter({ hasText: words }).first();
  }

  /** What is proposed while typing, by the words it begins with. */
  proposal(begin: string): Locator {
    return this.window.locator(`.suggest-widget.visible [role=option][aria-label^="${begin}"]`);
  }

  /** Puts the cursor at the end of a line and replaces that line. */
  async rewrite(line: string | RegExp, text: string): Promise<void> {
    await this.line(line).click();
    await this.window.keyboard.press("End");
    await this.window.keyboard.press("Shift+Home");
    await this.window.keyboard.insertText(text);
  }

  /** Takes a correction of what is marked at the cursor; it is offered once the text was checked. */
  async fix(words: string): Promise<void> {
    const choice = this.window.locator(".action-widget").getByText(words, { exact: true });
    await untilDone(this.window, async (patience) => {
      await this.window.keyboard.press("Control+.");
      await choice.click(patience);
    });
  }

  /** Saves; waits until a file that was new has its own editor: what is typed into the one before it is lost. */
  async save(): Promise<void> {
    await this.window.keyboard.press("Control+s");
    const unnamed = this.window.locator('.part.editor .monaco-editor[data-uri^="untitled:"]:visible');
    await unnamed.first().waitFor({ state: "hidden" });
  }

  /** The tint of the words. */
  tint(): Promise<TintMark[]> {
    return this.editor.locator(".cdr[class*='ced-']").evaluateAll((marks) =>
      marks.map((mark) => {
        const { backgroundColor, borderBottomStyle } = getComputedStyle(mark);
        return { width: mark.getBoundingClientRect().width, fill: backgroundColor, line: borderBottomStyle };
      }),
    );
  }
}
