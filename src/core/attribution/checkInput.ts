import { DexarError } from "../errors.js";
import type { AttributionSettings } from "./settings.js";
import type { AttributionInput } from "./types.js";

/**
 * Checks that the arrays of an input fit together and that the settings fit them.
 * @throws DexarError `bad-attribution-input`, `bad-setting`
 */
export function checkInput(input: AttributionInput, settings: AttributionSettings): void {
  const { layers, heads, gradient, gradientReferenceLast, promptLength, stops, firstToken = 0 } = input;
  const tokens = stops.length - firstToken;
  const positions = promptLength + stops.length - 1;
  checkLength("gradient", gradient, tokens * layers * heads * positions);
  if (settings.preset === "reference" && gradientReferenceLast !== null)
    checkLength("gradientReferenceLast", gradientReferenceLast, tokens * heads * positions);
  checkImagePositions(input.imagePositions, promptLength);
  checkRanges(settings, layers, heads);
}

function checkLength(name: string, array: Float32Array, expected: number): void {
  if (array.length === expected) return;
  throw badInput(`${name} has ${array.length} values instead of ${expected}`);
}

function checkImagePositions(positions: Int32Array, promptLength: number): void {
  const wrong = positions.find(
    (position, index) => position <= (positions[index - 1] ?? -1) || position >= promptLength,
  );
  if (wrong !== undefined)
    throw badInput(`the image position ${wrong} is out of order or outside the prompt`);
}

function checkRanges(
  { layers: [from, to], overrides }: AttributionSettings,
  layers: number,
  heads: number,
): void {
  const outside = overrides.some(
    ({ layer, head }) => layer < 0 || layer >= layers || head < 0 || head >= heads,
  );
  if (from >= 0 && from < to && to <= layers && !outside) return;
  throw new DexarError(
    "bad-setting",
    `The layer range ${from}:${to} or a head override is outside the model's ${layers} layers and ${heads} heads.`,
    "Reset the layer range and the head overrides.",
  );
}

/** The failure for arrays that do not fit together. */
export function badInput(what: string): DexarError {
  return new DexarError(
    "bad-attribution-input",
    `The run cannot be explained: ${what}.`,
    "Explain the picture again; if it stays so, report it as a bug.",
  );
}
