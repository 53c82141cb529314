import { element } from "./element.js";
import "./toolkit.js";

/** A ring that turns while something is at work; with `label` it has a name of its own. */
export function progressRing(label?: string): HTMLElement {
  const hidden = label === undefined;
  return element("vscode-progress-ring", {
    attributes: { "aria-label": label, "aria-hidden": hidden ? "true" : undefined },
  });
}
