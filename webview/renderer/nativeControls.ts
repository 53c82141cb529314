import type { createElement as createToolkitElement } from "../components/toolkit.js";

/**
 * Stands in for `components/toolkit.ts` in the notebook renderer. The toolkit registers elements and styles for the
 * whole page, which here belongs to the notebook and to other extensions too: the same controls are plain ones.
 */
export const createElement: typeof createToolkitElement = (tag) => {
  const make = CONTROLS[tag];
  // What the callers use of a control (checked, disabled, value, title) is the same.
  return (make ? make() : document.createElement(tag)) as HTMLElementTagNameMap[typeof tag];
};

const CONTROLS: Readonly<Partial<Record<keyof HTMLElementTagNameMap, () => HTMLElement>>> = {
  "vscode-button": () => {
    const button = control("button");
    button.type = "button";
    return button;
  },
  "vscode-dropdown": () => control("select"),
  "vscode-option": () => document.createElement("option"),
  "vscode-checkbox": makeCheckbox,
};

function control<K extends "button" | "select">(tag: K): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  made.className = "control";
  return made;
}

/** A label with its box inside; the box's change events come up to the label. */
function makeCheckbox(): HTMLElement {
  const box = document.createElement("input");
  box.type = "checkbox";
  const label = document.createElement("label");
  label.className = "check";
  label.append(box);
  return Object.defineProperty(label, "checked", {
    get: () => box.checked,
    set: (checked: boolean) => void (box.checked = checked),
  });
}
