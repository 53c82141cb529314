import * as vscode from "vscode";
import { parsePromptFile } from "../../core/prompts/parsePromptFile.js";
import type { PromptFile } from "../../core/prompts/types.js";
import type { GetServices } from "../commands/command.js";
import type { RunEntry, Services } from "../services.js";
import { formatTime } from "../views/formatTime.js";
import { asksTheSame, valuesOfRun } from "./asksTheSame.js";
import { isCell } from "./readAgain.js";
import { rangeOf } from "./showSource.js";

/** The actions above a prompt file and above its words; a notebook's cells have their own. */
export class PromptLenses implements vscode.CodeLensProvider, vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<void>();
  readonly onDidChangeCodeLenses = this.changed.event;
  private listeners: vscode.Disposable | null = null;

  constructor(private readonly services: GetServices) {}

  async provideCodeLenses(document: vscode.TextDocument): Promise<vscode.CodeLens[]> {
    if (isCell(document.uri)) return [];
    const services = this.services();
    this.listen(services);
    await services.runs.ready;
    const text = document.getText();
    const file = parsePromptFile(text);
    const last = lastRun(document.uri, services);
    const isAtWork = services.panels.isAtWork(document.uri);
    const top = new vscode.Range(0, 0, 0, 0);
    const words = rangeOf(document, file.promptSpan);
    const first = [runLens(document.uri, file, isAtWork, false)];
    const isTinted = services.promptTint.isTinted(document.uri);
    const ofLast = last ? [statusOf(last, file), tintLens(document.uri, isTinted)] : [];
    const atTop = [...first, ...otherLenses(document.uri, file)];
    // Two short rows where there is room for two: the minimap cuts off a long one.
    const atWords = words.start.line > 0 ? [runLens(document.uri, file, isAtWork, true), ...ofLast] : ofLast;
    return [
      ...atTop.map((command) => new vscode.CodeLens(top, command)),
      ...atWords.map((command) => new vscode.CodeLens(words.start.line > 0 ? words : top, command)),
    ];
  }

  dispose(): void {
    this.listeners?.dispose();
    this.changed.dispose();
  }

  private listen({ runs, panels, promptTint }: Services): void {
    const again = (): void => this.changed.fire();
    this.listeners ??= vscode.Disposable.from(
      runs.onDidChange(again),
      panels.onDidChangeWork(again),
      promptTint.onDidChange(again),
    );
  }
}

function lastRun(uri: vscode.Uri, { runs }: Pick<Services, "runs">): RunEntry | undefined {
  const address = uri.toString();
  return runs.entries.find(({ source }) => source?.uri.toString() === address);
}

function runLens(uri: vscode.Uri, file: PromptFile, isAtWork: boolean, isShort: boolean): vscode.Command {
  if (isAtWork) return lens(`$(debug-stop) ${vscode.l10n.t("Stop")}`, "dexar.prompt.stop", uri);
  const title = runTitle(file);
  const named = file.fields.images !== undefined && isShort ? vscode.l10n.t("Run") : title;
  return { ...lens(`$(play) ${named}`, "dexar.prompt.run", uri), tooltip: title };
}

function runTitle({ fields }: PromptFile): string {
  const count = fields.images?.value.length ?? 0;
  if (count > 1) return vscode.l10n.t("Run on {0} pictures", count);
  return count === 0 ? vscode.l10n.t("Run…") : vscode.l10n.t("Run");
}

function tintLens(uri: vscode.Uri, isTinted: boolean): vscode.Command {
  const title = isTinted ? vscode.l10n.t("Hide tint") : vscode.l10n.t("Show tint");
  return lens(title, "dexar.prompt.toggleTint", uri);
}

function otherLenses(uri: vscode.Uri, { fields }: PromptFile): vscode.Command[] {
  const several = (fields.images?.value.length ?? 0) > 1;
  return [
    ...(several ? [lens(vscode.l10n.t("Explain…"), "dexar.prompt.explainOne", uri)] : []),
    lens(vscode.l10n.t("Explain on image…"), "dexar.prompt.explainOnImage", uri),
  ];
}

function statusOf(entry: RunEntry, file: PromptFile): vscode.Command {
  const { info } = entry.saved;
  const time = shortTime(info.time, new Date());
  const title = asksTheSame(file, valuesOfRun(info), false)
    ? vscode.l10n.t("Last run {0}", time)
    : vscode.l10n.t("Last run {0}, edited since", time);
  return {
    title,
    command: "dexar.runs.open",
    arguments: [entry.id],
    tooltip: vscode.l10n.t("Open the run of {0}", formatTime(info.time, new Date())),
  };
}

/** The time of today's runs, the day of others, with its year when that is not this one. */
function shortTime(iso: string, now: Date): string {
  const time = new Date(iso);
  if (time.toDateString() === now.toDateString()) return formatTime(iso, now);
  const year = time.getFullYear() === now.getFullYear() ? {} : ({ year: "numeric" } as const);
  const format = new Intl.DateTimeFormat(vscode.env.language, { month: "short", day: "numeric", ...year });
  return format.format(time);
}

function lens(title: string, command: string, uri: vscode.Uri): vscode.Command {
  return { title, command, arguments: [uri] };
}
