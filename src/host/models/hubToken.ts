import type * as vscode from "vscode";
import { readToken } from "../../hub/readToken.js";

const KEY = "huggingFaceToken";

/** The user's token for the hub: the editor's secret storage, else what the Hugging Face tools use. Never shown or logged. */
export class HubToken {
  constructor(private readonly secrets: vscode.SecretStorage) {}

  /** null: there is none. */
  async get(): Promise<string | null> {
    return (await this.secrets.get(KEY)) ?? (await readToken(process.env));
  }

  async set(token: string): Promise<void> {
    await this.secrets.store(KEY, token);
  }

  /** Forgets what the editor keeps; the environment's stays. */
  async forget(): Promise<void> {
    await this.secrets.delete(KEY);
  }
}
