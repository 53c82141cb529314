import * as l10n from "@vscode/l10n";
import pause from "@vscode/codicons/src/icons/debug-pause.svg";
import play from "@vscode/codicons/src/icons/play.svg";
import { iconButton } from "../components/button.js";
import { icon } from "../components/icon.js";
import type { Store } from "./store.js";

/** Milliseconds per token; longer where a person asked for less motion. */
const STEP = 700;
const CALM_STEP = 1600;

/** A button that walks through the answer, a token after the other, from the pinned one; any other choice stops it. */
export function drawPlayback(store: Store): HTMLElement {
  let timer: number | null = null;
  let mine = store.state.selected;
  const button = iconButton(play, l10n.t("Play: a token after the other"), () =>
    timer === null ? start() : stop(),
  );
  const show = (playing: boolean): void => {
    const name = playing ? l10n.t("Pause") : l10n.t("Play: a token after the other");
    button.replaceChildren(icon(playing ? pause : play));
    button.setAttribute("aria-label", name);
    button.title = name;
  };
  const step = (): void => {
    const next = nextToken(store, mine);
    if (next === null) return stop();
    mine = next;
    store.set({ selected: next, previewed: undefined });
  };
  const start = (): void => {
    const { selected } = store.state;
    const calm = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
    // At the end it begins again.
    mine = nextToken(store, selected) === null ? null : selected;
    timer = window.setInterval(step, calm ? CALM_STEP : STEP);
    show(true);
    step();
  };
  const stop = (): void => {
    if (timer !== null) window.clearInterval(timer);
    timer = null;
    show(false);
  };
  store.listen((changed) => {
    if (timer !== null && changed.has("selected") && store.state.selected !== mine) stop();
  });
  return button;
}

/** The next word of the answer; null after the last. */
function nextToken({ data }: Store, from: number | null): number | null {
  const { tokens } = data.info;
  for (let index = (from ?? -1) + 1; index < tokens.length; index += 1)
    if (tokens[index]?.stop === false) return index;
  return null;
}
