import type { Locator, Page } from "playwright-core";
import { untilDone, type Patience } from "./untilDone.js";

/** VS Code's window as a person uses it. */
export class Workbench {
  constructor(readonly page: Page) {}

  /** Waits until the window is up and its extensions run. */
  async ready(): Promise<void> {
    await this.page.locator(".monaco-workbench .part.statusbar").waitFor();
    await this.page.getByRole("tree", { name: "Files Explorer" }).waitFor();
  }

  /** Opens the command palette, or quick open when `text` has no leading ">". */
  async openPalette(text = ">", patience: Patience = {}): Promise<QuickInput> {
    await this.page.keyboard.press("F1");
    const input = this.quickInput();
    await input.fill(text, patience);
    return input;
  }

  /** Runs a command by the words the palette shows for it, such as `DEX-AR: Show Guide`. */
  async runCommand(title: string): Promise<void> {
    await untilDone(this.page, async (patience) => {
      const input = await this.openPalette(`>${title}`, patience);
      await input.row(title).click(patience);
    });
  }

  quickInput(): QuickInput {
    return new QuickInput(this.page);
  }

  /** A file or folder in the explorer. */
  file(name: string): Locator {
    const tree = this.page.getByRole("tree", { name: "Files Explorer" });
    return tree.getByRole("treeitem", { name, exact: true });
  }

  /** Picks an entry of the context menu of anything. */
  async contextMenu(target: Locator, entry: string): Promise<void> {
    await untilDone(this.page, async (patience) => {
      await target.click({ button: "right" });
      const item = this.page.getByRole("menuitem", { name: entry });
      await item.hover(patience);
      // A menu takes no click in its first 100 ms: the right button may still be going up.
      await this.page.waitForTimeout(200);
      await item.click(patience);
    });
  }

  /** An editor's tab. */
  tab(name: string | RegExp): Locator {
    return this.page.locator(".part.editor").getByRole("tab", { name });
  }

  async closeTab(name: string | RegExp): Promise<void> {
    await this.tab(name).click();
    await this.tab(name)
      .getByRole("button", { name: /^Close/ })
      .click();
  }

  /** Messages in the corner that hold this text. */
  notification(text: string | RegExp): Locator {
    return this.page.locator(".notifications-toasts .notification-list-item").filter({ hasText: text });
  }

  /** Presses a button of the message that holds this text. */
  async answerNotification(text: string | RegExp, button: string): Promise<void> {
    await this.notification(text).getByRole("button", { name: button, exact: true }).click();
  }

  /** A modal question. */
  dialog(): Locator {
    return this.page.locator(".monaco-dialog-box");
  }

  /** Types a path into the dialog with this title that asks where to save, and confirms it. */
  async saveTo(file: string, title: string): Promise<void> {
    const dialog = this.page.locator(".quick-input-widget");
    await dialog.getByText(title).waitFor();
    const input = dialog.locator(".quick-input-box input");
    // With the entries of the folder, the dialog puts its own proposal in; what is typed before that is lost.
    await dialog.getByRole("option").first().waitFor();
    await input.fill(file);
    await dialog.getByRole("button", { name: "OK" }).click();
  }

  /** What the Problems view lists: kind, words, line and character. */
  async problems(): Promise<string[]> {
    const view = this.page.locator(".part.panel .markers-panel-container");
    if (!(await view.isVisible())) {
      await this.page.keyboard.press("Control+Shift+m");
      await view.waitFor(); // the same keys would hide it again
    }
    const rows = view.locator(".monaco-list-row[aria-level='2']");
    return rows.evaluateAll((found) => found.map((row) => row.getAttribute("aria-label") ?? ""));
  }

  statusBarItem(name: string | RegExp): Locator {
    return this.page.locator(".part.statusbar").getByRole("button", { name });
  }

  /** Opens a container of the activity bar and waits for it. */
  async openViews(name: string): Promise<Locator> {
    const tab = this.page.locator(".part.activitybar").getByRole("tab", { name });
    if ((await tab.getAttribute("aria-selected")) !== "true") await tab.click();
    await tab.and(this.page.locator("[aria-selected=true]")).waitFor();
    return this.page.locator(".part.sidebar");
  }

  /** A row of a tree view of the side bar. */
  viewRow(view: string, name: string | RegExp): Locator {
    return this.page
      .locator(".part.sidebar")
      .getByRole("tree", { name: view })
      .getByRole("treeitem", { name });
  }

  /** Developer: Reload Window, and what follows. */
  async reload(): Promise<void> {
    const loaded = this.page.waitForEvent("load");
    await this.runCommand("Developer: Reload Window");
    await loaded;
    await this.ready();
  }
}

/** The box at the top of the window: palette, pick lists, questions. */
export class QuickInput {
  constructor(private readonly page: Page) {}

  private get widget(): Locator {
    return this.page.locator(".quick-input-widget");
  }

  async fill(text: string, patience: Patience = {}): Promise<void> {
    await this.widget.locator(".quick-input-box input").fill(text, patience);
  }

  async accept(): Promise<void> {
    await this.page.keyboard.press("Enter");
  }

  /** Rows whose words begin with `name`. */
  row(name: string): Locator {
    const begins = new RegExp(`^${name.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")}(,|$)`);
    return this.widget.getByRole("option", { name: begins }).first();
  }

  async pick(name: string): Promise<void> {
    await this.row(name).click();
  }
}
