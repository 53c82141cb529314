import { UsageError } from "../usageError.js";

/** A half-open layer range as written: null is an open end, negative counts from the last layer. */
export interface LayerSpec {
  readonly text: string;
  readonly from: number | null;
  readonly to: number | null;
}

/**
 * Parses `A:B`, `A:`, `:B` or `-2:` (as a Python slice).
 * @throws UsageError `bad-layers`
 */
export function parseLayers(text: string): LayerSpec {
  const match = /^(-?\d+)?:(-?\d+)?$/.exec(text.trim());
  if (match === null) {
    throw new UsageError(
      "bad-layers",
      `--layers is "${text}", not a range A:B.`,
      "Write 0:4 for the first four layers, -2: for the last two, : for all.",
    );
  }
  const [, from, to] = match;
  return { text, from: from === undefined ? null : Number(from), to: to === undefined ? null : Number(to) };
}

/**
 * The range [from, to) for a model with `layers` layers.
 * @throws UsageError `layers-out-of-range` when it is empty or outside the model
 */
export function resolveLayers(spec: LayerSpec, layers: number): readonly [from: number, to: number] {
  const from = fromEnd(spec.from ?? 0, layers);
  const to = fromEnd(spec.to ?? layers, layers);
  if (from >= 0 && from < to && to <= layers) return [from, to];
  throw new UsageError(
    "layers-out-of-range",
    `--layers ${spec.text} selects no layers or leaves the model, which has ${layers} layers (0 to ${layers - 1}).`,
    `Take a range within 0:${layers}.`,
  );
}

function fromEnd(value: number, layers: number): number {
  return value < 0 ? layers + value : value;
}
