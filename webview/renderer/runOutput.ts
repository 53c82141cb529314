import { readRunOutput } from "../../src/core/run/runOutput.js";
import type { PanelPreferences } from "../../src/protocol/panel.js";
import { element } from "../components/element.js";
import { describeFailure, drawFailure } from "../panel/states/failure.js";
import type { PageChange } from "../panel/store.js";
import { keepPage, keptOptions, keptSelection, preferredOptions } from "../panel/viewState.js";
import type { ExtensionLink } from "./extensionLink.js";
import type { OutputItem } from "./notebookPage.js";
import { openOutputView, type OutputView } from "./outputView.js";
import css from "./renderer.css";

/** Height before anything is drawn: about what most runs take, so that a notebook does not jump. */
const FIRST_HEIGHT = 530;

/** What a person had chosen, and of which run: of another one only the view options are taken over. */
interface KeptView {
  readonly runId: string;
  readonly page: unknown;
}

let sheet: CSSStyleSheet | null = null;

/** One style sheet for all outputs, in their shadow roots: nothing of it reaches the rest of the page. */
function sharedSheet(): CSSStyleSheet {
  if (sheet) return sheet;
  sheet = new CSSStyleSheet();
  sheet.replaceSync(css);
  return sheet;
}

/** A run in one output. At rest it is an empty box of its last height; what a person had chosen comes back. */
export class RunOutput {
  readonly root = element("div");
  private readonly shadow = this.root.attachShadow({ mode: "open" });
  private view: OutputView | null = null;
  private opening: Promise<void> | null = null;
  private kept: KeptView | null;
  private runId = "";
  private disposed = false;

  /** @param before the output that this one takes the place of */
  constructor(
    private readonly item: OutputItem,
    private readonly link: ExtensionLink,
    private readonly preferences: PanelPreferences | null,
    before: RunOutput | undefined,
  ) {
    this.kept = before?.kept ?? null;
    this.shadow.adoptedStyleSheets = [sharedSheet()];
    this.root.style.minHeight = `${FIRST_HEIGHT}px`;
    // Keys that mean something here are not also the notebook's.
    this.shadow.addEventListener("keydown", (event) => {
      if (event.defaultPrevented) event.stopPropagation();
    });
  }

  /** Draws the run, if it is not drawn. */
  show(): Promise<void> {
    this.opening ??= this.open().catch((error: unknown) => {
      if (!this.disposed)
        this.fill(drawFailure({ error: describeFailure(error), actions: [] }, () => undefined));
    });
    return this.opening;
  }

  /** Lets go of everything that is drawn, and of the data; not while a person works in it. */
  rest(): void {
    if (!this.view || this.shadow.activeElement) return;
    this.root.style.minHeight = `${this.root.offsetHeight}px`;
    this.close();
  }

  dispose(): void {
    this.disposed = true;
    this.close();
    this.root.remove();
  }

  private async open(): Promise<void> {
    const { runId, data } = await readRunOutput(this.item.text());
    const start: PageChange = {
      ...(this.preferences ? preferredOptions(this.preferences) : {}),
      ...keptOptions(this.kept?.page),
      ...(this.kept?.runId === runId ? keptSelection(this.kept.page, data) : {}),
    };
    const view = await openOutputView({ runId, data, start, link: this.link, preferences: this.preferences });
    if (this.disposed) return view.free();
    this.view = view;
    this.runId = runId;
    this.fill(view.root);
  }

  private fill(content: HTMLElement): void {
    this.shadow.replaceChildren(content);
    this.root.style.minHeight = "";
  }

  private close(): void {
    if (this.view) {
      const { state, data } = this.view.store;
      this.kept = { runId: this.runId, page: keepPage(state, data) };
      this.view.free();
    }
    this.view = null;
    this.opening = null;
    this.shadow.replaceChildren();
  }
}
