import { randomUUID } from "node:crypto";
import type * as vscode from "vscode";
import { readStoredQuestion, storedQuestion, type AskedQuestion } from "./askedQuestion.js";
import { readForm, type AskedForm } from "./panelForm.js";

/** What the extension itself remembers of a panel across a reload of the window; the page remembers its view. */
export interface RememberedPanel {
  readonly title: string;
  /** Uri of the picture. */
  readonly image: string;
  /** The last finished run. */
  readonly runId: string | null;
  readonly form: AskedForm;
  /** What is asked beyond the form, and in which file it stands. */
  readonly asked: AskedQuestion | null;
  /** A request was at work: found so after a reload, it was cut off. */
  readonly running: boolean;
}

const KEY = "dexar.panels";
/** Panels of windows that were never restored are forgotten in time. */
const MOST = 50;

type Memory = Readonly<Record<string, unknown>>;

/** Remembers panels in the workspace's state, oldest first. */
export class PanelMemory {
  private readonly claimed = new Set<string>();

  constructor(private readonly state: vscode.Memento) {}

  /** A key for a new panel. */
  newKey(): string {
    const key = randomUUID();
    this.claimed.add(key);
    return key;
  }

  /** The remembered panel that a restored one must be: of its title and not yet taken, best of its run too. */
  claim(
    title: string,
    runId: string | null,
  ): { readonly key: string; readonly panel: RememberedPanel } | null {
    const candidates = Object.entries(this.all()).flatMap(([key, value]) => {
      const panel = readPanel(value);
      return panel !== null && panel.title === title && !this.claimed.has(key) ? [{ key, panel }] : [];
    });
    const found = candidates.find(({ panel }) => panel.runId === runId) ?? candidates[0] ?? null;
    if (found !== null) this.claimed.add(found.key);
    return found;
  }

  async remember(key: string, panel: RememberedPanel): Promise<void> {
    const asked = panel.asked && storedQuestion(panel.asked);
    const newest = [...this.others(key), [key, { ...panel, asked }] as const].slice(-MOST);
    await this.state.update(KEY, Object.fromEntries(newest));
  }

  async forget(key: string): Promise<void> {
    await this.state.update(KEY, Object.fromEntries(this.others(key)));
  }

  private others(key: string): (readonly [string, unknown])[] {
    return Object.entries(this.all()).filter(([other]) => other !== key);
  }

  private all(): Memory {
    const kept = this.state.get<unknown>(KEY);
    return typeof kept === "object" && kept !== null ? (kept as Memory) : {};
  }
}

function readPanel(value: unknown): RememberedPanel | null {
  if (typeof value !== "object" || value === null) return null;
  const { title, image, runId, form, asked, running } = value as Record<string, unknown>;
  const read = readForm(form);
  const right =
    typeof title === "string" &&
    typeof image === "string" &&
    (runId === null || typeof runId === "string") &&
    typeof running === "boolean";
  if (!right || read === null) return null;
  return { title, image, runId, form: read, asked: readStoredQuestion(asked), running };
}
