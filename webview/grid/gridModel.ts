import type { GridCard, GridFile, GridResult, ToGrid } from "../../src/protocol/grid.js";
import type { ShownFailure } from "../../src/protocol/panel.js";

/** A picture of the file with what is shown of its run. */
export interface ShownCard extends GridCard {
  /** null: none yet, or it is on its way. */
  readonly result: GridResult | null;
}

/** What the extension has said so far, as one value. */
export interface GridModel {
  readonly file: GridFile;
  readonly cards: readonly ShownCard[];
  readonly failure: ShownFailure | null;
}

/** Messages that change the model. */
export type GridMessage = Exclude<ToGrid, { kind: "init" }>;

/** The model after a message; null as long as there was no snapshot. */
export function nextGrid(present: GridModel | null, message: GridMessage): GridModel | null {
  if (message.kind === "snapshot") {
    const { file, cards, failure } = message;
    return { file, failure, cards: cards.map((card) => ({ ...card, result: null })) };
  }
  if (present === null) return null;
  switch (message.kind) {
    case "file":
      return { ...present, file: message.file };
    case "failure":
      return { ...present, failure: message.failure };
    case "state":
      return withCard(present, message.index, (card) => ({ ...card, state: message.state, result: null }));
    case "token":
      return withCard(present, message.index, (card) => withToken(card, message.text));
    case "result":
      return withCard(present, message.index, (card) =>
        card.state.kind === "done" && card.state.runId === message.result.runId
          ? { ...card, result: message.result }
          : card,
      );
  }
}

/** Whether a picture is at work or waits, so that Stop is offered. */
export function isAtWork({ cards }: GridModel): boolean {
  return cards.some(({ state: { kind } }) => kind === "running" || kind === "waiting");
}

function withCard(model: GridModel, index: number, change: (card: ShownCard) => ShownCard): GridModel {
  return { ...model, cards: model.cards.map((card, at) => (at === index ? change(card) : card)) };
}

function withToken(card: ShownCard, text: string): ShownCard {
  const { state } = card;
  return state.kind === "running" ? { ...card, state: { ...state, tokens: [...state.tokens, text] } } : card;
}
