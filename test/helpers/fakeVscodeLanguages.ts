/** What language features are made of, in the editor that stands in. */
import type { URI } from "vscode-uri";
import type { Range } from "./fakeVscodeDocuments.js";

export const DiagnosticSeverity = { Error: 0, Warning: 1, Information: 2, Hint: 3 } as const;
export const CompletionItemKind = {
  Folder: 18,
  File: 16,
  Module: 8,
  Property: 9,
  EnumMember: 19,
} as const;
export const CodeActionKind = { QuickFix: "quickfix" } as const;

export class Diagnostic {
  source: string | undefined;
  code: string | undefined;

  constructor(
    readonly range: Range,
    readonly message: string,
    readonly severity: number,
  ) {}
}

export class CodeLens {
  constructor(
    readonly range: Range,
    readonly command: { readonly title: string; readonly command: string; readonly arguments?: unknown[] },
  ) {}
}

export class CompletionItem {
  constructor(
    readonly label: string,
    readonly kind: number,
  ) {}
}

export class CodeAction {
  constructor(
    readonly title: string,
    readonly kind: unknown,
  ) {}
}

/** Text with places to fill in, written as snippets are. */
export class SnippetString {
  value = "";

  appendText(text: string): this {
    this.value += text.replace(/[$}\\]/g, "\\$&");
    return this;
  }

  appendPlaceholder(text: string): this {
    this.value += `\${0:${text}}`;
    return this;
  }

  appendChoice(values: readonly string[]): this {
    this.value += `\${1|${values.join(",")}|}`;
    return this;
  }
}

/** Marks by document, newest only. */
export class FakeDiagnostics {
  readonly marked = new Map<string, readonly Diagnostic[]>();

  set(uri: URI, diagnostics: readonly Diagnostic[]): void {
    this.marked.set(uri.toString(), diagnostics);
  }

  delete(uri: URI): void {
    this.marked.delete(uri.toString());
  }

  dispose(): void {
    this.marked.clear();
  }
}
