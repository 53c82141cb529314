import type * as vscode from "vscode";
import type { CellRunner } from "./cellRunner.js";

/** The part of a cell's execution that the queue uses. */
export type QueuedCell = vscode.NotebookCellExecution;

interface Waiting {
  /** When the cells that were started so far have ended. */
  tail: Promise<void>;
  /** Of the last cell that was started. */
  order: number;
}

/** Runs the cells of each notebook one after the other, in the order they were started. */
export class NotebookQueue {
  /** Notebooks with cells that run or wait; empty otherwise. */
  private readonly waiting = new Map<vscode.NotebookDocument, Waiting>();
  /** The last number given in each notebook: the editor forgets those of cells that are started again. */
  private readonly orders = new WeakMap<vscode.NotebookDocument, number>();

  constructor(private readonly runner: () => CellRunner) {}

  /** Runs these cells after those that wait already; resolves when they have ended. Never rejects. */
  async run(executions: readonly QueuedCell[], notebook: vscode.NotebookDocument): Promise<void> {
    const order = Math.max(lastOrder(notebook), this.orders.get(notebook) ?? 0);
    const queue = this.waiting.get(notebook) ?? { tail: Promise.resolve(), order };
    this.waiting.set(notebook, queue);
    const turns = executions.map((execution) => whenStopped(execution));
    const before = queue.tail;
    const nextOrder = (): number => {
      this.orders.set(notebook, (queue.order += 1));
      return queue.order;
    };
    queue.tail = (async () => {
      await before;
      for (const turn of turns) await turn.begin(this.runner, nextOrder);
    })();
    const own = queue.tail;
    await own;
    if (queue.tail === own) this.waiting.delete(notebook);
  }

  /** How many notebooks have cells that run or wait. */
  get busy(): number {
    return this.waiting.size;
  }
}

/** The highest number a cell of the notebook has, from this session or from the file. */
function lastOrder(notebook: vscode.NotebookDocument): number {
  return Math.max(0, ...notebook.getCells().map((cell) => cell.executionSummary?.executionOrder ?? 0));
}

/** A cell that waits for its turn, and leaves the queue at once when the user stops it. */
function whenStopped(execution: QueuedCell) {
  const stop = new AbortController();
  let state: "waiting" | "running" | "ended" = "waiting";
  const end = (success: boolean | undefined): void => {
    if (state === "ended") return;
    state = "ended";
    listener.dispose();
    execution.end(success, Date.now());
  };
  const stopped = (): void => {
    stop.abort();
    if (state === "waiting") end(undefined);
  };
  const listener = execution.token.onCancellationRequested(stopped);
  if (execution.token.isCancellationRequested) stopped();
  return {
    async begin(runner: () => CellRunner, nextOrder: () => number): Promise<void> {
      if (state !== "waiting") return;
      state = "running";
      if (execution.cell.document.getText().trim() !== "") execution.executionOrder = nextOrder();
      execution.start(Date.now());
      const cells = runner();
      const success = await cells.run(execution, stop.signal).catch((error: unknown) => {
        // The notebook takes no outputs any more: it was closed.
        cells.log(error);
        return false;
      });
      end(success ?? undefined);
    },
  };
}
