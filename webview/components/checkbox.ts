import { element } from "./element.js";
import type { Checkbox } from "./toolkit.js";

/** A labelled tick box; `choose` is told whether it is ticked. Set its `checked` to change it from outside. */
export function checkbox(label: string, start: boolean, choose: (checked: boolean) => void): Checkbox {
  const made = element("vscode-checkbox", { on: { change: () => choose(made.checked) } }, label);
  made.checked = start;
  return made;
}
