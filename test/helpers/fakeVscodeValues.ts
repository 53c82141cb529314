/** The plain values and small classes of the editor's API. */
import type { URI } from "vscode-uri";

export const QuickPickItemKind = { Separator: -1, Default: 0 } as const;
export const StatusBarAlignment = { Left: 1, Right: 2 } as const;
export const ProgressLocation = { SourceControl: 1, Window: 10, Notification: 15 } as const;
export const ConfigurationTarget = { Global: 1, Workspace: 2, WorkspaceFolder: 3 } as const;
export const ViewColumn = { Active: -1, Beside: -2, One: 1, Two: 2 } as const;
export const FileType = { Unknown: 0, File: 1, Directory: 2, SymbolicLink: 64 } as const;
export const TreeItemCollapsibleState = { None: 0, Collapsed: 1, Expanded: 2 } as const;

export class ThemeIcon {
  constructor(readonly id: string) {}
}

export class ThemeColor {
  constructor(readonly id: string) {}
}

export class TreeItem {
  constructor(
    readonly label: string,
    readonly collapsibleState: number = TreeItemCollapsibleState.None,
  ) {}
}

/** Text is escaped as the editor does it: the signs of Markdown with a backslash. */
export class MarkdownString {
  constructor(
    public value = "",
    readonly supportThemeIcons = false,
  ) {}

  appendText(text: string): this {
    this.value += text.replace(/[\\`*_{}[\]()#+\-!~]/g, "\\$&").replace(/\n/g, "\n\n");
    return this;
  }

  appendMarkdown(text: string): this {
    this.value += text;
    return this;
  }
}

export class TabInputText {
  constructor(readonly uri: URI) {}
}

export class TabInputCustom {
  constructor(
    readonly uri: URI,
    readonly viewType: string,
  ) {}
}

/** `vscode.LanguageModelTextPart` */
export class LanguageModelTextPart {
  constructor(readonly value: string) {}
}

/** `vscode.LanguageModelToolResult` */
export class LanguageModelToolResult {
  constructor(readonly content: readonly unknown[]) {}
}

export class CancellationError extends Error {
  override readonly name = "Canceled";
}

export class FileSystemError extends Error {
  constructor(
    text: string,
    readonly code = "Unknown",
  ) {
    super(text);
  }
}
