/**
 * Stands in for the editor's API in tests: vitest gives it to every `import … from "vscode"`, and `fake` below says
 * what the editor was asked for and what it answers.
 */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { rm, stat } from "node:fs/promises";
import { URI, Utils } from "vscode-uri";
import { FakeController, FakeNotebook, type NotebookData } from "./fakeNotebooks.js";
import { FakePanel } from "./fakePanel.js";
import { FakeDecoration, FakeDocument, FakeTextEditor, Range, type Position } from "./fakeVscodeDocuments.js";
import { EventEmitter } from "./fakeVscodeEvents.js";
import { fake, type Handler, type Shown } from "./fakeVscodeState.js";

export { EventEmitter };
export { CancellationTokenSource, Disposable } from "./fakeVscodeEvents.js";
export { fake, type Shown } from "./fakeVscodeState.js";
export * from "./fakeVscodeDocuments.js";
export * from "./fakeNotebooks.js";
export * from "./fakeVscodeLanguages.js";
export * from "./fakeVscodeValues.js";

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
  async openExternal(address: { toString(): string }): Promise<boolean> {
    fake.calls.push(["openExternal", address.toString()]);
    return true;
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
  get visibleTextEditors() {
    return fake.visibleEditors;
  },
  get activeTextEditor() {
    return fake.activeEditor;
  },
  onDidChangeActiveTextEditor: (listener: (editor: unknown) => void) =>
    fake.activeEditorChanged.event(listener),
  async showTextDocument(document: FakeDocument, options?: { viewColumn?: number }) {
    const seen = fake.visibleEditors.find((editor) => editor.document === document);
    const editor = seen ?? new FakeTextEditor(document, options?.viewColumn ?? 1);
    if (!seen) fake.visibleEditors = [...fake.visibleEditors, editor];
    fake.activeEditor = editor;
    fake.calls.push(["showTextDocument", document.uri.toString(), editor.viewColumn]);
    return editor;
  },
  get activeColorTheme() {
    return { kind: fake.themeKind };
  },
  onDidChangeVisibleTextEditors: (listener: (editors: unknown) => void) =>
    fake.visibleEditorsChanged.event(listener),
  onDidChangeActiveColorTheme: (listener: (theme: unknown) => void) => fake.themeChanged.event(listener),
  createTextEditorDecorationType: (options: Record<string, unknown>) => new FakeDecoration(options),
  createWebviewPanel(type: string, title: string, column: number) {
    const panel = new FakePanel(type, title, column);
    fake.panels.push(panel);
    return panel;
  },
  registerCustomEditorProvider(type: string, provider: unknown, options: unknown) {
    fake.customEditors.set(type, { provider, options });
    return { dispose: () => fake.customEditors.delete(type) };
  },
  registerWebviewPanelSerializer(type: string, serializer: unknown) {
    fake.serializers.set(type, serializer);
    return { dispose: () => fake.serializers.delete(type) };
  },
  get activeNotebookEditor() {
    const { activeNotebook } = fake;
    return activeNotebook && { notebook: activeNotebook, selection: { start: 0, end: 1 } };
  },
  async showNotebookDocument(notebook: FakeNotebook) {
    fake.activeNotebook = notebook;
  },
  get tabGroups() {
    const tabs = [...(fake.activeTab ? [fake.activeTab] : []), ...fake.otherTabs];
    return {
      activeTabGroup: { activeTab: fake.activeTab, tabs },
      all: [{ activeTab: fake.activeTab, tabs }],
    };
  },
};

export const notebooks = {
  createNotebookController(id: string, type: string, label: string) {
    const controller = new FakeController(id, type, label);
    fake.controllers.push(controller);
    return controller;
  },
  registerNotebookCellStatusBarItemProvider(_type: string, provider: unknown) {
    fake.cellStatusBars.push(provider);
    return { dispose: () => (fake.cellStatusBars = fake.cellStatusBars.filter((one) => one !== provider)) };
  },
  createRendererMessaging: (id: string) => ({
    onDidReceiveMessage: (listener: (message: unknown) => void) => fake.rendererMessages.event(listener),
    postMessage: async (message: unknown) => void fake.calls.push(["postToRenderer", id, message]),
  }),
};

/** Edits of texts, and of notebooks' metadata. */
export class WorkspaceEdit {
  readonly texts: { readonly uri: URI; readonly range: Range; readonly text: string }[] = [];
  readonly edits: (readonly [
    uri: URI,
    edits: readonly { newNotebookMetadata?: Record<string, unknown> }[],
  ])[] = [];

  set(uri: URI, edits: readonly { newNotebookMetadata?: Record<string, unknown> }[]): void {
    this.edits.push([uri, edits]);
  }

  replace(uri: URI, range: Range, text: string): void {
    this.texts.push({ uri, range, text });
  }

  insert(uri: URI, position: Position, text: string): void {
    this.replace(uri, new Range(position, position), text);
  }
}

export const languages = {
  registerCodeLensProvider(_selector: unknown, provider: unknown) {
    fake.lensProviders.push(provider);
    return { dispose: () => (fake.lensProviders = fake.lensProviders.filter((other) => other !== provider)) };
  },
  registerCompletionItemProvider: () => ({ dispose() {} }),
  registerCodeActionsProvider: () => ({ dispose() {} }),
  createDiagnosticCollection: () => fake.diagnostics,
  registerHoverProvider(_selector: unknown, provider: unknown) {
    fake.hoverProviders.push(provider);
    return {
      dispose: () => (fake.hoverProviders = fake.hoverProviders.filter((other) => other !== provider)),
    };
  },
};

