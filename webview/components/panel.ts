import { element } from "./element.js";

let panels = 0;

/** A titled part of the page: a heading with room for controls beside it, then the content. */
export function panel(title: string, controls: readonly Node[], ...content: readonly Node[]): HTMLElement {
  const heading = element("h2", {}, title);
  heading.id = `panel-${++panels}`;
  return element(
    "section.panel",
    { attributes: { "aria-labelledby": heading.id } },
    element("div.head", {}, heading, ...controls),
    ...content,
  );
}
