import * as l10n from "@vscode/l10n";
import runAllIcon from "@vscode/codicons/src/icons/run-all.svg";
import stopIcon from "@vscode/codicons/src/icons/debug-stop.svg";
import { button } from "../components/button.js";
import { element } from "../components/element.js";
import { drawPromptSource } from "../panel/header/promptSource.js";
import { isAtWork, type GridModel } from "./gridModel.js";
import { summaryText } from "./gridText.js";

/** What a person did in the header. */
export interface GridHeaderEvents {
  readonly runAll: () => void;
  readonly stop: () => void;
  readonly revealSource: () => void;
}

/** The head of the page: file, prompt, how far all pictures are, Run again or Stop. */
export interface GridHeader {
  readonly root: HTMLElement;
  update(model: GridModel): void;
}

/** Makes the header. */
export function drawGridHeader(events: GridHeaderEvents): GridHeader {
  const source = drawPromptSource(events.revealSource);
  const runAll = button(l10n.t("Run again"), { icon: runAllIcon }, events.runAll);
  const stop = button(l10n.t("Stop"), { icon: stopIcon }, events.stop);
  const prompt = element("h1.prompt-text");
  const target = element("p.note");
  const summary = element("p.summary", { attributes: { role: "status" } });
  const root = element(
    "header",
    {},
    element("div.grid-row", {}, source.root, element("div.grid-tools", {}, runAll, stop)),
    prompt,
    target,
    summary,
  );
  return {
    root,
    update(model) {
      const { file, cards } = model;
      const atWork = isAtWork(model);
      const hadFocus = root.contains(document.activeElement);
      source.update(file);
      runAll.hidden = atWork;
      stop.hidden = !atWork;
      // The button that was pressed gives way to the other one.
      if (hadFocus && document.activeElement === document.body) (atWork ? stop : runAll).focus();
      prompt.hidden = file.prompt === "";
      setText(prompt, file.prompt);
      target.hidden = file.target === null;
      setText(target, l10n.t("Explains the answer: {0}", file.target ?? ""));
      setText(summary, cards.length === 0 ? "" : summaryText(model));
    },
  };
}

/** Sets a text only when it is another one: a status is read out at each change. */
function setText(node: HTMLElement, text: string): void {
  if (node.textContent !== text) node.textContent = text;
}
