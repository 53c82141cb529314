import { createElement } from "./toolkit.js";

type Listeners = { readonly [K in keyof HTMLElementEventMap]?: (event: HTMLElementEventMap[K]) => void };

/** Attributes and listeners of a new element; an attribute that is `undefined` or `false` is left out. */
export interface ElementOptions {
  readonly attributes?: Readonly<Record<string, string | number | boolean | undefined>>;
  readonly on?: Listeners;
}

type Child = Node | string;

/** Makes an HTML element; `name` may carry classes (`button.chip.small`). */
export function element<K extends keyof HTMLElementTagNameMap>(
  name: K | `${K}.${string}`,
  options: ElementOptions = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[K] {
  const [tag, ...classes] = name.split(".") as [K, ...string[]];
  const node = createElement(tag);
  if (classes.length > 0) node.className = classes.join(" ");
  setAttributes(node, options.attributes ?? {});
  for (const [type, listener] of Object.entries(options.on ?? {})) {
    node.addEventListener(type, listener as EventListener);
  }
  node.append(...children);
  return node;
}

/** Makes an SVG element. */
export function svgElement<K extends keyof SVGElementTagNameMap>(
  tag: K,
  attributes: NonNullable<ElementOptions["attributes"]> = {},
  ...children: readonly Child[]
): SVGElementTagNameMap[K] {
  const node = document.createElementNS("http://www.w3.org/2000/svg", tag);
  setAttributes(node, attributes);
  node.append(...children);
  return node;
}

function setAttributes(node: Element, attributes: NonNullable<ElementOptions["attributes"]>): void {
  for (const [key, value] of Object.entries(attributes)) {
    if (value === undefined || value === false) continue;
    node.setAttribute(key, value === true ? "" : String(value));
  }
}
