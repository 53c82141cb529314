import { DexarError } from "../errors.js";
import type { AttributionSettings, HeadOverride, Score, TextSet } from "./settings.js";

/**
 * Fills in the paper's defaults and checks every option; a negative layer counts from the end (-2: the last but one).
 * @param layers L of the model
 * @param heads H of the model
 * @throws DexarError `bad-setting`, naming the option
 */
export function resolveSettings(
  partial: Partial<AttributionSettings>,
  layers: number,
  heads: number,
): AttributionSettings {
  return {
    preset: checkPreset(partial.preset ?? "paper"),
    layers: checkLayers(partial.layers ?? [0, layers], layers),
    textSet: checkTextSet(partial.textSet ?? "all"),
    score: checkScore(partial.score ?? { kind: "max" }),
    overrides: (partial.overrides ?? []).map((override) => checkOverride(override, layers, heads)),
    includeStop: partial.includeStop ?? false,
  };
}

function checkPreset(preset: AttributionSettings["preset"]): AttributionSettings["preset"] {
  if (["paper", "reference"].includes(preset)) return preset;
  throw badSetting(`preset is "${preset}"`, "Use paper or reference.");
}

function checkLayers(
  [from, to]: AttributionSettings["layers"],
  layers: number,
): AttributionSettings["layers"] {
  const start = from < 0 ? from + layers : from;
  const end = to < 0 ? to + layers : to;
  if (Number.isInteger(start) && Number.isInteger(end) && start >= 0 && start < end && end <= layers)
    return [start, end];
  throw badSetting(
    `layers is ${from}:${to}, but the model has the layers 0 to ${layers - 1}`,
    `Give a start and an end (not included), for example 0:${layers} for all layers.`,
  );
}

function checkTextSet(textSet: TextSet): TextSet {
  if (typeof textSet === "object") {
    const wrong = textSet.positions.find((position) => !Number.isInteger(position) || position < 0);
    if (wrong === undefined) return textSet;
    throw badSetting(`textSet has the position ${wrong}`, "Positions are whole numbers from 0.");
  }
  if (["all", "no-special", "prompt", "generated"].includes(textSet)) return textSet;
  throw badSetting(`textSet is "${String(textSet)}"`, "Use all, no-special, prompt, generated or positions.");
}

function checkScore(score: Score): Score {
  switch (score.kind) {
    case "max":
    case "mean":
      return score;
    case "top-k":
      if (Number.isInteger(score.k) && score.k >= 1) return score;
      throw badSetting(`score is top-k with k = ${score.k}`, "k is a whole number from 1.");
    default:
      throw badSetting(`score is ${JSON.stringify(score)}`, "Use max, mean or top-k.");
  }
}

function checkOverride(override: HeadOverride, layers: number, heads: number): HeadOverride {
  const { layer, head, decision } = override;
  const inside = (value: number, count: number) => Number.isInteger(value) && value >= 0 && value < count;
  if (!inside(layer, layers) || !inside(head, heads))
    throw badSetting(
      `overrides names layer ${layer}, head ${head}, but the model has ${layers} layers with ${heads} heads`,
      "Count layers and heads from 0.",
    );
  if (["keep", "drop"].includes(decision)) return override;
  throw badSetting(`overrides has the decision "${decision}"`, "Use keep or drop.");
}

function badSetting(what: string, nextStep: string): DexarError {
  return new DexarError("bad-setting", `The setting ${what}.`, nextStep);
}
