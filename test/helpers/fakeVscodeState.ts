/** What the stand-in of the editor was asked for, and what it answers. */
import type { URI } from "vscode-uri";
import type { FakeController, FakeNotebook } from "./fakeNotebooks.js";
import type { FakePanel } from "./fakePanel.js";
import { ColorThemeKind, FakeDocument, FakeTextEditor } from "./fakeVscodeDocuments.js";
import { EventEmitter } from "./fakeVscodeEvents.js";
import { FakeDiagnostics } from "./fakeVscodeLanguages.js";

/** A command, provider or listener. */
export type Handler = (...args: readonly unknown[]) => unknown;

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
    folders: undefined as readonly { readonly uri: URI; readonly name?: string }[] | undefined,
    foundFiles: [] as URI[],
    activeTab: undefined as { readonly input: unknown } | undefined,
    otherTabs: [] as { readonly input: unknown }[],
    statusBarItems: [] as Record<string, unknown>[],
    treeViews: new Map<string, unknown>(),
    panels: [] as FakePanel[],
    serializers: new Map<string, unknown>(),
    customEditors: new Map<string, unknown>(),
    logs: [] as string[],
    notebooks: [] as FakeNotebook[],
    activeNotebook: undefined as FakeNotebook | undefined,
    /** Serializers of notebooks and their options, by type. */
    notebookSerializers: new Map<string, readonly [serializer: unknown, options: unknown]>(),
    controllers: [] as FakeController[],
    cellStatusBars: [] as unknown[],
    notebookOpened: new EventEmitter<unknown>(),
    notebookClosed: new EventEmitter<unknown>(),
    notebookChanged: new EventEmitter<unknown>(),
    rendererMessages: new EventEmitter<unknown>(),
    /** Tools for language models, by name. */
    tools: new Map<string, unknown>(),
    clipboard: "",
    language: "en",
    strings: null as Record<string, string> | null,
    settingsChanged: new EventEmitter<{ affectsConfiguration(section: string): boolean }>(),
    trustGranted: new EventEmitter<void>(),
    documents: [] as FakeDocument[],
    visibleEditors: [] as FakeTextEditor[],
    activeEditor: undefined as FakeTextEditor | undefined,
    hoverProviders: [] as unknown[],
    lensProviders: [] as unknown[],
    diagnostics: new FakeDiagnostics(),
    filesChanged: new EventEmitter<unknown>(),
    activeEditorChanged: new EventEmitter<unknown>(),
    /** Tells all watchers of files: created, changed, deleted. */
    watched: {
      created: new EventEmitter<URI>(),
      changed: new EventEmitter<URI>(),
      deleted: new EventEmitter<URI>(),
    },
    themeKind: ColorThemeKind.Dark as number,
    themeChanged: new EventEmitter<unknown>(),
    documentOpened: new EventEmitter<unknown>(),
    documentChanged: new EventEmitter<unknown>(),
    documentSaved: new EventEmitter<unknown>(),
    documentClosed: new EventEmitter<unknown>(),
    filesRenamed: new EventEmitter<unknown>(),
    visibleEditorsChanged: new EventEmitter<unknown>(),
  };
}

/** The state of the editor that stands in; `reset` between tests. */
export const fake = {
  ...startState(),
  reset(): void {
    Object.assign(fake, startState());
  },
  /** Opens a document in an editor that is seen. */
  open(uri: URI, text: string, languageId = "plaintext"): { document: FakeDocument; editor: FakeTextEditor } {
    const document = new FakeDocument(uri, text, languageId, fake.documentChanged);
    const editor = new FakeTextEditor(document);
    fake.documents.push(document);
    fake.documentOpened.fire(document);
    fake.visibleEditors = [...fake.visibleEditors, editor];
    fake.activeEditor = editor;
    fake.visibleEditorsChanged.fire(fake.visibleEditors);
    return { document, editor };
  },
  /** Closes a document and its editors. */
  close(document: FakeDocument): void {
    fake.visibleEditors = fake.visibleEditors.filter((editor) => editor.document !== document);
    fake.visibleEditorsChanged.fire(fake.visibleEditors);
    fake.documents = fake.documents.filter((other) => other !== document);
    document.isClosed = true;
    fake.documentClosed.fire(document);
  },
  /** Writes a user setting and tells the listeners. */
  set(name: string, value: unknown): void {
    fake.userSettings.set(name, value);
    fake.settingsChanged.fire({ affectsConfiguration: (section) => name.startsWith(section) });
  },
};
