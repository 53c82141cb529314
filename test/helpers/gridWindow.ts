import { vi } from "vitest";
import type * as vscode from "vscode";
import { GridMemory } from "../../src/host/grid/gridMemory.js";
import { GridRegistry } from "../../src/host/grid/gridRegistry.js";
import type { StoredRuns } from "../../src/host/runs/storedRuns.js";
import type { FromGrid, GridState, ToGrid } from "../../src/protocol/grid.js";
import { type FakePanel } from "./fakePanel.js";
import { fake, Uri } from "./fakeVscode.js";
import { makeRuns, SETTINGS, temporaryFolder, testLog } from "./hostServices.js";
import { ScriptedExplain } from "./scriptedExplain.js";
import { WAIT } from "./waiting.js";

/** A window with results of prompt files over a scripted ExplainService; `reload` is the window after a reload. */
export class GridWindow {
  readonly files = temporaryFolder();
  readonly state = new Map<string, unknown>();
  readonly opened: (readonly unknown[])[] = [];
  openFailure: Error | null = null;
  runs: StoredRuns;
  explain: ScriptedExplain;
  grids: GridRegistry;

  constructor(private readonly keep = 5) {
    this.runs = makeRuns(this.files.folder, keep);
    this.explain = new ScriptedExplain(this.runs, this.files.folder);
    this.grids = this.registry();
  }

  reload(): void {
    this.grids.dispose();
    this.runs = makeRuns(this.files.folder, this.keep);
    this.explain = new ScriptedExplain(this.runs, this.files.folder);
    this.grids = this.registry();
  }

  close(): void {
    this.grids.dispose();
    this.files.remove();
  }

  private registry(): GridRegistry {
    const { state, explain, runs } = this;
    const memento = {
      keys: () => [...state.keys()],
      get: (key: string) => state.get(key),
      update: async (key: string, value: unknown) => void state.set(key, structuredClone(value)),
    } as unknown as vscode.Memento;
    return new GridRegistry({
      extensionUri: Uri.file("/extension"),
      explain,
      runs,
      readSettings: () => SETTINGS,
      log: testLog(),
      models: { resolve: (name) => Promise.resolve({ name, dir: `/models/${name}` }) },
      panels: {
        openRun: async (...args) => {
          this.opened.push(args);
          if (this.openFailure !== null) throw this.openFailure;
        },
      },
      memory: new GridMemory(memento),
    });
  }
}

/** The page of the results that were opened as the index-th. */
export class GridPage {
  constructor(readonly panel: FakePanel) {}

  static at(index: number): GridPage {
    const panel = fake.panels[index];
    if (!panel) throw new Error(`no panel ${index}`);
    return new GridPage(panel);
  }

  say(message: FromGrid): void {
    this.panel.say(message);
  }

  posted<K extends ToGrid["kind"]>(kind: K): Extract<ToGrid, { kind: K }>[] {
    const messages = this.panel.posted as ToGrid[];
    return messages.filter((message): message is Extract<ToGrid, { kind: K }> => message.kind === kind);
  }

  last<K extends ToGrid["kind"]>(kind: K): Extract<ToGrid, { kind: K }> {
    const message = this.posted(kind).at(-1);
    if (!message) throw new Error(`no ${kind} was posted`);
    return message;
  }

  /** The states of the pictures as the page knows them. */
  states(): GridState[] {
    const messages = this.panel.posted as ToGrid[];
    const start = messages.findLastIndex(({ kind }) => kind === "snapshot");
    const states = this.last("snapshot").cards.map(({ state }) => state);
    for (const message of messages.slice(start))
      if (message.kind === "state") states[message.index] = message.state;
    return states;
  }

  kinds(): string[] {
    return this.states().map(({ kind }) => kind);
  }

  /** The page arrives. */
  arrive(): Extract<ToGrid, { kind: "snapshot" }> {
    this.say({ kind: "ready" });
    return this.last("snapshot");
  }

  until(holds: () => boolean): Promise<void> {
    return vi.waitFor(() => {
      if (!holds()) throw new Error(`still ${JSON.stringify(this.kinds())}`);
    }, WAIT);
  }
}
