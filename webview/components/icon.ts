/** An inline icon from the text of a codicon (`import play from "@vscode/codicons/src/icons/play.svg"`). */
export function icon(source: string): SVGElement {
  const parsed = new DOMParser().parseFromString(source, "image/svg+xml").documentElement;
  const drawn = document.importNode(parsed, true) as unknown as SVGElement;
  drawn.setAttribute("aria-hidden", "true");
  drawn.classList.add("icon");
  return drawn;
}
