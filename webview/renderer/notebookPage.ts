/** The part of VS Code's API for notebook renderers that is used (`vscode-notebook-renderer`). */
export interface RendererContext {
  /** Absent where there is nobody to talk to. */
  postMessage?(message: unknown): void;
  onDidReceiveMessage?(listener: (message: unknown) => void): unknown;
}

/** One representation of an output. */
export interface OutputItem {
  readonly id: string;
  text(): string;
}

/** What a renderer's `activate` gives. */
export interface Renderer {
  renderOutputItem(item: OutputItem, place: HTMLElement): void;
  /** @param id all outputs when absent */
  disposeOutputItem(id?: string): void;
}
