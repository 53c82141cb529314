import { checkInput } from "./checkInput.js";
import { finishMaps } from "./finishMaps.js";
import { ReplaceableRows, type HeadRows } from "./headRows.js";
import { LayerMaps, layerShares } from "./layerMaps.js";
import { RecentValues } from "./recentValues.js";
import { SideScores, type HeadScores } from "./scoreHeads.js";
import type { AttributionSettings } from "./settings.js";
import { textPositions } from "./textPositions.js";
import { finishAttribution, type TokenAttribution } from "./tokenAttribution.js";
import type { Attribution, AttributionInput, DroppedMaps, TokenGradient } from "./types.js";
import { droppedWeights, uniformWeights, weighHeads, weighTokens } from "./weights.js";

export type { DroppedMaps, TokenGradient } from "./types.js";

/** Bytes that each of the three kinds of map may take to stay quick (filtered, unfiltered, dropped). */
const MAX_MAP_BYTES = 80_000_000;
/** Text sets and scores whose scores are kept, so that going back to one costs nothing. */
const KEPT_SCORES = 8;

/**
 * Everything after dA: scores, head filter, token and sequence heatmaps (Eq. 4-6) with their reasons, again and again
 * for one run while settings change. Only what a change touches is worked out anew, with the same result to the bit.
 */
export class Attributor {
  private readonly rows: ReplaceableRows;
  private readonly scores = new RecentValues<SideScores>(KEPT_SCORES);
  private readonly maps = new Map<"filtered" | "unfiltered" | "dropped", LayerMaps>();
  /** What `droppedMaps` needs of the last call. */
  private last: { readonly settings: AttributionSettings; readonly headWeight: Float32Array } | null = null;

  /** @param maxMapBytes room for what is kept of each kind of map; with less than it needs, changes take longer */
  constructor(
    private readonly input: AttributionInput,
    private readonly maxMapBytes = MAX_MAP_BYTES,
  ) {
    this.rows = new ReplaceableRows(input);
  }

  /**
   * The explanation under these settings; its arrays are the caller's.
   * @param settings checked ones (`resolveSettings`)
   * @throws DexarError `bad-attribution-input`, `bad-setting`, `no-reference-gradient`, `gradient-not-finite`
   */
  attribute(settings: AttributionSettings): Attribution {
    return finishAttribution(this.tokens(settings), this.input.imagePositions.length, settings);
  }

  /** The same, not yet summed up. @throws those of `attribute` */
  tokens(settings: AttributionSettings): TokenAttribution {
    checkInput(this.input, settings);
    const rows = this.rows.under(settings.preset);
    const scores = this.headScores(rows, settings);
    const headWeight = weighHeads(rows, scores, settings);
    const { tokenWeight, reasons } = weighTokens(rows, scores, settings.layers);
    const uniform = uniformWeights(rows, settings.layers);
    const kept = this.layerMaps("filtered", rows).of(rows, headWeight, settings.layers);
    const all = this.layerMaps("unfiltered", rows).of(rows, uniform, settings.layers);
    this.last = { settings, headWeight: headWeight.slice() };
    return {
      ...scores,
      headWeight,
      tokenWeight,
      reasons,
      layerShare: layerShares(kept, rows.layers),
      maps: kept.maps,
      mapsUnfiltered: all.maps,
      counted: this.countedTokens(settings),
    };
  }

  /**
   * Puts another gradient in the place of a token's for the calls that follow (another token explained instead, or
   * the difference of two); null brings the run's own back.
   * @throws DexarError `bad-attribution-input` when it has another shape or the token does not exist
   */
  replaceRow(token: number, row: TokenGradient | null): void {
    this.rows.replace(token, row);
  }

  /**
   * The maps of the heads that the last `attribute` gave no weight inside the layer range, each weighing 1; a head
   * forced to drop is one of them. The sequence map is made as the unfiltered one.
   */
  droppedMaps(): DroppedMaps {
    if (this.last === null) throw new Error("droppedMaps before attribute");
    const { settings, headWeight } = this.last;
    const rows = this.rows.under(settings.preset);
    const weights = droppedWeights(rows, headWeight, settings.layers);
    const { maps } = this.layerMaps("dropped", rows).of(rows, weights, settings.layers);
    const counted = this.countedTokens(settings);
    const size = this.input.imagePositions.length;
    const [tokenHeatmap, sequenceHeatmap] = finishMaps(maps, counted, size, settings.preset);
    return { tokenHeatmap, sequenceHeatmap };
  }

  private headScores(rows: HeadRows, settings: AttributionSettings): HeadScores {
    const { preset, textSet, score } = settings;
    const image = this.scores.get(JSON.stringify(["image", score]), () => {
      const positions = Array.from({ length: rows.tokens }, () => this.input.imagePositions);
      return new SideScores(rows, positions, score);
    });
    const text = this.scores.get(
      JSON.stringify(["text", score, textSet, preset]),
      () => new SideScores(rows, textPositions(this.input, settings), score),
    );
    const { scores: scoreImage, winners: imageWinner } = image.of(rows);
    const { scores: scoreText, winners: textWinner } = text.of(rows);
    return { scoreImage, scoreText, imageWinner, textWinner };
  }

  private layerMaps(kind: "filtered" | "unfiltered" | "dropped", rows: HeadRows): LayerMaps {
    const kept = this.maps.get(kind);
    if (kept !== undefined) return kept;
    const made = new LayerMaps(rows, this.input.imagePositions, this.maxMapBytes);
    this.maps.set(kind, made);
    return made;
  }

  /** 1 for tokens summed into the sequence map, 0 for stop tokens that are left out [T]. */
  private countedTokens({ includeStop }: AttributionSettings): number[] {
    const stops = this.input.stops.slice(this.input.firstToken ?? 0);
    return stops.map((stop) => (stop && !includeStop ? 0 : 1));
  }
}
