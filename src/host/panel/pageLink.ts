import * as vscode from "vscode";
import type { PanelCommand, ToPanel } from "../../protocol/panel.js";
import type { ReadSettings } from "../settings/hostSettings.js";

type Snapshot = Extract<ToPanel, { kind: "snapshot" }>;

/** The way to a panel's page, which may come and go: it gets all there is when it comes, then what changes. */
export class PageLink {
  /** The page has its snapshot: from here on it gets what changes. */
  private open = false;
  private visit = 0;

  /** @param post sends to the page */
  constructor(
    private readonly post: (message: ToPanel) => void,
    private readonly readSettings: ReadSettings,
  ) {}

  get isOpen(): boolean {
    return this.open;
  }

  /** Tells the page what changed; a page that is not there asks when it is back. */
  send(message: ToPanel): void {
    if (this.open) this.post(message);
  }

  /** Hands a command of the editor to the page; false when it is not there. */
  command(command: PanelCommand): boolean {
    this.send({ kind: "command", command });
    return this.open;
  }

  /** The page was taken away; it asks anew when it is back. */
  gone(): void {
    this.visit += 1;
    this.open = false;
  }

  /**
   * Sends all there is to a page that has just come.
   * @param read what takes a while
   * @param snapshot everything as it is after that
   * @returns false when the page went meanwhile, or came anew
   */
  async welcome<T>(read: () => Promise<T>, snapshot: (what: T) => Omit<Snapshot, "kind">): Promise<boolean> {
    this.gone();
    const { visit } = this;
    const { colourMap, opacity, smooth, paper } = this.readSettings();
    this.post({
      kind: "init",
      strings: (vscode.l10n.bundle as Record<string, string> | undefined) ?? null,
      preferences: { colourMap, opacity, smooth, paper },
    });
    const what = await read();
    if (visit !== this.visit) return false;
    this.open = true;
    this.post({ kind: "snapshot", ...snapshot(what) });
    return true;
  }
}
