import { DexarError } from "../errors.js";
import { badInput } from "./checkInput.js";
import type { Preset } from "./settings.js";
import type { AttributionInput, TokenGradient } from "./types.js";

/** The gradient as rows of one head each, with the sizes everything else loops over. */
export interface HeadRows {
  /** T */
  readonly tokens: number;
  /** L */
  readonly layers: number;
  /** H */
  readonly heads: number;
  /** P */
  readonly positions: number;
  /** Signed dA of one token in all heads of one layer [H, P]. */
  layer(token: number, layer: number): Float32Array;
  /** A number that changes whenever `layer` gives other values for the same place. */
  version(token: number, layer: number): number;
}

/** A run's rows, in which one token's can be exchanged for those of another gradient. */
export class ReplaceableRows {
  readonly tokens: number;
  readonly positions: number;
  private readonly replacements = new Map<number, TokenGradient>();
  /** How often each token's rows were exchanged [T]. */
  private readonly exchanges: Int32Array;

  constructor(private readonly input: AttributionInput) {
    this.tokens = input.stops.length - (input.firstToken ?? 0);
    this.positions = input.promptLength + input.stops.length - 1;
    this.exchanges = new Int32Array(this.tokens);
  }

  /**
   * Puts `row` in the place of a token's rows; null brings the run's own back.
   * @throws DexarError `bad-attribution-input` when it has another shape or the token does not exist
   */
  replace(token: number, row: TokenGradient | null): void {
    if (token < 0 || token >= this.tokens) throw badInput(`there is no token ${token}`);
    if (row !== null) this.checkShape(row);
    if (row === (this.replacements.get(token) ?? null)) return;
    if (row === null) this.replacements.delete(token);
    else this.replacements.set(token, row);
    this.exchanges[token] = (this.exchanges[token] ?? 0) + 1;
  }

  /**
   * The rows that a preset sees: under `reference` the last layer's are those of the authors' published code (final
   * norm applied twice).
   * @throws DexarError `no-reference-gradient` when a gradient in use has none for that
   */
  under(preset: Preset): HeadRows {
    const { layers, heads } = this.input;
    if (preset === "reference") this.requireReference();
    const doubled = (layer: number): boolean => preset === "reference" && layer === layers - 1;
    return {
      tokens: this.tokens,
      layers,
      heads,
      positions: this.positions,
      layer: (token, layer) => this.layerRows(token, layer, doubled(layer)),
      version: (token, layer) => 2 * (this.exchanges[token] ?? 0) + (doubled(layer) ? 1 : 0),
    };
  }

  private requireReference(): void {
    const used = [this.input, ...this.replacements.values()];
    if (used.every(({ gradientReferenceLast }) => gradientReferenceLast !== null)) return;
    throw new DexarError(
      "no-reference-gradient",
      "This run does not hold the gradient that the reference preset needs for the last layer.",
      "Use the paper preset, or explain the picture again.",
    );
  }

  private layerRows(token: number, layer: number, doubled: boolean): Float32Array {
    const replacement = this.replacements.get(token);
    const source = replacement ?? this.input;
    const place = replacement === undefined ? token : 0;
    const size = this.input.heads * this.positions;
    if (doubled && source.gradientReferenceLast !== null)
      return source.gradientReferenceLast.subarray(place * size, (place + 1) * size);
    const start = (place * this.input.layers + layer) * size;
    return source.gradient.subarray(start, start + size);
  }

  private checkShape({ gradient, gradientReferenceLast }: TokenGradient): void {
    const size = this.input.heads * this.positions;
    if (gradient.length !== this.input.layers * size || (gradientReferenceLast?.length ?? size) !== size)
      throw badInput("the gradient put in the place of a token's has another shape");
  }
}
