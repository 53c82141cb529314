import { element } from "./element.js";
import type { Dropdown } from "./toolkit.js";

/** A labelled drop-down; `set` shows another value without telling anyone. */
export type Select<V extends string> = HTMLElement & { set(value: V): void };

/** Makes a labelled drop-down; `choose` is told the chosen value. */
export function select<V extends string>(
  label: string,
  choices: readonly { readonly value: V; readonly text: string }[],
  start: V,
  choose: (value: V) => void,
): Select<V> {
  const options = choices.map(({ value, text }) =>
    element("vscode-option", { attributes: { value, selected: value === start } }, text),
  );
  const control: Dropdown = element(
    "vscode-dropdown",
    { attributes: { "aria-label": label }, on: { change: () => choose(control.value as V) } },
    ...options,
  );
  const name = element("span", { attributes: { "aria-hidden": "true" } }, label);
  let shown = start;
  return Object.assign(element("span.labelled", {}, name, control), {
    set(value: V) {
      if (value === shown) return;
      // The control goes back to the option with the attribute when it is moved in the document.
      choices.forEach((choice, index) => options[index]?.toggleAttribute("selected", choice.value === value));
      control.value = shown = value;
    },
  });
}
