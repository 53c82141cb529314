import * as l10n from "@vscode/l10n";
import { element } from "../../components/element.js";
import { progressRing } from "../../components/progressRing.js";
import type { PanelModel } from "../panelModel.js";
import { countText, phaseText, timeLeft, type TokenTime } from "./progressText.js";
import { formatTime } from "./quantities.js";

/** What is at work, how long already, and how long at most still. */
export interface ProgressLine {
  readonly root: HTMLElement;
  update(model: PanelModel): void;
}

/** Makes the line; it counts the time by itself until the extension says that nothing is at work. */
export function drawProgressLine(): ProgressLine {
  const phase = element("span", { attributes: { role: "status" } });
  const count = element("span.note");
  const time = element("span.note");
  const root = element("div.activity", { attributes: { hidden: true } }, progressRing(), phase, count, time);
  let model: PanelModel | null = null;
  let began = 0;
  let firstToken: TokenTime | null = null;
  let timer: number | undefined;
  const tick = (): void => {
    if (model === null) return;
    const elapsed = performance.now() - began;
    const left = timeLeft(model, firstToken, performance.now());
    time.textContent = left === null ? formatTime(elapsed) : withLeft(elapsed, left);
  };
  return {
    root,
    update(next) {
      const { activity } = next;
      if (activity !== model?.activity) began = performance.now() - activity.elapsed;
      model = next;
      const working = activity.phase !== "idle";
      root.hidden = !working;
      window.clearInterval(timer);
      timer = undefined;
      if (!working) {
        phase.textContent = "";
        firstToken = null;
        return;
      }
      const tokens = next.live?.tokens.length ?? 0;
      if (activity.phase === "generating" && tokens > 0) firstToken ??= { tokens, at: performance.now() };
      setText(phase, phaseText(next));
      setText(count, countText(next));
      tick();
      timer = window.setInterval(tick, 500);
    },
  };
}

function withLeft(elapsed: number, left: number): string {
  return l10n.t("{0}, at most {1} left", formatTime(elapsed), formatTime(left));
}

// A screen reader speaks a status each time it is set, even to the same words.
function setText(node: HTMLElement, text: string): void {
  if (node.textContent !== text) node.textContent = text;
}
