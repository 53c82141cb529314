import * as l10n from "@vscode/l10n";
import errorIcon from "@vscode/codicons/src/icons/error.svg";
import { DexarError } from "../../../src/core/errors.js";
import { serializeError, type SerializedError } from "../../../src/core/serializedError.js";
import type { PanelAction, ShownFailure } from "../../../src/protocol/panel.js";
import { button } from "../../components/button.js";
import { element } from "../../components/element.js";
import { icon } from "../../components/icon.js";

/** A failure: what happened, what to do, and buttons that do it. */
export function drawFailure(failure: ShownFailure, act: (action: PanelAction["id"]) => void): HTMLElement {
  const { error, actions } = failure;
  const buttons = actions.map(({ id, label }, index) =>
    button(label, { primary: index === 0 }, () => act(id)),
  );
  return element(
    "div.failure",
    { attributes: { role: "alert", "data-code": error.code } },
    icon(errorIcon),
    element(
      "div.failure-text",
      {},
      element("p", {}, element("strong", {}, error.message)),
      element("p", {}, error.nextStep),
      element("p.note", {}, l10n.t("Code: {0}", error.code)),
      ...(buttons.length > 0 ? [element("div.actions", {}, ...buttons)] : []),
    ),
  );
}

/** A failure inside the page as it is shown. */
export function describeFailure(error: unknown): SerializedError {
  if (error instanceof DexarError) return serializeError(error);
  return {
    code: "page-failure",
    message: l10n.t(
      "The page met an unexpected failure: {0}",
      error instanceof Error ? error.message : String(error),
    ),
    nextStep: l10n.t("Close the panel and open the run again from the Runs view."),
  };
}
