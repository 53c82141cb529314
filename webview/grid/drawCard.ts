import * as l10n from "@vscode/l10n";
import imageIcon from "@vscode/codicons/src/icons/file-media.svg";
import refreshIcon from "@vscode/codicons/src/icons/refresh.svg";
import type { PanelAction } from "../../src/protocol/panel.js";
import { button, iconButton } from "../components/button.js";
import { element } from "../components/element.js";
import { icon } from "../components/icon.js";
import { progressRing } from "../components/progressRing.js";
import type { DrawingPreferences } from "../panel/viewState.js";
import { drawAnswer } from "./drawAnswer.js";
import { drawThumbnail } from "./drawThumbnail.js";
import type { ShownCard } from "./gridModel.js";
import { stateText } from "./gridText.js";

/** What a person did with a card. */
export interface CardEvents {
  readonly open: () => void;
  readonly again: () => void;
  readonly act: (action: PanelAction["id"]) => void;
}

/** One picture of the grid. */
export interface Card {
  readonly root: HTMLElement;
  update(card: ShownCard, preferences: DrawingPreferences | null): void;
}

let cards = 0;

/** Makes a card; a click on it, or Enter on its picture, opens the run. */
export function drawCard(events: CardEvents): Card {
  const canvas = element("canvas", { attributes: { "aria-hidden": "true" } });
  const room = element("span.room", { attributes: { "aria-hidden": "true" } });
  const open = element("button.thumbnail", { attributes: { type: "button" } }, canvas, room);
  const name = element("h2", { attributes: { tabindex: -1 } });
  name.id = `card-${++cards}`;
  const state = element("span.state");
  const again = iconButton(refreshIcon, l10n.t("Run again"), events.again);
  const body = element("div.card-body");
  const root = element(
    "article.card",
    { attributes: { "aria-labelledby": name.id } },
    open,
    element("div.card-head", {}, name, state, again),
    body,
  );
  root.addEventListener("click", (event) => {
    const onControl = event.target instanceof Element && event.target.closest("vscode-button, button");
    const isSelecting = getSelection()?.isCollapsed === false;
    if (open.disabled || (onControl && onControl !== open) || isSelecting) return;
    events.open();
  });
  let shown: ShownCard | null = null;
  return {
    root,
    update(card, preferences) {
      if (card === shown) return;
      const hadFocus = root.contains(document.activeElement);
      const known = shown?.result;
      shown = card;
      const { kind } = card.state;
      root.dataset["state"] = kind;
      name.textContent = card.name;
      name.title = card.place;
      open.disabled = kind !== "done";
      const label = kind === "done" ? l10n.t("Open the run of {0}", card.name) : card.name;
      open.setAttribute("aria-label", label);
      open.title = kind === "done" ? label : "";
      state.textContent = stateText(card);
      again.hidden = kind === "waiting" || kind === "running";
      canvas.hidden = card.result === null;
      room.hidden = card.result !== null;
      if (card.result === null) room.replaceChildren(drawRoom(card));
      body.replaceChildren(...drawBody(card, events));
      if (card.result !== null && card.result !== known) void paint(canvas, card.result, preferences);
      // The button that was pressed is gone.
      if (hadFocus && !root.contains(document.activeElement)) name.focus();
    },
  };
}

async function paint(
  canvas: HTMLCanvasElement,
  result: NonNullable<ShownCard["result"]>,
  preferences: DrawingPreferences | null,
): Promise<void> {
  // A picture that cannot be drawn leaves its room empty; the answer is there all the same.
  await drawThumbnail(canvas, result, preferences).catch(() => undefined);
}

function drawRoom({ state }: ShownCard): Node {
  return state.kind === "running" || state.kind === "done" ? progressRing() : icon(imageIcon);
}

function drawBody({ state, result }: ShownCard, events: CardEvents): Node[] {
  switch (state.kind) {
    case "waiting":
      return [];
    case "running":
      return state.tokens.length === 0
        ? []
        : [element("p.answer-text", {}, state.tokens.join("").trimStart())];
    case "done":
      return result === null ? [] : [drawAnswer(result)];
    case "stopped":
      return [element("p.note", {}, l10n.t("Stopped before the answer was complete. Run it again."))];
    case "failed": {
      const { error, actions } = state.failure;
      const others = actions.filter(({ id }) => id !== "runAgain");
      return [
        element("p.what", {}, element("strong", {}, error.message)),
        element("p", {}, error.nextStep),
        element(
          "div.actions",
          {},
          button(l10n.t("Run again"), {}, events.again),
          ...others.map(({ id, label }) => button(label, {}, () => events.act(id))),
        ),
      ];
    }
  }
}
