import type { Store } from "./store.js";

/** A part that was behind another tab is drawn a few frames after it is seen. */
const MOST_FRAMES = 30;

/** Brings a word of the prompt into sight and gives it the focus, so that its numbers are read out. */
export function showWord(store: Store, page: HTMLElement, position: number): void {
  store.set({ tab: "prompt", position });
  let frames = 0;
  const focus = (): void => {
    const word = page.querySelector<HTMLElement>(`.prompt-words [data-position="${position}"]`);
    if (word?.offsetParent) word.focus();
    else if (++frames < MOST_FRAMES) requestAnimationFrame(focus);
  };
  requestAnimationFrame(focus);
}
