import type { AttributionSettings, TextSet } from "../../src/core/attribution/settings.js";
import type { RunInfo } from "../../src/core/run/types.js";

/** The positions of prompt and answer that a text set holds, ascending. */
export function textSetPositions({ prompt, tokens }: RunInfo, textSet: TextSet): number[] {
  if (typeof textSet === "object") return [...textSet.positions];
  const kinds = [
    ...prompt.tokens.map(({ kind }) => kind),
    ...tokens.slice(0, -1).map(() => "answer" as const),
  ];
  return kinds.flatMap((kind, position) => {
    const belongs =
      kind !== "image" &&
      (textSet === "all" ||
        (textSet === "no-special" && kind !== "special") ||
        (textSet === "prompt" && kind !== "answer") ||
        (textSet === "generated" && kind === "answer"));
    return belongs ? [position] : [];
  });
}

/** The words a person chose as the text set; null when it is one of the named sets. */
export function chosenPositions({ textSet }: AttributionSettings): ReadonlySet<number> | null {
  return typeof textSet === "object" ? new Set(textSet.positions) : null;
}

/** The same settings with a word put into the chosen words, or taken out. */
export function toggleWord(settings: AttributionSettings, position: number): AttributionSettings {
  const chosen = new Set(chosenPositions(settings) ?? []);
  if (!chosen.delete(position)) chosen.add(position);
  return { ...settings, textSet: { positions: [...chosen].sort((a, b) => a - b) } };
}
