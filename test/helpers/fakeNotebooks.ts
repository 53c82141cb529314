/** Notebooks of the editor that stands in: what `vscode.notebooks` and its classes do with them. */
import type { URI } from "vscode-uri";
import { FakeDocument } from "./fakeVscodeDocuments.js";
import { CancellationTokenSource } from "./fakeVscodeEvents.js";

export const NotebookCellKind = { Markup: 1, Code: 2 } as const;
export const NotebookCellStatusBarAlignment = { Left: 1, Right: 2 } as const;

interface Summary {
  executionOrder?: number;
  success?: boolean;
  timing?: { startTime: number; endTime: number };
}

export class NotebookCellOutputItem {
  constructor(
    readonly data: Uint8Array,
    readonly mime: string,
  ) {}

  static text(value: string, mime = "text/plain"): NotebookCellOutputItem {
    return new NotebookCellOutputItem(new TextEncoder().encode(value), mime);
  }

  static json(value: unknown, mime = "application/json"): NotebookCellOutputItem {
    return NotebookCellOutputItem.text(JSON.stringify(value), mime);
  }

  static error({ name, message, stack }: Error): NotebookCellOutputItem {
    return NotebookCellOutputItem.json({ name, message, stack }, "application/vnd.code.notebook.error");
  }
}

export class NotebookCellOutput {
  constructor(
    public items: readonly NotebookCellOutputItem[],
    readonly metadata?: Record<string, unknown>,
  ) {}
}

export class NotebookCellData {
  outputs?: NotebookCellOutput[];
  metadata?: Record<string, unknown>;
  executionSummary?: Summary;

  constructor(
    readonly kind: number,
    readonly value: string,
    readonly languageId: string,
  ) {}
}

export class NotebookData {
  metadata?: Record<string, unknown>;

  constructor(public cells: NotebookCellData[]) {}
}

export class NotebookCellStatusBarItem {
  constructor(
    readonly text: string,
    readonly alignment: number,
  ) {}
}

export const NotebookEdit = {
  updateNotebookMetadata: (newNotebookMetadata: Record<string, unknown>) => ({ newNotebookMetadata }),
};

/** `vscode.NotebookDocument` with its cells, made of what a serializer or a test gives. */
export class FakeNotebook {
  readonly notebookType = "dexar.notebook";
  readonly cells: FakeCell[];
  metadata: Record<string, unknown>;

  constructor(
    readonly uri: URI,
    data: NotebookData,
  ) {
    this.metadata = data.metadata ?? {};
    this.cells = data.cells.map((cell, index) => new FakeCell(this, index, cell));
  }

  get cellCount(): number {
    return this.cells.length;
  }

  getCells(): FakeCell[] {
    return this.cells;
  }

  cellAt(index: number): FakeCell | undefined {
    return this.cells[index];
  }
}

/** `vscode.NotebookCell` */
export class FakeCell {
  readonly document: FakeDocument;
  readonly kind: number;
  outputs: NotebookCellOutput[];
  executionSummary: Summary | undefined;

  constructor(
    readonly notebook: FakeNotebook,
    readonly index: number,
    data: NotebookCellData,
  ) {
    this.kind = data.kind;
    const uri = notebook.uri.with({ scheme: "vscode-notebook-cell", fragment: `c${index}` });
    this.document = new FakeDocument(uri, data.value, data.languageId);
    this.outputs = [...(data.outputs ?? [])];
    this.executionSummary = data.executionSummary;
  }

  /** Content of each output in one media type; "" where it has none. */
  shown(mime = "text/plain"): string[] {
    return this.outputs.map(({ items }) => {
      const item = items.find((one) => one.mime === mime);
      return item ? new TextDecoder().decode(item.data) : "";
    });
  }
}

/** `vscode.NotebookCellExecution`; throws, as the editor does, when it is used outside its time. */
export class FakeExecution {
  private readonly source = new CancellationTokenSource();
  private state: "pending" | "running" | "ended" = "pending";
  executionOrder: number | undefined;
  /** Every text that was shown, for progress. */
  readonly drawn: string[] = [];
  private begun = 0;

  constructor(readonly cell: FakeCell) {}

  get token() {
    return this.source.token;
  }

  get ended(): boolean {
    return this.state === "ended";
  }

  /** The user presses Stop. */
  stop(): void {
    this.source.cancel();
  }

  start(time: number): void {
    if (this.state !== "pending") throw new Error("a cell was started twice");
    this.state = "running";
    this.begun = time;
  }

  end(success: boolean | undefined, time: number): void {
    if (this.state === "ended") throw new Error("a cell was ended twice");
    const ran = this.state === "running";
    this.state = "ended";
    this.cell.executionSummary = {
      ...(this.executionOrder !== undefined && { executionOrder: this.executionOrder }),
      ...(success !== undefined && { success }),
      ...(ran && { timing: { startTime: this.begun, endTime: time } }),
    };
  }

  async clearOutput(): Promise<void> {
    this.mustRun();
    this.cell.outputs = [];
  }

  async appendOutput(output: NotebookCellOutput): Promise<void> {
    this.mustRun();
    this.cell.outputs.push(output);
    this.draw(output);
  }

  async replaceOutputItems(
    items: NotebookCellOutputItem | readonly NotebookCellOutputItem[],
    output: NotebookCellOutput,
  ): Promise<void> {
    this.mustRun();
    if (!this.cell.outputs.includes(output)) throw new Error("the cell has no such output");
    output.items = [items].flat();
    this.draw(output);
  }

  private draw({ items }: NotebookCellOutput): void {
    const [first] = items;
    if (first) this.drawn.push(new TextDecoder().decode(first.data));
  }

  private mustRun(): void {
    if (this.state !== "running") throw new Error(`an output of a cell that is ${this.state}`);
  }
}

/** `vscode.NotebookController` */
export class FakeController {
  supportedLanguages?: string[];
  supportsExecutionOrder?: boolean;
  description?: string;
  executeHandler?: (cells: FakeCell[], notebook: FakeNotebook, controller: unknown) => unknown;
  readonly executions: FakeExecution[] = [];
  disposed = false;

  constructor(
    readonly id: string,
    readonly notebookType: string,
    readonly label: string,
  ) {}

  createNotebookCellExecution(cell: FakeCell): FakeExecution {
    if (this.executions.some((other) => other.cell === cell && !other.ended))
      throw new Error("the cell is being executed already");
    const execution = new FakeExecution(cell);
    this.executions.push(execution);
    return execution;
  }

  dispose(): void {
    this.disposed = true;
  }
}
