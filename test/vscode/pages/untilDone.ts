import type { Page } from "playwright-core";

/** How long to wait for what may not come; as long as the page always does when empty. */
export interface Patience {
  readonly timeout?: number;
}

/**
 * Does what a person would try again: opens a list and picks from it, points at something that shows its tools. A
 * list that is open does not learn of what extensions add later, a key can get lost while the focus moves into a
 * page, and what is drawn anew is no longer pointed at.
 */
export async function untilDone<T>(page: Page, act: (patience: Patience) => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await act({ timeout: 3000 });
    } catch (error) {
      if (attempt === 8) throw error;
      await page.keyboard.press("Escape");
    }
  }
}
