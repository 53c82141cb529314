import { formatNumber, formatProbability } from "../../src/core/run/formatNumber.js";
import { labelParts, tokenLabel, type LabelPart } from "../../src/core/run/tokenLabel.js";
import type { RunToken } from "../../src/core/run/types.js";
import { element } from "../components/element.js";

/** What the stream shows: the answer's tokens, their delta [T] and why a delta is 0 (null where it is not). */
export interface TokenStreamData {
  readonly tokens: readonly RunToken[];
  readonly tokenWeight: ArrayLike<number>;
  readonly reasons: readonly (string | null)[];
}

/** One chip, ready to draw. */
export interface TokenChip {
  readonly index: number;
  readonly parts: readonly LabelPart[];
  /** delta over the answer's largest delta, 0 to 1. */
  readonly tint: number;
  readonly hollow: boolean;
  readonly stop: boolean;
  readonly forced: boolean;
  /** True when the token goes on with the word before it. */
  readonly joined: boolean;
  readonly lineBreak: boolean;
  readonly description: string;
}

/** Turns tokens into chips; tints are relative to the largest delta of the answer. */
export function layoutTokenStream({ tokens, tokenWeight, reasons }: TokenStreamData): TokenChip[] {
  const largest = Math.max(
    ...Array.from(tokens, (token, index) => (token.stop ? 0 : (tokenWeight[index] ?? 0))),
  );
  return tokens.map((token, index) => {
    const delta = tokenWeight[index] ?? 0;
    return {
      index,
      parts: labelParts(token.text),
      tint: largest > 0 ? Math.min(1, delta / largest) : 0,
      hollow: delta === 0,
      stop: token.stop,
      forced: token.kind === "forced",
      joined: index > 0 && /^[\p{L}\p{N}\p{M}]/u.test(token.text),
      lineBreak: token.text.includes("\n"),
      description: describe(token, delta, reasons[index] ?? null),
    };
  });
}

function describe(token: RunToken, delta: number, reason: string | null): string {
  const stop = token.stop ? "; end of the answer, not part of the whole-answer map" : "";
  const parts = `${tokenLabel(token.text)}, probability ${formatProbability(token.logprob)}, delta ${formatNumber(delta)}`;
  return `${parts}${reason === null ? "" : ` (${reason})`}${stop}`;
}

/** What a person did in the stream; `null` stands for the whole answer. */
export interface TokenStreamEvents {
  readonly select: (index: number | null) => void;
  readonly preview: (index: number | null | undefined) => void;
}

/** A drawn stream. */
export interface TokenStream {
  readonly root: HTMLElement;
  /** Marks the pinned token, or the whole answer for `null`. */
  mark(selected: number | null): void;
  /** Redraws after the deltas changed. */
  update(data: TokenStreamData): void;
}

/** Draws the stream as a list box: click or arrow keys pin, Escape goes back to the whole answer, hover previews. */
export function drawTokenStream(data: TokenStreamData, events: TokenStreamEvents): TokenStream {
  let selected: number | null = null;
  const root = element("div.token-stream", {
    attributes: { role: "listbox", "aria-label": "Tokens of the answer" },
    on: {
      keydown: (event) => {
        const next = keyTarget(event.key, selected, data.tokens.length);
        if (next === undefined) return;
        event.preventDefault();
        events.select(next);
        root.querySelector<HTMLElement>('[aria-selected="true"]')?.focus();
      },
      mouseleave: () => events.preview(undefined),
    },
  });
  const stream: TokenStream = {
    root,
    mark(next) {
      selected = next;
      for (const option of root.querySelectorAll<HTMLElement>("[role=option]")) {
        const chosen = option.dataset["index"] === (next === null ? "answer" : String(next));
        option.setAttribute("aria-selected", String(chosen));
        option.tabIndex = chosen ? 0 : -1;
      }
    },
    update(changed) {
      const focused = root.contains(document.activeElement);
      root.replaceChildren(...drawOptions(layoutTokenStream(changed), () => selected, events));
      stream.mark(selected);
      if (focused) root.querySelector<HTMLElement>('[aria-selected="true"]')?.focus();
    },
  };
  stream.update(data);
  return stream;
}

/** Where a key leads from the current choice; `undefined` when the key means nothing here. */
export function keyTarget(key: string, from: number | null, count: number): number | null | undefined {
  switch (key) {
    case "ArrowRight":
    case "ArrowDown":
      return from === null ? 0 : Math.min(from + 1, count - 1);
    case "ArrowLeft":
    case "ArrowUp":
      return from === null || from === 0 ? null : from - 1;
    case "Home":
      return 0;
    case "End":
      return count - 1;
    case "Escape":
      return null;
    default:
      return undefined;
  }
}

function drawOptions(
  chips: readonly TokenChip[],
  current: () => number | null,
  events: TokenStreamEvents,
): HTMLElement[] {
  const answer = element(
    "div.chip.whole",
    {
      attributes: {
        role: "option",
        "data-index": "answer",
        title: "The sequence map: every token's map, weighted by its delta",
      },
      on: { click: () => events.select(null), mouseenter: () => events.preview(null) },
    },
    "Whole answer",
  );
  const nodes = chips.flatMap((chip) => {
    const node = drawChip(chip, {
      click: () => events.select(current() === chip.index ? null : chip.index),
      mouseenter: () => events.preview(chip.index),
    });
    return chip.lineBreak ? [node, element("span.line-break")] : [node];
  });
  return [answer, ...nodes];
}

function drawChip(chip: TokenChip, on: { click: () => void; mouseenter: () => void }): HTMLElement {
  const node = element(
    "div.chip",
    {
      attributes: {
        role: "option",
        "data-index": chip.index,
        title: chip.description,
        "aria-label": chip.description,
      },
      on,
    },
    ...chip.parts.map((part) =>
      element("span", { attributes: { class: part.mark ? "mark" : undefined } }, part.text),
    ),
  );
  node.classList.toggle("hollow", chip.hollow);
  node.classList.toggle("stop", chip.stop);
  node.classList.toggle("forced", chip.forced);
  node.classList.toggle("joined", chip.joined);
  node.style.setProperty("--tint", chip.tint.toFixed(3));
  return node;
}
