import { EventEmitter } from "./fakeVscodeEvents.js";

/**
 * `vscode.WebviewPanel` with a page that only takes notes: what was posted to it, and `say` to answer as the page. As
 * the real one, it throws when it is used after it was closed.
 */
export class FakePanel {
  readonly posted: unknown[] = [];
  active = true;
  visible = true;
  reveals = 0;
  iconPath: unknown;
  private closed = false;
  private readonly received = new EventEmitter<unknown>();
  private readonly viewState = new EventEmitter<unknown>();
  private readonly disposed = new EventEmitter<void>();
  readonly onDidChangeViewState = this.viewState.event;
  readonly onDidDispose = this.disposed.event;
  private readonly page = {
    html: "",
    options: {} as unknown,
    cspSource: "https://page.test",
    asWebviewUri: (uri: { readonly path: string }) => `https://page.test${uri.path}`,
    onDidReceiveMessage: this.received.event,
    postMessage: async (message: unknown) => {
      this.posted.push(message);
      return this.visible;
    },
  };

  constructor(
    readonly viewType: string,
    private name: string,
    private column: number,
  ) {}

  get webview() {
    this.assertOpen();
    return this.page;
  }

  get title(): string {
    this.assertOpen();
    return this.name;
  }

  set title(title: string) {
    this.assertOpen();
    this.name = title;
  }

  get viewColumn(): number {
    this.assertOpen();
    return this.column;
  }

  set viewColumn(column: number) {
    this.column = column;
  }

  /** A message of the page. */
  say(message: unknown): void {
    this.received.fire(message);
  }

  /** The panel comes to the front, or goes behind another one. */
  show(visible: boolean): void {
    this.visible = visible;
    this.active = visible;
    this.viewState.fire({ webviewPanel: this });
  }

  reveal(): void {
    this.assertOpen();
    this.reveals++;
    this.show(true);
  }

  dispose(): void {
    if (this.closed) return;
    this.closed = true;
    this.disposed.fire();
  }

  private assertOpen(): void {
    if (this.closed) throw new Error("Webview is disposed");
  }
}
