import * as l10n from "@vscode/l10n";
import { element } from "../components/element.js";
import type { AlignedChip, AlignedColumn } from "./alignedTokens.js";
import { keyTarget } from "./tokenStream.js";

/** Two drawn strips; null stands for the whole answers. */
export interface AlignedTokens {
  readonly root: HTMLElement;
  update(columns: readonly AlignedColumn[]): void;
  /** Marks a pair; undefined: tokens that are no pair are looked at. */
  mark(selected: number | null | undefined): void;
}

/** Draws the strips as one list box, A above B: click or arrow keys choose a pair, Escape the whole answers. */
export function drawAlignedTokens(select: (index: number | null) => void): AlignedTokens {
  const root = element("div.aligned", {
    attributes: { role: "listbox", "aria-label": l10n.t("Tokens of both answers, A above B") },
  });
  const whole = element(
    "div.pair.whole",
    { attributes: { role: "option", "data-index": "answer" } },
    element("span.visually-hidden", {}, l10n.t("Whole answers")),
    wholeChip("A"),
    wholeChip("B"),
  );
  let options: HTMLElement[] = [];
  let selected: number | null | undefined = null;
  const show = (): void => {
    for (const [index, option] of [[null, whole] as const, ...options.entries()]) {
      option.setAttribute("aria-selected", String(index === selected));
      option.tabIndex = index === (selected ?? null) ? 0 : -1;
    }
  };
  root.addEventListener("click", (event) => {
    const option = event.target instanceof Element ? event.target.closest<HTMLElement>("[data-index]") : null;
    const index = option?.dataset["index"];
    if (index !== undefined) select(index === "answer" || Number(index) === selected ? null : Number(index));
  });
  root.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const next = keyTarget(event.key, selected ?? null, options.length);
    if (next === undefined) return;
    event.preventDefault();
    select(next);
    (next === null ? whole : options[next])?.focus();
  });
  return {
    root,
    update(columns) {
      const focused = root.contains(document.activeElement);
      options = columns.map(drawPair);
      const breaks = (index: number): HTMLElement[] =>
        columns[index]?.lineBreak === true
          ? [element("span.line-break", { attributes: { role: "presentation" } })]
          : [];
      root.replaceChildren(whole, ...options.flatMap((option, index) => [option, ...breaks(index)]));
      show();
      if (focused) (selected === null || selected === undefined ? whole : options[selected])?.focus();
    },
    mark(next) {
      selected = next;
      show();
    },
  };
}

/** The pair's own words say it all to a screen reader. */
const HIDDEN = { attributes: { "aria-hidden": "true" } };

function wholeChip(letter: string): HTMLElement {
  return element("span.chip.whole", HIDDEN, element("strong", {}, letter), ` ${l10n.t("Whole answer")}`);
}

function drawPair(column: AlignedColumn, index: number): HTMLElement {
  const { kind, description } = column;
  return element(
    "div",
    {
      attributes: {
        class: `pair ${kind}`,
        role: "option",
        "data-index": index,
        title: description,
      },
    },
    element("span.visually-hidden", {}, description),
    drawChip(column.a),
    drawChip(column.b),
  );
}

function drawChip(chip: AlignedChip | null): HTMLElement {
  if (chip === null) return element("span.chip.missing", HIDDEN, "\u00a0");
  const node = element(
    "span.chip",
    HIDDEN,
    ...chip.parts.map(({ text, mark }) =>
      element("span", { attributes: { class: mark ? "mark" : undefined } }, text),
    ),
  );
  node.classList.toggle("hollow", chip.hollow);
  node.classList.toggle("special", chip.stop);
  node.style.setProperty("--tint", chip.tint.toFixed(3));
  return node;
}
