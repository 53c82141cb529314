import * as l10n from "@vscode/l10n";
import type { RunInfo } from "../../../src/core/run/types.js";
import { element } from "../../components/element.js";
import type { PanelModel } from "../panelModel.js";
import { isBusy } from "../panelModel.js";
import { generationFacts } from "./generationFacts.js";
import { drawModelButton } from "./modelButton.js";
import { drawProgressLine } from "./progressLine.js";
import type { Draft } from "./formFields.js";
import { drawPromptForm, type FormEvents, type PromptFormView } from "./promptForm.js";
import { drawNotes, imageFacts, runNotes } from "./runFacts.js";

/** What the header tells. */
export interface HeaderEvents extends FormEvents {
  readonly openModelMenu: () => void;
}

/** The head of the panel: model, form, progress, warnings. */
export interface Header {
  readonly root: HTMLElement;
  readonly form: PromptFormView;
  /** @param info of the run that is shown */
  update(model: PanelModel, info: RunInfo | null): void;
}

/** Makes the header. @param draft what was typed before and not run */
export function drawHeader(
  model: PanelModel,
  draft: Draft | null,
  tools: readonly Node[],
  events: HeaderEvents,
): Header {
  const modelButton = drawModelButton(events.openModelMenu);
  const form = drawPromptForm(model.form, draft, events);
  const progress = drawProgressLine();
  const title = element("h1.visually-hidden");
  const facts = element("div.facts");
  const notes = element("div.notes");
  const root = element(
    "header",
    {},
    title,
    element("div.header-row", {}, modelButton.root, facts, element("div.tools", {}, ...tools)),
    form.root,
    progress.root,
    notes,
  );
  let shown = "";
  return {
    root,
    form,
    update(next, info) {
      modelButton.update(next.model);
      form.setBusy(isBusy(next));
      form.setAnswered(next.finished !== null);
      form.setSource(next.form.source);
      progress.update(next);
      title.textContent = l10n.t("Explanation of {0}", next.form.imageName);
      const lines = info && !isBusy(next) ? runNotes(info) : [];
      const { imageName } = next.form;
      // Every token comes through here; what is said about the run as a whole changes at its ends only.
      const other = info === null ? null : otherModel(info, next);
      const key = JSON.stringify([imageName, info?.id, other, lines]);
      if (key === shown) return;
      shown = key;
      facts.replaceChildren(
        ...(other === null ? [] : [element("span.made-with", {}, l10n.t("made with {0}", other))]),
        ...(info ? [...imageFacts(info), ...generationFacts(info)] : [element("span.name", {}, imageName)]),
      );
      notes.replaceChildren(...drawNotes(lines));
    },
  };
}

/** The model of a run where the window has another one loaded by now; a downloaded one has its owner before its name. */
function otherModel({ model }: RunInfo, now: PanelModel): string | null {
  const short = (name: string): string => name.slice(name.lastIndexOf("/") + 1);
  return short(model.name) === short(now.model.name) ? null : model.name;
}
