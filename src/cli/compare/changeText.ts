import type { HeadOverride, Score, TextSet } from "../../core/attribution/settings.js";
import type {
  Change,
  GenerationChange,
  ModelChange,
  SettingChange,
  PictureFacts,
  TextPart,
} from "../../core/compare/change.js";

/** A difference in words: what, and from what to what. */
interface ChangeText {
  readonly what: string;
  readonly values: string;
}

/** One difference of two runs in words. */
export function changeText(change: Change): ChangeText {
  switch (change.code) {
    case "picture":
      return valuesText("picture", pictureText(change.a), pictureText(change.b));
    case "cells":
      return change.a === change.b
        ? { what: "view", values: "another part of the picture was seen" }
        : valuesText("image tokens", change.a, change.b);
    case "prompt":
      return { what: "prompt", values: partsText(change.parts) };
    case "template":
      return { what: "chat template", values: "the same words are put to the model otherwise" };
    case "target":
      return valuesText("answer", targetText(change.a), targetText(change.b));
    case "partial":
      return valuesText("interrupted", yesNo(change.a), yesNo(change.b));
    default:
      return generationText(change);
  }
}

/** How the answer was generated. */
function generationText(change: GenerationChange | ModelChange | SettingChange): ChangeText {
  switch (change.code) {
    case "maxNewTokens":
      return valuesText("most tokens", change.a, change.b);
    case "temperature":
      return valuesText("temperature", change.a, change.b);
    case "topK":
      return valuesText("top-k", change.a, change.b);
    case "topP":
      return valuesText("top-p", change.a, change.b);
    case "minP":
      return valuesText("min-p", change.a, change.b);
    case "repetitionPenalty":
      return valuesText("repetition penalty", change.a, change.b);
    case "stopStrings":
      return valuesText("stop strings", textsText(change.a), textsText(change.b));
    case "systemPrompt":
      return valuesText("system prompt", quoted(change.a), quoted(change.b));
    case "seed":
      return valuesText("seed", change.a ?? "none", change.b ?? "none");
    default:
      return modelText(change);
  }
}

function modelText(change: ModelChange | SettingChange): ChangeText {
  switch (change.code) {
    case "model":
      return valuesText("model", change.a, change.b);
    case "weights":
      return { what: "model files", values: "the same name, other contents" };
    case "architecture":
      return valuesText("model size", shapeText(change.a), shapeText(change.b));
    case "dtype":
      return valuesText("weight type", change.a, change.b);
    case "device":
      return valuesText("device", change.a, change.b);
    case "preset":
      return valuesText("preset", change.a, change.b);
    case "layers":
      return valuesText("layers", layersText(change.a), layersText(change.b));
    case "textSet":
      return valuesText("text set", textSetText(change.a), textSetText(change.b));
    case "score":
      return valuesText("score", scoreText(change.a), scoreText(change.b));
    case "forcedHeads":
      return valuesText("forced heads", headsText(change.a), headsText(change.b));
    case "includeStop":
      return valuesText("end token in the whole answer", yesNo(change.a), yesNo(change.b));
  }
}

function valuesText(what: string, a: string | number, b: string | number): ChangeText {
  return { what, values: `${a} → ${b}` };
}

function pictureText({ name, width, height }: PictureFacts): string {
  return `${name} (${width}×${height})`;
}

/** As `git diff --word-diff` writes it. */
function partsText(parts: readonly TextPart[]): string {
  const marked = parts.map(({ kind, text }) =>
    kind === "same" ? text : kind === "removed" ? `[-${text}-]` : `{+${text}+}`,
  );
  return marked.join("").replaceAll("\n", "↵").trim();
}

function shapeText({ layers, heads }: { readonly layers: number; readonly heads: number }): string {
  return `${layers} layers of ${heads} heads`;
}

function layersText([from, to]: readonly [number, number]): string {
  return `L${from}-L${to - 1}`;
}

function textSetText(textSet: TextSet): string {
  return typeof textSet === "string" ? textSet : `${textSet.positions.length} chosen positions`;
}

function scoreText(score: Score): string {
  return score.kind === "top-k" ? `top-${score.k}` : score.kind;
}

function headsText(heads: readonly HeadOverride[]): string {
  if (heads.length === 0) return "none";
  const shown = heads.slice(0, 6).map(({ layer, head, decision }) => `L${layer} H${head} ${decision}`);
  return heads.length > shown.length
    ? `${shown.join(", ")} and ${heads.length - shown.length} more`
    : shown.join(", ");
}

function targetText(target: string | null): string {
  return target === null ? "generated" : `given (${JSON.stringify(target.trim())})`;
}

function textsText(texts: readonly string[]): string {
  return texts.length === 0 ? "none" : texts.map(quoted).join(", ");
}

function quoted(text: string): string {
  return text === "" ? "none" : JSON.stringify(text);
}

function yesNo(value: boolean): string {
  return value ? "yes" : "no";
}
