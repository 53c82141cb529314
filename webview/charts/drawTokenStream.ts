import * as l10n from "@vscode/l10n";
import { element } from "../components/element.js";
import { keyTarget, type TokenChip } from "./tokenStream.js";

/** What a person did in the stream; `null` stands for the whole answer. */
export interface TokenStreamEvents {
  select(index: number | null): void;
  /** undefined: the pointer left. */
  preview(index: number | null | undefined): void;
}

/** A drawn stream. */
export interface TokenStream {
  readonly root: HTMLElement;
  /** Shows these chips; only what differs from before is touched. */
  update(chips: readonly TokenChip[]): void;
  /** Marks the pinned token, or the whole answer for null. */
  mark(selected: number | null): void;
  /** Points at the tokens that look at the cell of the picture under the pointer. */
  point(tokens: readonly number[]): void;
  /** Sub-words close together. */
  joinWords(joined: boolean): void;
}

/** Draws an empty stream as a list box: click or arrow keys pin, Escape goes back to the whole answer, hover previews. */
export function drawTokenStream(events: TokenStreamEvents): TokenStream {
  const root = element("div.token-stream", {
    attributes: { role: "listbox", "aria-label": l10n.t("Tokens of the answer") },
  });
  const whole = drawWhole();
  root.append(whole);
  const drawn: DrawnChip[] = [];
  let selected: number | null = null;
  let pointed: readonly number[] = [];
  const nodeOf = (index: number | null): HTMLElement | undefined =>
    index === null ? whole : drawn[index]?.node;
  const choose = (node: HTMLElement | undefined, chosen: boolean): void => {
    node?.setAttribute("aria-selected", String(chosen));
    if (node) node.tabIndex = chosen ? 0 : -1;
  };
  listenToStream(root, events, {
    selected: () => selected,
    count: () => drawn.length,
    focus: () => nodeOf(selected)?.focus(),
  });
  return {
    root,
    update(chips) {
      chips.forEach((chip, index) => {
        const before = drawn[index];
        if (before?.chip.text === chip.text) {
          refresh(before.node, before.chip, chip);
          before.chip = chip;
          return;
        }
        // Another answer, or the next token of a growing one.
        removeChips(drawn.splice(index));
        const next = drawChip(chip);
        drawn.push(next);
        root.append(next.node, ...(next.lineBreak ? [next.lineBreak] : []));
      });
      removeChips(drawn.splice(chips.length));
      choose(nodeOf(selected), true);
    },
    mark(next) {
      choose(nodeOf(selected), false);
      selected = next;
      choose(nodeOf(selected), true);
    },
    point(tokens) {
      for (const index of pointed) drawn[index]?.node.classList.remove("looks");
      for (const index of tokens) drawn[index]?.node.classList.add("looks");
      pointed = tokens;
    },
    joinWords: (joined) => void root.classList.toggle("words", joined),
  };
}

interface DrawnChip {
  chip: TokenChip;
  readonly node: HTMLElement;
  /** Fills the rest of the line after a token with a line break. */
  readonly lineBreak: HTMLElement | null;
}

function removeChips(chips: readonly DrawnChip[]): void {
  for (const { node, lineBreak } of chips) {
    node.remove();
    lineBreak?.remove();
  }
}

interface StreamState {
  selected(): number | null;
  count(): number;
  focus(): void;
}

/** One listener for all chips: an answer may have thousands. */
function listenToStream(root: HTMLElement, events: TokenStreamEvents, state: StreamState): void {
  const under = (event: Event): number | null | undefined => {
    const chip = event.target instanceof Element ? event.target.closest<HTMLElement>("[data-index]") : null;
    if (!chip) return undefined;
    return chip.dataset["index"] === "answer" ? null : Number(chip.dataset["index"]);
  };
  root.addEventListener("click", (event) => {
    const index = under(event);
    if (index === undefined) return;
    events.select(index === state.selected() ? null : index);
  });
  root.addEventListener("mouseover", (event) => {
    const index = under(event);
    if (index !== undefined) events.preview(index);
  });
  root.addEventListener("mouseleave", () => events.preview(undefined));
  root.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const next = keyTarget(event.key, state.selected(), state.count());
    if (next === undefined) return;
    event.preventDefault();
    events.select(next);
    state.focus();
  });
}

function drawWhole(): HTMLElement {
  return element(
    "div.chip.whole",
    {
      attributes: {
        role: "option",
        "data-index": "answer",
        "aria-selected": "true",
        tabindex: 0,
        title: l10n.t("The map of the whole answer: every token's map, weighted by its delta"),
      },
    },
    l10n.t("Whole answer"),
  );
}

function drawChip(chip: TokenChip): DrawnChip {
  const node = element(
    "div.chip",
    { attributes: { role: "option", "data-index": chip.index, "aria-selected": "false", tabindex: -1 } },
    ...chip.parts.map((part) =>
      element("span", { attributes: { class: part.mark ? "mark" : undefined } }, part.text),
    ),
  );
  refresh(node, null, chip);
  const lineBreak = chip.lineBreak
    ? element("span.line-break", { attributes: { role: "presentation" } })
    : null;
  return { chip, node, lineBreak };
}

const FLAGS = ["hollow", "pending", "special", "forced", "joined"] as const;

function refresh(node: HTMLElement, before: TokenChip | null, chip: TokenChip): void {
  for (const flag of FLAGS) if (before?.[flag] !== chip[flag]) node.classList.toggle(flag, chip[flag]);
  if (before?.tint !== chip.tint) node.style.setProperty("--tint", chip.tint.toFixed(3));
  if (before?.description === chip.description) return;
  node.title = chip.description;
  node.setAttribute("aria-label", chip.description);
}
