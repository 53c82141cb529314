import * as l10n from "@vscode/l10n";
import continueIcon from "@vscode/codicons/src/icons/debug-continue.svg";
import playIcon from "@vscode/codicons/src/icons/play.svg";
import stopIcon from "@vscode/codicons/src/icons/debug-stop.svg";
import type { PromptForm, PromptSourceLabel } from "../../../src/protocol/panel.js";
import { button } from "../../components/button.js";
import { element } from "../../components/element.js";
import { drawFormFields, type Draft } from "./formFields.js";
import { drawPromptSource } from "./promptSource.js";

/** What the form tells. */
export interface FormEvents {
  readonly run: (draft: Draft) => void;
  readonly stop: () => void;
  /** Go on with the answer that is shown. */
  readonly goOn: (maxNewTokens: number) => void;
  /** Something was typed. */
  readonly change: () => void;
  readonly revealSource: () => void;
}

/** What to ask the model, and Run or Stop. */
export interface PromptFormView {
  readonly root: HTMLElement;
  readonly draft: Draft;
  setBusy(busy: boolean): void;
  /** Whether an answer is shown that can be gone on with. */
  setAnswered(answered: boolean): void;
  /** Another question is asked here: what was typed gives way to it. */
  setForm(form: PromptForm): void;
  setSource(source: PromptSourceLabel | null): void;
  readonly focus: () => void;
}

/** Makes the form. @param draft what was typed before and not run */
export function drawPromptForm(start: PromptForm, draft: Draft | null, events: FormEvents): PromptFormView {
  let busy = false;
  let answered = false;
  const fields = drawFormFields(start, () => {
    runButton.disabled = goOnButton.disabled = !fields.right;
    events.change();
  });
  fields.fill(draft ?? start, start.source !== null);
  const run = (): void => {
    if (!busy && fields.right) events.run(fields.draft);
  };
  const runButton = button(
    l10n.t("Run"),
    { icon: playIcon, primary: true, title: l10n.t("Run (Ctrl+Enter)") },
    run,
  );
  const stopButton = button(l10n.t("Stop"), { icon: stopIcon }, events.stop);
  const goOnButton = drawGoOn(() => events.goOn(fields.draft.maxNewTokens));
  const source = drawPromptSource(events.revealSource);
  source.update(start.source);
  const root = element(
    "div.prompt-form",
    { attributes: { role: "form", "aria-label": l10n.t("What to ask") } },
    element("div.prompt-row", {}, fields.prompt, element("div.run", {}, runButton, stopButton, goOnButton)),
    element("div.form-row", {}, source.root, ...fields.options),
  );
  root.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    run();
  });
  const setBusy = (now: boolean): void => {
    busy = now;
    runButton.hidden = now;
    stopButton.hidden = !now;
    goOnButton.hidden = now || !answered;
  };
  setBusy(false);
  return {
    root,
    get draft() {
      return fields.draft;
    },
    setBusy,
    setAnswered(now) {
      answered = now;
      setBusy(busy);
    },
    setForm(form) {
      fields.fill(form, form.source !== null);
      runButton.disabled = goOnButton.disabled = !fields.right;
      source.update(form.source);
    },
    setSource: (label) => source.update(label),
    focus: fields.focus,
  };
}

function drawGoOn(goOn: () => void): ReturnType<typeof button> {
  const title = l10n.t("Go on with this answer: as many more tokens as Max tokens says");
  return button(l10n.t("Continue"), { icon: continueIcon, title }, goOn);
}
