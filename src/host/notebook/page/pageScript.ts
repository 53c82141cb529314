/** What makes the page's runs interactive: the notebook renderer and the colours it needs outside the editor. */
export interface PageAssets {
  /** `dist/renderer.js`, an ES module. */
  readonly renderer: string;
  /** `dist/panel.css`; only its colours are used. */
  readonly styles: string;
}

/**
 * Draws each run with the renderer over its still picture. Where that fails (an old browser) the still picture stays.
 * The page's policy knows this very text.
 */
export const PAGE_SCRIPT = `
const read = (id) => document.getElementById(id).textContent;
const code = new Blob([JSON.parse(read("renderer"))], { type: "text/javascript" });
const { activate } = await import(URL.createObjectURL(code));
const renderer = await activate({});
for (const place of document.querySelectorAll("[data-run]")) {
  const id = place.dataset.run;
  renderer.renderOutputItem({ id, text: () => read(id) }, place);
}
`;

/** Data for the script, as an element that is not shown. */
export function dataElement(id: string, json: string): string {
  return `<script type="application/json" id="${id}">${json.replaceAll("<", "\\u003c")}</script>`;
}

/** The rules that only set the colours of the default themes: those of `:root` in the panel's styles. */
export function themeColours(styles: string): string {
  return [...styles.matchAll(/:root\s*\{[^}]*\}/g)].map(([rule]) => rule).join("\n");
}
