/**
 * Stands in for the editor's API in tests: vitest gives it to every `import … from "vscode"`, and `fake` below says
 * what the editor was asked for and what it answers.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { rm, stat } from "node:fs/promises";
import { URI, Utils } from "vscode-uri";
import { FakePanel } from "./fakePanel.js";
import { EventEmitter } from "./fakeVscodeEvents.js";

export { EventEmitter };
export { CancellationTokenSource, Disposable } from "./fakeVscodeEvents.js";
export * from "./fakeVscodeValues.js";

type Handler = (...args: readonly unknown[]) => unknown;

/** A question or message of the editor: what it showed, with its buttons or items. */
export interface Shown {
  readonly kind: "error" | "warning" | "information" | "quickPick" | "input" | "openDialog" | "saveDialog";
  readonly text: string;
  readonly options: unknown;
  /** Buttons of a message, items of a quick pick. */
  readonly choices: readonly unknown[];
}

function startState() {
  return {
    commands: new Map<string, Handler>(),
    /** Commands of the editor itself that were called. */
    calls: [] as (readonly unknown[])[],
    contexts: new Map<string, unknown>(),
    shown: [] as Shown[],
    /**
     * What the user says to the next questions, in turn: a value, or a function of the question. Without one the
     * user dismisses it.
     */
    answers: [] as unknown[],
    userSettings: new Map<string, unknown>(),
    workspaceSettings: new Map<string, unknown>(),
    trusted: true,
    folders: undefined as readonly { readonly uri: URI }[] | undefined,
    foundFiles: [] as URI[],
    activeTab: undefined as { readonly input: unknown } | undefined,
    otherTabs: [] as { readonly input: unknown }[],
    statusBarItems: [] as Record<string, unknown>[],
    treeViews: new Map<string, unknown>(),
    panels: [] as FakePanel[],
    serializers: new Map<string, unknown>(),
    logs: [] as string[],
    clipboard: "",
    language: "en",
    strings: null as Record<string, string> | null,
    settingsChanged: new EventEmitter<{ affectsConfiguration(section: string): boolean }>(),
    trustGranted: new EventEmitter<void>(),
  };
}

/** The state of the editor that stands in; `reset` between tests. */
export const fake = {
  ...startState(),
  reset(): void {
    Object.assign(fake, startState());
  },
  /** Writes a user setting and tells the listeners. */
  set(name: string, value: unknown): void {
    fake.userSettings.set(name, value);
    fake.settingsChanged.fire({ affectsConfiguration: (section) => name.startsWith(section) });
  },
};

export const Uri = {
  file: (path: string) => URI.file(path),
  parse: (text: string) => URI.parse(text),
  joinPath: (base: URI, ...parts: string[]) => Utils.joinPath(base, ...parts),
  [Symbol.hasInstance]: (value: unknown) => URI.isUri(value),
};

export const l10n = {
  t(message: string, ...args: readonly unknown[]): string {
    const text = fake.strings?.[message] ?? message;
    return text.replace(/\{(\d+)\}/g, (_, index: string) => String(args[Number(index)]));
  },
  get bundle() {
    return fake.strings ?? undefined;
  },
};

export const env = {
  get language() {
    return fake.language;
  },
  clipboard: {
    writeText: async (text: string) => void (fake.clipboard = text),
    readText: async () => fake.clipboard,
  },
};

export const commands = {
  registerCommand(id: string, run: Handler) {
    if (fake.commands.has(id)) throw new Error(`the command ${id} is registered twice`);
    fake.commands.set(id, run);
    return { dispose: () => fake.commands.delete(id) };
  },
  async executeCommand(id: string, ...args: readonly unknown[]): Promise<unknown> {
    if (id === "setContext") return void fake.contexts.set(args[0] as string, args[1]);
    const own = fake.commands.get(id);
    if (own) return own(...args);
    fake.calls.push([id, ...args]);
    return undefined;
  },
};

async function ask(shown: Shown): Promise<unknown> {
  fake.shown.push(shown);
  const answer = fake.answers.shift();
  return typeof answer === "function" ? (answer as (shown: Shown) => unknown)(shown) : answer;
}

function message(kind: Shown["kind"]) {
  return async (text: string, ...rest: readonly unknown[]) => {
    const [first, ...others] = rest;
    const hasOptions = typeof first === "object";
    return ask({ kind, text, options: hasOptions ? first : undefined, choices: hasOptions ? others : rest });
  };
}

const logChannel = (name: string) => {
  const write = (level: string) => (text: unknown) => void fake.logs.push(`${level} ${String(text)}`);
  return {
    name,
    append: (text: string) => void fake.logs.push(text),
    appendLine: (text: string) => void fake.logs.push(text),
    trace: write("trace"),
    debug: write("debug"),
    info: write("info"),
    warn: write("warn"),
    error: write("error"),
    show: () => void fake.calls.push(["showLog", name]),
    dispose: () => void fake.calls.push(["dispose", name]),
  };
};

