import * as l10n from "@vscode/l10n";
import { formatShare } from "../../src/core/run/formatNumber.js";
import { labelParts, tokenLabel } from "../../src/core/run/tokenLabel.js";
import { element } from "../components/element.js";
import type { PromptPart, PromptWord, PromptWordsGroup, PromptWordsLayout } from "./promptWords.js";

/** What a person did with a word. */
export interface PromptWordsEvents {
  readonly choose: (word: PromptWord) => void;
  readonly preview: (word: PromptWord | null) => void;
}

/** The drawn words. */
export interface PromptWordsChart {
  readonly root: HTMLElement;
  show(layout: PromptWordsLayout, choosing: boolean, limited: number | null): void;
  /** Marks a word and brings it into sight, inside the box only. */
  point(position: number | null): void;
}

/** Draws the words as a list box: arrow keys walk, Enter or a click chooses, hover and focus preview. */
export function drawPromptWords(label: string, events: PromptWordsEvents): PromptWordsChart {
  const root = element("div.prompt-words", { attributes: { role: "listbox", "aria-label": label } });
  let words: readonly PromptWord[] = [];
  let drawn = "";
  const at = (event: Event): PromptWord | null => {
    const option =
      event.target instanceof Element ? event.target.closest<HTMLElement>("[role=option]") : null;
    return words.find(({ position }) => String(position) === option?.dataset["position"]) ?? null;
  };
  root.addEventListener("click", (event) => {
    const word = at(event);
    if (word) events.choose(word);
  });
  root.addEventListener("pointerover", (event) => events.preview(at(event)));
  root.addEventListener("pointerleave", () => events.preview(null));
  root.addEventListener("focusin", (event) => {
    for (const option of root.querySelectorAll<HTMLElement>('[tabindex="0"]')) option.tabIndex = -1;
    if (event.target instanceof HTMLElement) event.target.tabIndex = 0;
    events.preview(at(event));
  });
  root.addEventListener("focusout", () => events.preview(null));
  root.addEventListener("keydown", (event) => {
    const word = at(event);
    if (walk(root, event.key)) event.preventDefault();
    else if (word && (event.key === "Enter" || event.key === " ")) {
      events.choose(word);
      event.preventDefault();
    }
  });
  return {
    root,
    show(layout, choosing, limited) {
      words = layout.groups.flatMap((group) => group.words);
      const key = JSON.stringify([words, choosing, limited]);
      if (key === drawn) return;
      drawn = key;
      const focused = root.querySelector<HTMLElement>(":focus")?.dataset["position"];
      root.classList.toggle("choosing", choosing);
      root.setAttribute("aria-multiselectable", String(choosing));
      root.replaceChildren(...layout.groups.map((group) => drawGroup(group, choosing, limited)));
      const first = root.querySelector<HTMLElement>(`[data-position="${focused ?? ""}"]`);
      const tabbable = first ?? root.querySelector<HTMLElement>("[role=option]");
      if (tabbable) tabbable.tabIndex = 0;
      if (focused !== undefined) first?.focus({ preventScroll: true });
    },
    point(position) {
      for (const old of root.querySelectorAll("[data-pointed]")) old.removeAttribute("data-pointed");
      const word = root.querySelector<HTMLElement>(`[data-position="${position ?? ""}"]`);
      if (!word) return;
      word.setAttribute("data-pointed", "");
      const top = word.offsetTop;
      if (top < root.scrollTop) root.scrollTop = top - 8;
      else if (top + word.offsetHeight > root.scrollTop + root.clientHeight)
        root.scrollTop = top + word.offsetHeight - root.clientHeight + 8;
    },
  };
}

function walk(root: HTMLElement, key: string): boolean {
  const options = Array.from(root.querySelectorAll<HTMLElement>("[role=option]"));
  const from = options.findIndex((option) => option.matches(":focus"));
  const to = {
    ArrowRight: from + 1,
    ArrowDown: from + 1,
    ArrowLeft: from - 1,
    ArrowUp: from - 1,
    Home: 0,
    End: options.length - 1,
  }[key];
  if (to === undefined) return false;
  options[Math.min(options.length - 1, Math.max(0, to))]?.focus();
  return true;
}

/** What a part of the words is called. */
export function partName(part: PromptPart): string {
  switch (part) {
    case "own":
      return l10n.t("Your words");
    case "answer":
      return l10n.t("Answer so far");
    case "template":
      return l10n.t("Template");
  }
}

function drawGroup(
  { part, words }: PromptWordsGroup,
  choosing: boolean,
  limited: number | null,
): HTMLElement {
  const name = partName(part);
  return element(
    "div.word-group",
    { attributes: { role: "group", "aria-label": name, "data-part": part } },
    element("div.group-name", { attributes: { "aria-hidden": "true" } }, name),
    ...words.flatMap((word) => drawWord(word, choosing, limited)),
  );
}

function drawWord(word: PromptWord, choosing: boolean, limited: number | null): HTMLElement[] {
  const image = word.kind === "image";
  const text = image
    ? word.count === 1
      ? l10n.t("1 image token")
      : l10n.t("{0} image tokens", word.count)
    : tokenLabel(word.text);
  const selected = choosing ? word.included : word.position === limited;
  const node = element(
    `span.word.${word.kind}`,
    {
      attributes: {
        role: "option",
        tabindex: -1,
        "data-position": word.position,
        "aria-label": wordLabel(word, text),
        "aria-selected": String(!image && selected),
        "aria-disabled": image || (!choosing && word.heads === 0) ? "true" : undefined,
      },
    },
    ...(image ? [text] : drawText(word.text)),
  );
  node.classList.toggle("left-out", choosing && !word.included && !image);
  node.style.setProperty("--tint", word.tint.toFixed(3));
  node.style.setProperty("--strength", word.strength.toFixed(3));
  return word.text.endsWith("\n") && !image ? [node, element("span.line-break")] : [node];
}

function wordLabel({ kind, share, heads }: PromptWord, text: string): string {
  if (share !== null) return l10n.t("{0}: {1} of the whole", text, formatShare(share));
  return kind === "image" ? text : l10n.t("{0}: won {1} heads", text, heads);
}

/** The token's text with what cannot be seen as marks; spaces between words stay spaces. */
function drawText(text: string): (Node | string)[] {
  return labelParts(text).map((part) => {
    if (!part.mark) return part.text;
    return element("span.mark", {}, part.text);
  });
}
