import { randomUUID } from "node:crypto";
import * as vscode from "vscode";
import { readStoredQuestion, storedQuestion } from "../panel/askedQuestion.js";
import type { Question } from "../services.js";

/** What is remembered of one picture across a reload of the window. */
export interface RememberedCard {
  readonly question: Question;
  /** Its finished run. */
  readonly runId: string | null;
}

/** What is remembered of a file's results. */
export interface RememberedGrid {
  readonly file: vscode.Uri;
  readonly cards: readonly RememberedCard[];
}

const KEY = "dexar.grids";
/** Results of windows that were never restored are forgotten in time. */
const MOST = 20;

/** Remembers the results of prompt files in the workspace's state, oldest first. */
export class GridMemory {
  constructor(private readonly state: vscode.Memento) {}

  newKey(): string {
    return randomUUID();
  }

  /** What was remembered under a key; null when that is forgotten, or of another version. */
  recall(key: string): RememberedGrid | null {
    return readGrid(this.all()[key]);
  }

  async remember(key: string, { file, cards }: RememberedGrid): Promise<void> {
    const stored = {
      file: file.toString(),
      cards: cards.map(({ question: { image, ...question }, runId }) => ({
        image: image.toString(),
        question: storedQuestion(question),
        runId,
      })),
    };
    const newest = [...this.others(key), [key, stored] as const].slice(-MOST);
    await this.state.update(KEY, Object.fromEntries(newest));
  }

  async forget(key: string): Promise<void> {
    await this.state.update(KEY, Object.fromEntries(this.others(key)));
  }

  private others(key: string): (readonly [string, unknown])[] {
    return Object.entries(this.all()).filter(([other]) => other !== key);
  }

  private all(): Readonly<Record<string, unknown>> {
    const kept = this.state.get<unknown>(KEY);
    return isRecord(kept) ? kept : {};
  }
}

function readGrid(value: unknown): RememberedGrid | null {
  if (!isRecord(value) || typeof value["file"] !== "string" || !Array.isArray(value["cards"])) return null;
  const cards = (value["cards"] as readonly unknown[]).flatMap((card) => readCard(card) ?? []);
  return { file: vscode.Uri.parse(value["file"]), cards };
}

function readCard(value: unknown): RememberedCard | null {
  if (!isRecord(value) || typeof value["image"] !== "string") return null;
  const question = readStoredQuestion(value["question"]);
  if (question === null) return null;
  const runId = typeof value["runId"] === "string" ? value["runId"] : null;
  return { question: { image: vscode.Uri.parse(value["image"]), ...question }, runId };
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}
