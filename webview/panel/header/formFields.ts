import * as l10n from "@vscode/l10n";
import type { PanelViewState, PromptForm } from "../../../src/protocol/panel.js";
import { checkbox } from "../../components/checkbox.js";
import { element } from "../../components/element.js";
import { textArea, textField } from "../../components/textField.js";

/** What can be changed in the form. */
export type Draft = NonNullable<PanelViewState["draft"]>;

/** The fields of the form. */
export interface FormFields {
  readonly prompt: HTMLElement;
  /** Forced answer, token limit, live. */
  readonly options: readonly HTMLElement[];
  /** False while a field holds what cannot be sent. */
  readonly right: boolean;
  readonly draft: Draft;
  /** Puts other values in; nobody is told. @param fixed the prompt cannot be typed here */
  fill(draft: Draft, fixed: boolean): void;
  readonly focus: () => void;
}

const MAX_TOKENS = 100_000;

/** Makes the fields; `change` is called when something was typed. */
export function drawFormFields(start: PromptForm, change: () => void): FormFields {
  const prompt = textArea(
    l10n.t("Prompt"),
    { value: start.prompt, placeholder: l10n.t("What to ask about the picture") },
    change,
  );
  const target = textArea(
    l10n.t("Answer to explain"),
    { value: start.target ?? "", placeholder: l10n.t("Empty: the model answers by itself") },
    change,
  );
  const length = textField(l10n.t("Max tokens"), { value: String(start.maxNewTokens) }, () => {
    markLength();
    change();
  });
  length.classList.add("length");
  const markLength = (): void => void length.toggleAttribute("data-wrong", readLength(length.value) === null);
  const live = checkbox(l10n.t("Explain live"), start.live, change);
  live.title = l10n.t("Explain each token as it appears instead of 32 at once; slower");
  const forced = element(
    "details.forced",
    {},
    element("summary", {}, l10n.t("Force an answer")),
    target.root,
  );
  return {
    prompt: prompt.root,
    options: [forced, element("span.pair", {}, length, live)],
    get right() {
      return readLength(length.value) !== null;
    },
    get draft() {
      return {
        prompt: prompt.root.value,
        target: target.root.value === "" ? null : target.root.value,
        maxNewTokens: readLength(length.value) ?? start.maxNewTokens,
        live: live.checked,
      };
    },
    fill(draft, fixed) {
      prompt.set(draft.prompt);
      prompt.root.readOnly = fixed;
      target.set(draft.target ?? "");
      if (draft.target !== null) forced.open = true;
      length.value = String(draft.maxNewTokens);
      live.checked = draft.live;
      markLength();
    },
    focus: () => prompt.root.shadowRoot?.querySelector("textarea")?.focus(),
  };
}

function readLength(text: string): number | null {
  const value = Number(text);
  return Number.isInteger(value) && value >= 1 && value <= MAX_TOKENS ? value : null;
}
