/** `paper`: equations 3–6 of arXiv 2603.06302; `reference`: the authors' published code with its departures. */
export type Preset = "paper" | "reference";

/** Which positions compete with the image in S_text. */
export type TextSet =
  | "all" // every non-image position up to p (default)
  | "no-special" // without special and template tokens
  | "prompt" // prompt only
  | "generated" // answer tokens so far only
  | { readonly positions: readonly number[] };

/** How one score is made of many gradients: `max` is the paper's; `top-k`: mean of the k largest; `mean`: of all. */
export type Score =
  { readonly kind: "max" } | { readonly kind: "mean" } | { readonly kind: "top-k"; readonly k: number };

/** A head forced in or out of the heatmap, whatever its weight says. */
export interface HeadOverride {
  readonly layer: number;
  readonly head: number;
  readonly decision: "keep" | "drop";
}

/** Everything the arithmetic after dA depends on. */
export interface AttributionSettings {
  readonly preset: Preset;
  /** Half-open layer range [from, to). */
  readonly layers: readonly [from: number, to: number];
  readonly textSet: TextSet;
  readonly score: Score;
  readonly overrides: readonly HeadOverride[];
  /** Sum the stop token into the sequence heatmap (default false; engine.md section 1). */
  readonly includeStop: boolean;
}
