import { DexarError } from "../errors.js";
import type { AttributionSettings } from "./settings.js";
import type { AttributionInput } from "./types.js";

/** The gradient as rows of one head each, with the sizes everything else loops over. */
export interface HeadRows {
  readonly tokens: number;
  readonly layers: number;
  readonly heads: number;
  /** P: signed dA of one token in one head, [P]. */
  readonly row: (token: number, layer: number, head: number) => Float32Array;
}

/**
 * Checks the sizes of the arrays and gives access to their rows; under `reference` the last layer's rows are those
 * that the authors' published code sees (final norm applied twice).
 * @throws DexarError `bad-attribution-input`, `bad-setting`, `no-reference-gradient`
 */
export function headRows(input: AttributionInput, settings: AttributionSettings): HeadRows {
  const { layers, heads, gradient, promptLength, stops, firstToken = 0 } = input;
  const tokens = stops.length - firstToken;
  const positions = promptLength + stops.length - 1;
  checkLength("gradient", gradient, tokens * layers * heads * positions);
  checkImagePositions(input.imagePositions, promptLength);
  checkRanges(settings, layers, heads);
  const last = settings.preset === "reference" ? referenceLast(input, tokens * heads * positions) : null;
  const row = (token: number, layer: number, head: number) => {
    if (last !== null && layer === layers - 1) {
      const start = (token * heads + head) * positions;
      return last.subarray(start, start + positions);
    }
    const start = ((token * layers + layer) * heads + head) * positions;
    return gradient.subarray(start, start + positions);
  };
  return { tokens, layers, heads, row };
}

function referenceLast(input: AttributionInput, length: number): Float32Array {
  if (input.gradientReferenceLast === null)
    throw new DexarError(
      "no-reference-gradient",
      "This run does not hold the gradient that the reference preset needs for the last layer.",
      "Use the paper preset, or explain the picture again.",
    );
  checkLength("gradientReferenceLast", input.gradientReferenceLast, length);
  return input.gradientReferenceLast;
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

function badInput(what: string): DexarError {
  return new DexarError(
    "bad-attribution-input",
    `The run cannot be explained: ${what}.`,
    "Explain the picture again; if it stays so, report it as a bug.",
  );
}
