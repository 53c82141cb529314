import { element } from "./element.js";
import { iconButton } from "./button.js";

/** One line of a menu. */
export interface MenuItem {
  readonly text: string;
  readonly choose: () => void;
}

/**
 * An icon button that opens a list of commands: arrow keys walk, Enter chooses, Escape or a click elsewhere closes.
 * @param source text of a codicon
 */
export function menu(source: string, label: string, items: readonly MenuItem[]): HTMLElement {
  const entries = items.map(({ text, choose }) =>
    element(
      "button.menu-item",
      {
        attributes: { type: "button", role: "menuitem", tabindex: -1 },
        on: {
          click: () => {
            show(false);
            choose();
          },
        },
      },
      text,
    ),
  );
  const list = element(
    "div.menu-list",
    { attributes: { role: "menu", "aria-label": label, hidden: true } },
    ...entries,
  );
  const opener = iconButton(source, label, () => show(list.hidden !== false));
  opener.setAttribute("aria-haspopup", "menu");
  const show = (open: boolean): void => {
    list.hidden = !open;
    opener.setAttribute("aria-expanded", String(open));
    (open ? entries[0] : opener)?.focus();
  };
  opener.setAttribute("aria-expanded", "false");
  const root = element("div.menu", {}, opener, list);
  list.addEventListener("keydown", (event) => {
    const present = entries.findIndex((entry) => entry.matches(":focus"));
    const next = nextEntry(event.key, present, entries.length);
    if (next !== null) entries[next]?.focus();
    else if (event.key === "Escape") show(false);
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
  root.addEventListener("focusout", (event) => {
    const to = event.relatedTarget;
    if (to instanceof Node && root.contains(to)) return;
    list.hidden = true;
    opener.setAttribute("aria-expanded", "false");
  });
  return root;
}

function nextEntry(key: string, present: number, count: number): number | null {
  switch (key) {
    case "ArrowDown":
      return (present + 1) % count;
    case "ArrowUp":
      return (present - 1 + count) % count;
    case "Home":
      return 0;
    case "End":
      return count - 1;
    default:
      return null;
  }
}