function languageOf({ path }: URI): string {
  return path.endsWith(".vlm.md") ? "vlm-prompt" : "plaintext";
}

/** Defaults of package.json by full name. */
function defaults(): ReadonlyMap<string, unknown> {
  const { contributes } = JSON.parse(readFileSync("package.json", "utf8")) as {
    contributes: { configuration: { properties: Record<string, { default: unknown }> }[] };
  };
  const all = contributes.configuration.flatMap(({ properties }) => Object.entries(properties));
  return new Map(all.map(([name, setting]) => [name, setting.default]));
}

export const lm = {
  registerTool(name: string, tool: unknown) {
    fake.tools.set(name, tool);
    return { dispose: () => fake.tools.delete(name) };
  },
};

export const workspace = {
  get isTrusted() {
    return fake.trusted;
  },
  get notebookDocuments() {
    return fake.notebooks;
  },
  onDidOpenNotebookDocument: (listener: (notebook: unknown) => void) => fake.notebookOpened.event(listener),
  onDidCloseNotebookDocument: (listener: (notebook: unknown) => void) => fake.notebookClosed.event(listener),
  onDidChangeNotebookDocument: (listener: (change: unknown) => void) => fake.notebookChanged.event(listener),
  registerNotebookSerializer(type: string, serializer: unknown, options: unknown) {
    fake.notebookSerializers.set(type, [serializer, options]);
    return { dispose: () => fake.notebookSerializers.delete(type) };
  },
  async openNotebookDocument(_type: string, data: NotebookData) {
    const notebook = new FakeNotebook(URI.parse("untitled:Untitled-1.vlmnb"), data);
    fake.notebooks.push(notebook);
    return notebook;
  },
  async applyEdit({ edits, texts }: WorkspaceEdit) {
    for (const { uri, range, text } of texts) {
      const document = fake.documents.find((one) => one.uri.toString() === uri.toString());
      const rangeOffset = document?.offsetAt(range.start) ?? 0;
      const rangeLength = (document?.offsetAt(range.end) ?? 0) - rangeOffset;
      document?.edit([{ rangeOffset, rangeLength, text }]);
    }
    for (const [uri, changes] of edits) {
      const notebook = fake.notebooks.find((one) => one.uri.toString() === uri.toString());
      for (const { newNotebookMetadata } of changes) {
        if (notebook && newNotebookMetadata) notebook.metadata = newNotebookMetadata;
      }
    }
    return true;
  },
  get workspaceFolders() {
    return fake.folders;
  },
  onDidChangeConfiguration: (listener: (event: unknown) => void) => fake.settingsChanged.event(listener),
  get textDocuments() {
    return fake.documents;
  },
  async openTextDocument(place: URI | { language: string; content?: string }) {
    const uri = "language" in place ? URI.parse("untitled:Untitled-1") : place;
    const open = fake.documents.find((document) => document.uri.toString() === uri.toString());
    if (open) return open;
    const language = "language" in place ? place.language : languageOf(uri);
    const content = "language" in place ? (place.content ?? "") : "";
    const text = uri.scheme === "untitled" ? content : readFileSync(uri.fsPath, "utf8");
    const document = new FakeDocument(uri, text, language, fake.documentChanged);
    if (uri.scheme === "untitled") fake.documents.push(document);
    return document;
  },
  onDidOpenTextDocument: (listener: (document: unknown) => void) => fake.documentOpened.event(listener),
  onDidChangeTextDocument: (listener: (change: unknown) => void) => fake.documentChanged.event(listener),
  onDidSaveTextDocument: (listener: (document: unknown) => void) => fake.documentSaved.event(listener),
  onDidCloseTextDocument: (listener: (document: unknown) => void) => fake.documentClosed.event(listener),
  onDidRenameFiles: (listener: (renames: unknown) => void) => fake.filesRenamed.event(listener),
  onDidCreateFiles: (listener: (files: unknown) => void) => fake.filesChanged.event(listener),
  onDidDeleteFiles: (listener: (files: unknown) => void) => fake.filesChanged.event(listener),
  createFileSystemWatcher() {
    const listeners: { dispose(): void }[] = [];
    const listen = (emitter: EventEmitter<URI>) => (listener: (uri: URI) => void) => {
      const listening = emitter.event(listener);
      listeners.push(listening);
      return listening;
    };
    const { created, changed, deleted } = fake.watched;
    return {
      onDidCreate: listen(created),
      onDidChange: listen(changed),
      onDidDelete: listen(deleted),
      dispose: () => listeners.forEach((listening) => listening.dispose()),
    };
  },
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
    readDirectory: async (uri: URI) =>
      readdirSync(uri.fsPath, { withFileTypes: true }).map(
        (entry) => [entry.name, entry.isDirectory() ? 2 : 1] as const,
      ),
    readFile: async (uri: URI) => new Uint8Array(readFileSync(uri.fsPath)),
    writeFile: async (uri: URI, content: Uint8Array) => writeFileSync(uri.fsPath, content),
    isWritableFileSystem: (scheme: string) =>
      scheme === "readonly" ? false : scheme === "file" || undefined,
    delete: async (uri: URI) => rm(uri.fsPath, { recursive: true }),
  },
};
