/** Draws at most once a frame and only where it can be seen; what is hidden is drawn when it appears. */
export function drawInFrame(root: HTMLElement, draw: () => void): () => void {
  let asked = false;
  let stale = true;
  const run = (): void => {
    asked = false;
    if (!stale || root.clientWidth === 0) return;
    stale = false;
    draw();
  };
  const ask = (): void => {
    if (!asked) requestAnimationFrame(run);
    asked = true;
  };
  let width = -1;
  new ResizeObserver(() => {
    if (root.clientWidth === width) return;
    width = root.clientWidth;
    stale = true;
    ask();
  }).observe(root);
  return () => {
    stale = true;
    ask();
  };
}