export const window = {
  showErrorMessage: message("error"),
  showWarningMessage: message("warning"),
  showInformationMessage: message("information"),
  async showQuickPick(items: readonly unknown[] | Promise<readonly unknown[]>, options?: { title?: string }) {
    return ask({ kind: "quickPick", text: options?.title ?? "", options, choices: await items });
  },
  showInputBox: async (options?: { title?: string }) =>
    ask({ kind: "input", text: options?.title ?? "", options, choices: [] }),
  showOpenDialog: async (options?: { title?: string }) =>
    ask({ kind: "openDialog", text: options?.title ?? "", options, choices: [] }),
  showSaveDialog: async (options?: { title?: string }) =>
    ask({ kind: "saveDialog", text: options?.title ?? "", options, choices: [] }),
  async withProgress(options: { title?: string }, work: (progress: unknown, token: unknown) => unknown) {
    fake.calls.push(["progress", options.title]);
    const token = { isCancellationRequested: false, onCancellationRequested: () => ({ dispose() {} }) };
    return work({ report() {} }, token);
  },
  createTerminal: (options: { name: string }) => ({
    show: () => void fake.calls.push(["show", options.name]),
    sendText: (text: string, run: boolean) => void fake.calls.push(["sendText", text, run]),
    dispose: () => void fake.calls.push(["dispose", options.name]),
  }),
  createStatusBarItem(id: string) {
    const item: Record<string, unknown> = {
      id,
      shown: false,
      show: () => (item.shown = true),
      dispose: () => (item.shown = false),
    };
    fake.statusBarItems.push(item);
    return item;
  },
  createTreeView(id: string, options: unknown) {
    fake.treeViews.set(id, options);
    return { dispose: () => fake.treeViews.delete(id) };
  },
  createOutputChannel: logChannel,
  createWebviewPanel(type: string, title: string, column: number) {
    const panel = new FakePanel(type, title, column);
    fake.panels.push(panel);
    return panel;
  },
  registerWebviewPanelSerializer(type: string, serializer: unknown) {
    fake.serializers.set(type, serializer);
    return { dispose: () => fake.serializers.delete(type) };
  },
  get tabGroups() {
    const tabs = [...(fake.activeTab ? [fake.activeTab] : []), ...fake.otherTabs];
    return {
      activeTabGroup: { activeTab: fake.activeTab, tabs },
      all: [{ activeTab: fake.activeTab, tabs }],
    };
  },
};

/** Defaults of package.json by full name. */
function defaults(): ReadonlyMap<string, unknown> {
  const { contributes } = JSON.parse(readFileSync("package.json", "utf8")) as {
    contributes: { configuration: { properties: Record<string, { default: unknown }> }[] };
  };
  const all = contributes.configuration.flatMap(({ properties }) => Object.entries(properties));
  return new Map(all.map(([name, setting]) => [name, setting.default]));
}

export const workspace = {
  get isTrusted() {
    return fake.trusted;
  },
  get workspaceFolders() {
    return fake.folders;
  },
  onDidChangeConfiguration: (listener: (event: unknown) => void) => fake.settingsChanged.event(listener),
  onDidGrantWorkspaceTrust: (listener: () => void) => fake.trustGranted.event(listener),
  asRelativePath: (uri: URI) => uri.path.replace(`${fake.folders?.[0]?.uri.path ?? ""}/`, ""),
  findFiles: async () => fake.foundFiles,
  getConfiguration(section: string) {
    const full = (name: string) => `${section}.${name}`;
    const inspect = (name: string) => ({
      key: full(name),
      defaultValue: defaults().get(full(name)),
      globalValue: fake.userSettings.get(full(name)),
      workspaceValue: fake.workspaceSettings.get(full(name)),
    });
    return {
      inspect,
      get(name: string, fallback?: unknown) {
        const { workspaceValue, globalValue, defaultValue } = inspect(name);
        return workspaceValue ?? globalValue ?? defaultValue ?? fallback;
      },
      async update(name: string, value: unknown) {
        if (value === undefined) fake.userSettings.delete(full(name));
        else fake.set(full(name), value);
      },
    };
  },
  fs: {
    async stat(uri: URI) {
      const found = await stat(uri.fsPath);
      return { type: found.isDirectory() ? 2 : 1, size: found.size, ctime: 0, mtime: found.mtimeMs };
    },
    readFile: async (uri: URI) => new Uint8Array(readFileSync(uri.fsPath)),
    writeFile: async (uri: URI, content: Uint8Array) => writeFileSync(uri.fsPath, content),
    isWritableFileSystem: (scheme: string) =>
      scheme === "readonly" ? false : scheme === "file" || undefined,
    delete: async (uri: URI) => rm(uri.fsPath, { recursive: true }),
  },
};
