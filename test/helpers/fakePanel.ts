import { EventEmitter } from "./fakeVscodeEvents.js";

/** `vscode.WebviewPanel` with a page that only takes notes: what was posted to it, and `say` to answer as the page. */
export class FakePanel {
  readonly posted: unknown[] = [];
  active = true;
  visible = true;
  reveals = 0;
  iconPath: unknown;
  private readonly received = new EventEmitter<unknown>();
  private readonly viewState = new EventEmitter<unknown>();
  private readonly disposed = new EventEmitter<void>();
  readonly onDidChangeViewState = this.viewState.event;
  readonly onDidDispose = this.disposed.event;
  readonly webview = {
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
    public title: string,
    public viewColumn: number,
  ) {}

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
    this.reveals++;
    this.show(true);
  }

  dispose(): void {
    this.disposed.fire();
  }
}
