import type { AttributionSettings, TextSet } from "./settings.js";
import type { AttributionInput } from "./types.js";

/**
 * The positions whose gradients compete with the image in S_text (Eq. 4) for each token, ascending: the text set
 * without image positions and without positions after the predicting one.
 * @returns one list per token [T]
 */
export function textPositions(input: AttributionInput, settings: AttributionSettings): Int32Array[] {
  const { stops, promptLength, firstToken = 0 } = input;
  const isImage = new Set(input.imagePositions);
  const belongs = membership(settings.textSet, input);
  const skipped = settings.preset === "reference" ? skippedByReference(settings.textSet, input) : -1;
  const all: number[] = [];
  const end = input.attends === "encoder" ? promptLength : promptLength + stops.length - 1;
  for (let position = 0; position < end; position++)
    if (!isImage.has(position) && position !== skipped && belongs(position)) all.push(position);
  return Array.from({ length: stops.length - firstToken }, (_, token) =>
    Int32Array.from(all.filter((position) => position <= promptLength - 1 + firstToken + token)),
  );
}

function membership(textSet: TextSet, input: AttributionInput): (position: number) => boolean {
  const { promptLength, kinds, stops } = input;
  if (typeof textSet === "object") {
    const chosen = new Set(textSet.positions);
    return (position) => chosen.has(position);
  }
  switch (textSet) {
    case "all":
      return () => true;
    case "no-special":
      return (position) =>
        position < promptLength ? kinds[position] !== "special" : stops[position - promptLength] !== true;
    case "prompt":
      return (position) => position < promptLength;
    case "generated":
      return (position) => position >= promptLength;
  }
}

/**
 * The published code's text before the answer starts one position after the image's end, and its text of the answer
 * at the last prompt position; so one position is in neither. Positions chosen by hand are left as they are.
 */
function skippedByReference(textSet: TextSet, { imagePositions, promptLength }: AttributionInput): number {
  const afterImage = (imagePositions.at(-1) ?? -1) + 1;
  return typeof textSet !== "object" && imagePositions.length > 0 && afterImage < promptLength - 1
    ? afterImage
    : -1;
}
