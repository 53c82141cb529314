/**
 * Draws at most once a frame, with the room's width, and only where it can be seen; what is hidden is drawn when it
 * appears. What is asked for comes a frame later than the map on the picture, which must not wait for it.
 */
export function drawInFrame(root: HTMLElement, draw: (width: number) => void): () => void {
  let asked = false;
  let stale = true;
  // As observed: asking the page for it here would make it lay out everything between two drawings.
  let width = 0;
  const run = (): void => {
    asked = false;
    if (!stale || width === 0) return;
    stale = false;
    draw(width);
  };
  new ResizeObserver((entries) => {
    const now = Math.round(entries.at(-1)?.contentRect.width ?? 0);
    if (now === width) return;
    width = now;
    stale = true;
    requestAnimationFrame(run);
  }).observe(root);
  return () => {
    stale = true;
    if (!asked) requestAnimationFrame(() => requestAnimationFrame(run));
    asked = true;
  };
}
