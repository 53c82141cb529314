import * as vscode from "vscode";

/**
 * Does work that takes a while, with a message and a button to cancel it.
 * @param work may tell what it does now
 */
export async function withProgress<T>(
  title: string,
  work: (signal: AbortSignal, tell: (doing: string) => void) => Promise<T>,
): Promise<T> {
  const options = { location: vscode.ProgressLocation.Notification, title, cancellable: true };
  return vscode.window.withProgress(options, async (progress, cancellation) => {
    const controller = new AbortController();
    const listener = cancellation.onCancellationRequested(() => controller.abort());
    try {
      return await work(controller.signal, (message) => progress.report({ message }));
    } finally {
      listener.dispose();
    }
  });
}
