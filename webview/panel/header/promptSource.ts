import * as l10n from "@vscode/l10n";
import fileIcon from "@vscode/codicons/src/icons/go-to-file.svg";
import type { PromptSourceLabel } from "../../../src/protocol/panel.js";
import { badge } from "../../components/badge.js";
import { element } from "../../components/element.js";
import { icon } from "../../components/icon.js";
import { linkButton } from "../../components/linkButton.js";

/** Which file the prompt comes from, and whether it asks something else by now. */
export interface PromptSource {
  readonly root: HTMLElement;
  update(source: PromptSourceLabel | null): void;
}

/** Makes the line; a press on the file's name shows the words there. */
export function drawPromptSource(reveal: () => void): PromptSource {
  const link = linkButton("", l10n.t("Show these words in their file"), reveal);
  const name = element("span");
  link.append(icon(fileIcon), name);
  const state = element("span", { attributes: { role: "status" } });
  const root = element("span.prompt-source", { attributes: { hidden: true } }, link, state);
  let shown = "";
  return {
    root,
    update(source) {
      const key = JSON.stringify(source);
      if (key === shown) return;
      shown = key;
      root.hidden = source === null;
      name.textContent = source === null ? "" : l10n.t("Prompt from {0}", source.label);
      state.replaceChildren(...(source?.edited === true ? [drawEdited()] : []));
    },
  };
}

function drawEdited(): HTMLElement {
  const mark = badge(l10n.t("edited since"));
  mark.dataset["state"] = "edited";
  mark.title = l10n.t("The file asks something else now than what is shown here. Run asks what it says.");
  return mark;
}
