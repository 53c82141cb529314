import type { RunInfo } from "../../src/core/run/types.js";

/** What the words are tinted by. */
export interface PromptWordsData {
  readonly info: Pick<RunInfo, "prompt" | "tokens">;
  /** Answer tokens that come before what is looked at. */
  readonly answered: number;
  /** Heads won and strongest score of a position; undefined for one that won none. */
  readonly winsOf: (position: number) => { readonly heads: number; readonly score: number } | undefined;
  /** What a word contributes, instead of what it won: the share of `count` positions from one on; null: its wins. */
  readonly shareOf: ((position: number, count: number) => number) | null;
  /** The text set while words are being chosen; null otherwise. */
  readonly chosen: ReadonlySet<number> | null;
}

/** One word of the text side, or the run of image tokens between two. */
export interface PromptWord {
  readonly kind: "text" | "special" | "answer" | "image";
  /** Of the first image token, for a run of them. */
  readonly position: number;
  readonly text: string;
  /** Number of image tokens. */
  readonly count: number;
  readonly heads: number;
  readonly score: number;
  /** What it contributes; null while the words are tinted by what they won. */
  readonly share: number | null;
  /** Heads won (or share) over the most of any word, 0 to 1; and the same of the strongest score. */
  readonly tint: number;
  readonly strength: number;
  /** False for words left out of the chosen text set. */
  readonly included: boolean;
}

/** Who wrote a word: the user, the model, or the chat template with its image tokens. */
export type PromptPart = "own" | "answer" | "template";

/** The words of one part in their order; image tokens collapsed. */
export interface PromptWordsGroup {
  readonly part: PromptPart;
  readonly words: readonly PromptWord[];
}

/** The parts that have words, and the ends of both scales, which they share. */
export interface PromptWordsLayout {
  readonly groups: readonly PromptWordsGroup[];
  readonly mostHeads: number;
  readonly mostScore: number;
  /** Of words; a picture may have more. */
  readonly mostShare: number;
}

const PARTS: readonly PromptPart[] = ["own", "answer", "template"];

/** The part a word belongs to. */
export function partOf(kind: PromptWord["kind"]): PromptPart {
  switch (kind) {
    case "text":
      return "own";
    case "answer":
      return "answer";
    case "special":
    case "image":
      return "template";
  }
}

/** Lays the text side out: the user's words first, the template last. */
export function layoutPromptWords(data: PromptWordsData): PromptWordsLayout {
  const plain = plainWords(data);
  const wins = plain.map(({ position }) => data.winsOf(position) ?? { heads: 0, score: 0 });
  const mostHeads = wins.reduce((most, { heads }) => Math.max(most, heads), 0);
  const mostScore = wins.reduce((most, { score }) => Math.max(most, score), 0);
  const { shareOf } = data;
  const shares = plain.map(({ position, count }) => shareOf?.(position, count) ?? null);
  const mostShare = plain.reduce(
    (most, { kind }, index) => Math.max(most, kind === "image" ? 0 : (shares[index] ?? 0)),
    0,
  );
  const words = plain.map((word, index): PromptWord => {
    const { heads, score } = wins[index] ?? { heads: 0, score: 0 };
    const share = shares[index] ?? null;
    const [part, most] = share === null ? [heads, mostHeads] : [share, mostShare];
    return {
      ...word,
      ...{ heads, score, share },
      tint: most > 0 ? Math.min(1, part / most) : 0,
      strength: mostScore > 0 ? score / mostScore : 0,
      included: data.chosen?.has(word.position) ?? true,
    };
  });
  const groups = PARTS.map((part) => ({ part, words: words.filter(({ kind }) => partOf(kind) === part) }));
  return { groups: groups.filter((group) => group.words.length > 0), mostHeads, mostScore, mostShare };
}

interface PlainWord {
  kind: PromptWord["kind"];
  text: string;
  position: number;
  count: number;
}

/** Prompt and answer so far in their order, image tokens collapsed. */
function plainWords({ info: { prompt, tokens }, answered }: PromptWordsData): PlainWord[] {
  const plain: PlainWord[] = [];
  prompt.tokens.forEach(({ kind, text }, position) => {
    const last = plain.at(-1);
    if (kind === "image" && last?.kind === "image") last.count++;
    else plain.push({ kind, text, position, count: 1 });
  });
  tokens.slice(0, answered).forEach(({ text }, index) => {
    plain.push({ kind: "answer", text, position: prompt.tokens.length + index, count: 1 });
  });
  return plain;
}
