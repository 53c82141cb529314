import type * as vscode from "vscode";
import type { ReadSettings } from "../settings/hostSettings.js";
import { logLines } from "./logLines.js";
import type { ModelClient, StartModelClient } from "./modelClient.js";

/** What a process without a model is started with. */
export interface BareProcessOptions {
  /** The model process's bundle (`dist/modelProcess.js`). */
  readonly entry: string;
  readonly startClient: StartModelClient;
  readonly readSettings: ReadSettings;
  readonly log: Pick<vscode.LogOutputChannel, "info">;
}

/**
 * Works with a model process of its own that loads no model and ends at once: what the picture libraries do neither
 * waits for a long answer nor brings a large model up.
 */
export async function withBareProcess<T>(
  options: BareProcessOptions,
  work: (client: ModelClient) => Promise<T>,
): Promise<T> {
  const client = await startBareProcess(options);
  try {
    return await work(client);
  } finally {
    await client.dispose();
  }
}

/** Starts such a process; whoever asked for it ends it. */
export function startBareProcess({
  entry,
  startClient,
  readSettings,
  log,
}: BareProcessOptions): Promise<ModelClient> {
  const { nodePath } = readSettings();
  return startClient({
    entry,
    onLog: (chunk) => logLines(chunk, log),
    ...(nodePath === null ? {} : { execPath: nodePath }),
  });
}
