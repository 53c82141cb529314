import type { PanelCommand } from "../../src/protocol/panel.js";
import type { Store } from "./store.js";

type ViewCommand = Extract<PanelCommand, "nextToken" | "previousToken" | "wholeAnswer" | "resetFilter">;

/** Does what a command of the editor asks of a run's view. */
export function obey(store: Store, command: ViewCommand): void {
  const { selected } = store.state;
  const last = store.data.info.tokens.length - 1;
  switch (command) {
    case "nextToken":
      return select(store, selected === null ? 0 : Math.min(last, selected + 1));
    case "previousToken":
      return select(store, selected === null || selected === 0 ? null : selected - 1);
    case "wholeAnswer":
      return select(store, null);
    case "resetFilter":
      return store.set({ settings: store.data.info.settings, whatIf: null });
  }
}

function select(store: Store, selected: number | null): void {
  store.set({ selected: selected === null || selected < 0 ? null : selected, previewed: undefined });
}
