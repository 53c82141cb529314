import { vi } from "vitest";
import type * as vscode from "vscode";
import { PanelMemory } from "../../src/host/panel/panelMemory.js";
import { PanelRegistry } from "../../src/host/panel/panelRegistry.js";
import type { HostSettings } from "../../src/host/settings/hostSettings.js";
import type { StoredRuns } from "../../src/host/runs/storedRuns.js";
import type { TintedRun } from "../../src/host/services.js";
import type { FromPanel, ModelStatus, ToPanel, WordWinsReport } from "../../src/protocol/panel.js";
import type { FakePanel } from "./fakePanel.js";
import { EventEmitter, fake, Uri } from "./fakeVscode.js";
import { makeRuns, SETTINGS, temporaryFolder, testLog } from "./hostServices.js";
import { ScriptedExplain } from "./scriptedExplain.js";
import { WAIT } from "./waiting.js";

export const STATUS: ModelStatus = {
  state: "stopped",
  name: "m",
  device: "auto",
  dtype: null,
  size: null,
  memory: null,
};

/** A window with panels over a scripted ExplainService; `reload` is the window after a reload. */
export class PanelWindow {
  readonly files = temporaryFolder();
  readonly state = new Map<string, unknown>();
  readonly status = new EventEmitter<ModelStatus>();
  readonly exported: unknown[] = [];
  /** Settings that are not the usual ones. */
  settings: Partial<HostSettings> = {};
  /** What the panels tint: the last report of each, by panel. */
  readonly tinted = new Map<unknown, { readonly run: TintedRun; readonly report: WordWinsReport }>();
  private readonly tints = {
    show: (owner: unknown, run: TintedRun, report: WordWinsReport): void => {
      this.tinted.set(owner, { run, report });
    },
    clear: (owner: unknown): void => void this.tinted.delete(owner),
  };
  runs: StoredRuns;
  explain: ScriptedExplain;
  panels: PanelRegistry;

  constructor(private readonly keep = 5) {
    this.runs = makeRuns(this.files.folder, keep);
    this.explain = new ScriptedExplain(this.runs, this.files.folder);
    this.panels = this.registry();
  }

  reload(): void {
    this.panels.dispose();
    this.runs = makeRuns(this.files.folder, this.keep);
    this.explain = new ScriptedExplain(this.runs, this.files.folder);
    this.panels = this.registry();
  }

  close(): void {
    this.panels.dispose();
    this.files.remove();
  }

  /** Explains a picture in a panel whose page is there. */
  async explaining(picture = "/pictures/cat.png"): Promise<FakePanel> {
    await this.panels.explainImage(uri(picture));
    const panel = panelAt(fake.panels.length - 1);
    await arrive(panel);
    return panel;
  }

  private registry(): PanelRegistry {
    const { state, explain, runs, status } = this;
    const memento = {
      keys: () => [...state.keys()],
      get: (key: string) => state.get(key),
      update: async (key: string, value: unknown) => void state.set(key, structuredClone(value)),
    } as unknown as vscode.Memento;
    return new PanelRegistry({
      extensionUri: uri("/extension"),
      explain,
      runs,
      models: { resolve: async (name) => ({ name, dir: `/models/${name}` }) },
      readSettings: () => ({ ...SETTINGS, ...this.settings }),
      log: testLog(),
      model: { onDidChangeStatus: status.event as vscode.Event<ModelStatus> },
      modelStatus: () => STATUS,
      exporter: async (params) => {
        this.exported.push(params);
        return { saved: "cat-dexar.json" };
      },
      memory: new PanelMemory(memento),
      promptTint: this.tints,
    });
  }
}

export const uri = (path: string): vscode.Uri => Uri.file(path);

/** The panel that was opened as the index-th. */
export function panelAt(index: number): FakePanel {
  const panel = fake.panels[index];
  if (!panel) throw new Error(`no panel ${index}`);
  return panel;
}

/** The page says something. */
export const say = (panel: FakePanel, message: FromPanel): void => panel.say(message);

type Message<K extends ToPanel["kind"]> = Extract<ToPanel, { kind: K }>;

/** Messages of a kind that the page got, in order. */
export function posted<K extends ToPanel["kind"]>(panel: FakePanel, kind: K): Message<K>[] {
  const messages = panel.posted as ToPanel[];
  return messages.filter((message): message is Message<K> => message.kind === kind);
}

/** The newest message of a kind. */
export function last<K extends ToPanel["kind"]>(panel: FakePanel, kind: K): Message<K> {
  const message = posted(panel, kind).at(-1);
  if (!message) throw new Error(`no ${kind} was posted`);
  return message;
}

/** Resolves when the page got so many messages of a kind. */
export async function until(panel: FakePanel, kind: ToPanel["kind"], count = 1): Promise<void> {
  await vi.waitFor(() => {
    if (posted(panel, kind).length < count) throw new Error(`no ${kind} was posted`);
  }, WAIT);
}

/** Resolves when the panel's request is over. */
export async function idle(panel: FakePanel): Promise<void> {
  await vi.waitFor(() => {
    if (last(panel, "activity").activity.phase !== "idle") throw new Error("still at work");
  }, WAIT);
}

/** The page arrives; resolves with its snapshot. */
export async function arrive(panel: FakePanel): Promise<Message<"snapshot">> {
  const before = posted(panel, "snapshot").length;
  say(panel, { kind: "ready" });
  await until(panel, "snapshot", before + 1);
  return last(panel, "snapshot");
}
