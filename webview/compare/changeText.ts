import * as l10n from "@vscode/l10n";
import type { HeadOverride, Preset, Score, TextSet } from "../../src/core/attribution/settings.js";
import type { Change, GenerationChange, ModelChange, SettingChange } from "../../src/core/compare/change.js";

/** One difference of two runs in words: what it is, and its values on both sides; null: it has none to show. */
export interface ChangeWords {
  readonly what: string;
  readonly values: readonly [a: string, b: string] | null;
}

/** Words for a difference; the prompt's words are drawn by themselves. */
export function changeWords(change: Exclude<Change, { code: "prompt" }>): ChangeWords {
  switch (change.code) {
    case "picture":
      return {
        what: l10n.t("Picture"),
        values: [change.a, change.b].map(({ name, width, height }) => `${name} (${width}×${height})`) as [
          string,
          string,
        ],
      };
    case "cells":
      if (change.a === change.b)
        return { what: l10n.t("Another part of the picture was seen"), values: null };
      return words(l10n.t("Image tokens"), change.a, change.b);
    case "template":
      return { what: l10n.t("Another chat template around the same words"), values: null };
    case "target":
      return words(l10n.t("Answer"), targetText(change.a), targetText(change.b));
    case "partial":
      return words(l10n.t("Interrupted"), yesNo(change.a), yesNo(change.b));
    default:
      return generationWords(change);
  }
}

/** How the answer was generated. */
function generationWords(change: GenerationChange | ModelChange | SettingChange): ChangeWords {
  switch (change.code) {
    case "maxNewTokens":
      return words(l10n.t("Max tokens"), change.a, change.b);
    case "temperature":
      return words(l10n.t("Temperature"), change.a, change.b);
    case "topK":
      return words(l10n.t("Top-k"), change.a, change.b);
    case "topP":
      return words(l10n.t("Top-p"), change.a, change.b);
    case "minP":
      return words(l10n.t("Min-p"), change.a, change.b);
    case "repetitionPenalty":
      return words(l10n.t("Repetition penalty"), change.a, change.b);
    case "stopStrings":
      return words(l10n.t("Stop strings"), textsText(change.a), textsText(change.b));
    case "systemPrompt":
      return words(l10n.t("System prompt"), change.a || l10n.t("none"), change.b || l10n.t("none"));
    case "seed":
      return words(l10n.t("Seed"), change.a ?? l10n.t("none"), change.b ?? l10n.t("none"));
    default:
      return modelWords(change);
  }
}

function modelWords(change: ModelChange | SettingChange): ChangeWords {
  switch (change.code) {
    case "model":
      return words(l10n.t("Model"), change.a, change.b);
    case "weights":
      return { what: l10n.t("Model files of the same name with other contents"), values: null };
    case "architecture":
      return {
        what: l10n.t("Model size"),
        values: [change.a, change.b].map(({ layers, heads }) =>
          l10n.t("{0} layers of {1} heads", layers, heads),
        ) as [string, string],
      };
    case "dtype":
      return words(l10n.t("Weight type"), change.a, change.b);
    case "device":
      return words(l10n.t("Device"), change.a, change.b);
    default:
      return settingWords(change);
  }
}

function settingWords(change: SettingChange): ChangeWords {
  switch (change.code) {
    case "preset":
      return words(l10n.t("Preset"), presetText(change.a), presetText(change.b));
    case "layers":
      return words(l10n.t("Layers"), layersText(change.a), layersText(change.b));
    case "textSet":
      return words(l10n.t("Text set"), textSetText(change.a), textSetText(change.b));
    case "score":
      return words(l10n.t("Score"), scoreText(change.a), scoreText(change.b));
    case "forcedHeads":
      return words(l10n.t("Forced heads"), headsText(change.a), headsText(change.b));
    case "includeStop":
      return words(l10n.t("End token in the whole answer"), yesNo(change.a), yesNo(change.b));
  }
}

function words(what: string, a: string | number, b: string | number): ChangeWords {
  return { what, values: [String(a), String(b)] };
}

function layersText([from, to]: readonly [number, number]): string {
  return to - from === 1 ? `L${from}` : `L${from}–L${to - 1}`;
}

function presetText(preset: Preset): string {
  switch (preset) {
    case "paper":
      return l10n.t("paper");
    case "reference":
      return l10n.t("reference");
  }
}

function textSetText(textSet: TextSet): string {
  if (typeof textSet === "object") return positionsText(textSet.positions.length);
  switch (textSet) {
    case "all":
      return l10n.t("all");
    case "no-special":
      return l10n.t("no special tokens");
    case "prompt":
      return l10n.t("prompt");
    case "generated":
      return l10n.t("answer so far");
  }
}

function positionsText(count: number): string {
  return count === 1 ? l10n.t("1 chosen position") : l10n.t("{0} chosen positions", count);
}

function scoreText(score: Score): string {
  switch (score.kind) {
    case "max":
      return l10n.t("max");
    case "mean":
      return l10n.t("mean");
    case "top-k":
      return l10n.t("mean of the top {0}", score.k);
  }
}

const MOST_HEADS = 6;

function headsText(heads: readonly HeadOverride[]): string {
  if (heads.length === 0) return l10n.t("none");
  const shown = heads
    .slice(0, MOST_HEADS)
    .map(({ layer, head, decision }) =>
      decision === "keep" ? l10n.t("L{0} H{1} kept", layer, head) : l10n.t("L{0} H{1} dropped", layer, head),
    )
    .join(", ");
  const more = heads.length - MOST_HEADS;
  return more > 0 ? l10n.t("{0} and {1} more", shown, more) : shown;
}

function targetText(target: string | null): string {
  return target === null ? l10n.t("generated") : l10n.t("given: {0}", target.trim());
}

function textsText(texts: readonly string[]): string {
  return texts.length === 0 ? l10n.t("none") : texts.map((text) => JSON.stringify(text)).join(", ");
}

function yesNo(value: boolean): string {
  return value ? l10n.t("yes") : l10n.t("no");
}
