/** Saves a little after the last change, and at once when the page goes. */
export interface Keeper {
  changed(): void;
}

const DELAY = 50;

/** Makes a keeper of the page's state. */
export function keeper(save: () => void): Keeper {
  let timer: number | undefined;
  const saveNow = (): void => {
    if (timer === undefined) return;
    window.clearTimeout(timer);
    timer = undefined;
    save();
  };
  window.addEventListener("pagehide", saveNow);
  return {
    changed() {
      window.clearTimeout(timer);
      timer = window.setTimeout(saveNow, DELAY);
    },
  };
}
