import type { Page } from "playwright-core";

/**
 * Resolves when the page has drawn what was asked for: nothing in it changed for some frames in a row. Pages draw in
 * the frames after a change, and charts in those after they are seen; no time is long enough for that on a busy
 * machine.
 */
export function settled(page: Page): Promise<void> {
  return page.evaluate(async () => {
    const QUIET_FRAMES = 3;
    let quiet = 0;
    const observer = new MutationObserver(() => (quiet = 0));
    const observe = (root: Document | ShadowRoot): void => {
      observer.observe(root, { subtree: true, childList: true, attributes: true, characterData: true });
      for (const { shadowRoot } of root.querySelectorAll("*")) if (shadowRoot) observe(shadowRoot);
    };
    observe(document);
    for (; quiet < QUIET_FRAMES; quiet++)
      await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
    observer.disconnect();
  });
}
