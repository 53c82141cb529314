import type { Frame, Page } from "playwright-core";

/** Milliseconds since 1970 at which something was first to be seen, to the fraction: comparable between frames. */
type Moment = number;

/** Notes when the next click happens, as the window itself sees it. */
export async function watchClick(page: Page): Promise<() => Promise<Moment>> {
  await page.evaluate(() => {
    addEventListener(
      "pointerdown",
      () => Object.assign(window, { benchClick: performance.timeOrigin + performance.now() }),
      { once: true, capture: true },
    );
  });
  return () => page.evaluate(() => (window as unknown as { benchClick: number }).benchClick);
}

/** When the editor of a cell with these words was drawn. */
export async function cellShown(page: Page, words: string): Promise<Moment> {
  const handle = await page.waitForFunction(
    (text) => {
      const lines = [...document.querySelectorAll(".notebookOverlay .view-line")];
      const there = lines.some((line) => line.textContent.replaceAll("\u00a0", " ").includes(text));
      return there && performance.timeOrigin + performance.now();
    },
    words,
    { polling: "raf" },
  );
  return Number(await handle.jsonValue());
}

/**
 * When a run was drawn in the outputs' page, which is as high as the whole notebook.
 * @param from share of that height above which no run counts
 */
export async function runShown(frame: Frame, from = 0): Promise<Moment> {
  const handle = await frame.waitForFunction(
    (share) => {
      const lowest = share * document.documentElement.scrollHeight;
      const drawn = [...document.querySelectorAll(".output_container *")].some(
        (host) =>
          host.shadowRoot?.querySelector("canvas.map") &&
          host.getBoundingClientRect().top + scrollY >= lowest,
      );
      return drawn && performance.timeOrigin + performance.now();
    },
    from,
    { polling: "raf", timeout: 60_000 },
  );
  return Number(await handle.jsonValue());
}

/** The page in which the outputs of the notebook are drawn. */
export async function outputFrame(page: Page): Promise<Frame> {
  for (;;) {
    for (const frame of page.frames()) {
      const found = await frame
        .evaluate(
          () => document.querySelector("#container .output_container, #container .cell_container") !== null,
        )
        .catch(() => false);
      if (found) return frame;
    }
    await page.waitForTimeout(5);
  }
}

/** Notes the time between frames until it is asked for them, in milliseconds. */
export async function watchFrames(frame: Frame): Promise<() => Promise<number[]>> {
  await frame.evaluate(() => {
    const gaps: number[] = [];
    Object.assign(window, { benchGaps: gaps });
    let last = performance.now();
    // A method and no function with a name: tsx gives those a helper that the page does not have.
    const loop = {
      next(now: number): void {
        gaps.push(now - last);
        last = now;
        if ((window as unknown as { benchGaps: unknown }).benchGaps === gaps)
          requestAnimationFrame((then) => loop.next(then));
      },
    };
    requestAnimationFrame((now) => loop.next(now));
  });
  return () =>
    frame.evaluate(() => {
      const { benchGaps } = window as unknown as { benchGaps: number[] };
      Object.assign(window, { benchGaps: [] });
      return benchGaps;
    });
}
