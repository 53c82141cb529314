import { element } from "./element.js";

/** One of several parts of which one is seen at a time. */
export interface Tab<I extends string> {
  readonly id: I;
  readonly text: string;
  readonly content: Node;
}

/** A row of tabs with the chosen one's content below. */
export interface Tabs<I extends string> {
  readonly root: HTMLElement;
  set(id: I): void;
}

/** Makes tabs; `choose` is told which one a person opened. */
export function tabs<I extends string>(
  label: string,
  parts: readonly Tab<I>[],
  start: I,
  choose: (id: I) => void,
): Tabs<I> {
  const idOf = (part: I): string => `tab-${part}`;
  const root = element(
    "vscode-panels",
    {
      attributes: { activeid: idOf(start), "aria-label": label },
      on: {
        change: (event) => {
          const chosen = parts.find(({ id }) => idOf(id) === root.activeid);
          if (event.target === root && chosen) choose(chosen.id);
        },
      },
    },
    ...parts.map(({ id, text }) => element("vscode-panel-tab", { attributes: { id: idOf(id) } }, text)),
    ...parts.map(({ id, content }) =>
      element("vscode-panel-view", { attributes: { id: `view-${id}` } }, content),
    ),
  );
  return {
    root,
    set(id) {
      if (root.activeid !== idOf(id)) root.activeid = idOf(id);
    },
  };
}
