import { element } from "./element.js";

/** A short fact in a rounded frame. (The toolkit's badge sets a style attribute, which the page's policy forbids.) */
export function badge(text: string): HTMLElement {
  return element("span.badge", {}, text);
}
