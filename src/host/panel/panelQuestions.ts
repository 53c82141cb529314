import type * as vscode from "vscode";
import type { AttributionSettings } from "../../core/attribution/settings.js";
import type { PromptSourceLabel } from "../../protocol/panel.js";
import { valuesOf } from "../prompts/asksTheSame.js";
import { readAgain } from "../prompts/readAgain.js";
import { showSource } from "../prompts/showSource.js";
import { questionOfRun } from "../runs/questionOfRun.js";
import { runMissing } from "../runs/runMissing.js";
import type { StoredRuns } from "../runs/storedRuns.js";
import type { KnownModels, Question, QuestionSource } from "../services.js";
import type { ReadSettings } from "../settings/hostSettings.js";
import { formAfterReading, formOf, type AskedQuestion } from "./askedQuestion.js";
import type { AskedForm } from "./panelForm.js";
import type { PanelRun, PanelStart } from "./panelRun.js";
import { SourceLink, type LinkStart } from "./sourceLink.js";

/** What the questions of a panel need. */
export interface QuestionServices {
  readonly models: Pick<KnownModels, "resolve">;
  readonly readSettings: ReadSettings;
  readonly runs: StoredRuns;
}

/** What a panel's questions tell it. */
export interface QuestionEvents {
  /** The form is another one than the page typed. */
  readonly form: () => void;
  /** The label of the file is another one; it may also be another file. */
  readonly source: () => void;
  /** Something that was not asked for by the page failed. */
  readonly failed: (error: unknown) => void;
}

/** Where a panel's questions come from: its form, or a file that is read anew each time. */
export class PanelQuestions implements vscode.Disposable {
  private link: SourceLink | null = null;
  private asking = 0;

  constructor(
    private readonly run: PanelRun,
    { asked, ran }: PanelStart,
    private readonly services: QuestionServices,
    private readonly on: QuestionEvents,
  ) {
    if (asked?.source)
      this.tie({ source: asked.source, asked: ran ?? valuesOf(asked), exact: ran === undefined });
  }

  /** The file behind the prompt; null: it is typed in the panel. */
  get source(): QuestionSource | null {
    return this.link?.source ?? null;
  }

  get label(): PromptSourceLabel | null {
    return this.link?.label ?? null;
  }

  /** Asks a question from outside; it takes the place of what the panel asked, but for going on from a run. */
  async ask({ continueFrom, ...question }: AskedQuestion): Promise<void> {
    this.asking += 1;
    const once = continueFrom === undefined ? {} : { continueFrom };
    await this.start(formOf(question, this.services.readSettings()), {}, question, once);
  }

  /**
   * Goes on with the answer of the run that is shown, which its own question was about; the form stays as it is.
   * @throws DexarError `run-missing`
   */
  async goOn(maxNewTokens: number): Promise<void> {
    this.asking += 1;
    const { runs } = this.services;
    const { run } = this;
    const entry = run.shownRunId === null ? undefined : runs.get(run.shownRunId);
    if (!entry) throw runMissing();
    const { image, attribution, ...question } = questionOfRun(entry.saved.info, entry.image, null);
    const once = { ...question, target: null, maxNewTokens, continueFrom: entry.saved.runPath };
    // With the shown run goes the picture it is about.
    run.image = image;
    await run.ask(run.form, undefined, run.asked, { ...once, ...(attribution && { attribution }) });
  }

  /**
   * Asks what the page says. With a file behind the prompt, that is read first, unsaved text too; when it is gone, its
   * last words hold.
   */
  async askAgain(form: AskedForm, attribution?: Partial<AttributionSettings>): Promise<void> {
    const turn = ++this.asking;
    if (this.link === null) return this.run.ask(form, attribution);
    const fresh = await this.readSource();
    if (turn !== this.asking) return;
    const { asked } = this.run;
    if (fresh === null || asked === null) return this.run.ask(form, attribution);
    const settings = this.services.readSettings();
    const typed = formAfterReading(form, formOf(asked, settings), formOf(fresh, settings));
    await this.start(typed, attribution, fresh);
  }

  /** Shows the words in their file. @param beside column of the panel */
  async reveal(beside: vscode.ViewColumn | undefined): Promise<void> {
    if (this.link) await showSource(this.link.source.uri, this.link.place, beside);
  }

  dispose(): void {
    this.asking += 1;
    this.link?.dispose();
    this.link = null;
  }

  private start(
    form: AskedForm,
    attribution: Partial<AttributionSettings> | undefined,
    asked: AskedQuestion,
    once: Partial<AskedQuestion> = {},
  ): Promise<void> {
    if (asked.source)
      this.tie({ source: asked.source, asked: valuesOf(asked), exact: true, image: this.run.image });
    const asking = this.run.ask(form, attribution, asked, once);
    this.on.form();
    return asking.then(() => this.follow(asked));
  }

  /** Its document may have been saved for the first time while it was answered. */
  private follow({ source }: AskedQuestion): void {
    const now = this.source;
    if (source?.uri.scheme === "untitled" && now && now.uri.scheme !== "untitled")
      this.move(source.uri, now.uri);
  }

  private move(from: vscode.Uri, to: vscode.Uri): void {
    this.services.runs.moveSource(from, to).catch((error: unknown) => this.on.failed(error));
  }

  private async readSource(): Promise<AskedQuestion | null> {
    const { asked } = this.run;
    const { link } = this;
    if (link === null || asked === null) return null;
    // A file whose one picture is another one now is still the file of this panel.
    this.run.image = link.otherPicture ?? this.run.image;
    const { image } = this.run;
    const fresh = await readAgain({ ...asked, image, source: link.source }, link.place, this.services.models);
    if (fresh === null) link.lost();
    return fresh;
  }

  private tie(start: LinkStart): void {
    if (this.link) return this.link.readAnew(start);
    this.link = new SourceLink(start, {
      changed: () => this.on.source(),
      saved: () => this.saved(),
      savedAs: (from, to) => this.move(from, to),
    });
  }

  private saved(): void {
    if (!this.services.readSettings().runOnSave || this.link?.isEdited !== true) return;
    this.askAgain(this.run.form).catch((error: unknown) => this.on.failed(error));
  }
}

/** The picture and the file of a question: what makes it the same panel's. */
export function isSamePlace(
  { image, source }: Pick<Question, "image" | "source">,
  place: { readonly image: vscode.Uri; readonly source: QuestionSource | null },
): boolean {
  return (
    image.toString() === place.image.toString() && source?.uri.toString() === place.source?.uri.toString()
  );
}
