/** Time until the page says again that it is there; doubled each time. Milliseconds. */
const FIRST_WAIT = 2000;

/**
 * Says that the page is ready, and says it again until it was answered: the editor can lose messages while it moves a
 * page to another column or window.
 * @returns to be called at the first answer
 */
export function sayReady(say: () => void): () => void {
  let timer: ReturnType<typeof setTimeout>;
  const sayAndWait = (wait: number): void => {
    say();
    timer = setTimeout(() => sayAndWait(2 * wait), wait);
  };
  sayAndWait(FIRST_WAIT);
  return () => clearTimeout(timer);
}
