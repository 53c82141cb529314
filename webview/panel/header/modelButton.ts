import * as l10n from "@vscode/l10n";
import type { ModelStatus } from "../../../src/protocol/panel.js";
import { badge } from "../../components/badge.js";
import { element } from "../../components/element.js";
import { formatBytes } from "./quantities.js";

/** The model, where and how it runs; a press opens its menu. */
export interface ModelButton {
  readonly root: HTMLElement;
  update(model: ModelStatus): void;
}

/** Makes the button. */
export function drawModelButton(openMenu: () => void): ModelButton {
  const root = element("button.model", {
    attributes: { type: "button", title: l10n.t("Model: start, stop, choose another") },
    on: { click: openMenu },
  });
  return {
    root,
    update(model) {
      const state = badge(stateText(model.state));
      state.dataset["state"] = model.state;
      const facts = [
        model.dtype === null ? model.device : l10n.t("{0} on {1}", model.dtype, model.device),
        ...(model.memory === null ? [] : [formatBytes(model.memory)]),
      ].map((fact) => element("span", {}, fact));
      root.replaceChildren(element("strong", {}, model.name), ...facts, state);
    },
  };
}

function stateText(state: ModelStatus["state"]): string {
  const texts: Readonly<Record<ModelStatus["state"], () => string>> = {
    stopped: () => l10n.t("not started"),
    starting: () => l10n.t("starting"),
    loading: () => l10n.t("loading"),
    ready: () => l10n.t("ready"),
    busy: () => l10n.t("at work"),
    failed: () => l10n.t("failed"),
  };
  return texts[state]();
}
