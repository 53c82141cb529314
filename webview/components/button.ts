import { element } from "./element.js";
import { icon } from "./icon.js";
import type { Button } from "./toolkit.js";

/** How a button looks; `icon` is the text of a codicon. */
export interface ButtonOptions {
  readonly icon?: string;
  readonly primary?: boolean;
  readonly title?: string;
}

/** A button with words; secondary unless `primary`. Set its `disabled` to switch it off. */
export function button(text: string, options: ButtonOptions, press: () => void): Button {
  const made = element(
    "vscode-button",
    {
      attributes: { appearance: options.primary ? "primary" : "secondary", title: options.title },
      on: { click: press },
    },
    text,
  );
  if (options.icon !== undefined) {
    const drawn = icon(options.icon);
    drawn.setAttribute("slot", "start");
    made.prepend(drawn);
  }
  return made;
}

/** A button that is only an icon; `label` is its name and tooltip. `data-pressed` marks a toggle that is on. */
export function iconButton(source: string, label: string, press: () => void): Button {
  return element(
    "vscode-button",
    { attributes: { appearance: "icon", "aria-label": label, title: label }, on: { click: press } },
    icon(source),
  );
}
