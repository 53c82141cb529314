import * as l10n from "@vscode/l10n";
import compareIcon from "@vscode/codicons/src/icons/git-compare.svg";
import type { FromPanel } from "../../src/protocol/panel.js";
import { iconButton } from "../components/button.js";
import type { PanelHost } from "./panelHost.js";
import type { Store } from "./store.js";

/** The button that compares the shown run, or its pinned token, with another; null where there is nobody to ask. */
export function drawCompareButton(
  host: PanelHost,
  shown: () => Store | null,
  nothing: () => void,
): HTMLElement | null {
  if (!host.can.run) return null;
  return iconButton(compareIcon, l10n.t("Compare with…"), () => {
    const store = shown();
    if (store) host.send({ kind: "compare", token: pinnedToken(store) });
    else nothing();
  });
}

function pinnedToken({ data, state }: Store): Extract<FromPanel, { kind: "compare" }>["token"] {
  const token = state.selected === null ? undefined : data.info.tokens[state.selected];
  return state.selected === null || !token ? null : { index: state.selected, text: token.text };
}
