import { element } from "./element.js";

/** A button that reads like a link: text that leads somewhere. */
export function linkButton(text: string, title: string, press: () => void): HTMLButtonElement {
  return element("button.link", { attributes: { type: "button", title }, on: { click: press } }, text);
}
