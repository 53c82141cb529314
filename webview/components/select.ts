import { element } from "./element.js";

/** A labelled drop-down; `choose` is told the chosen value. */
export function select<V extends string>(
  label: string,
  choices: readonly { readonly value: V; readonly text: string }[],
  start: V,
  choose: (value: V) => void,
): HTMLLabelElement {
  const options = choices.map(({ value, text }) =>
    element("option", { attributes: { value, selected: value === start } }, text),
  );
  const control = element("select", { on: { change: () => choose(control.value as V) } }, ...options);
  return element("label", {}, label, control);
}
