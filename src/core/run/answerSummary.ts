import type { ReportData } from "./reportData.js";
import { textWinReason } from "./textWinner.js";
import type { Rectangle, RunToken } from "./types.js";

/** What a small view of a run shows: its picture with the map of the whole answer, and the answer. T tokens, N image tokens. */
export interface AnswerSummary {
  /** `data:` address, upright. */
  readonly picture: string;
  /** Size of the picture that the cells are in. */
  readonly width: number;
  readonly height: number;
  /** [N] */
  readonly cells: readonly Rectangle[];
  /** The whole answer's map [N] (Eq. 6). */
  readonly map: Float32Array;
  /** Without alternatives [T]. */
  readonly tokens: readonly RunToken[];
  /** delta [T] */
  readonly tokenWeight: Float32Array;
  /** Why a delta is 0; null where it is not [T]. */
  readonly reasons: readonly (string | null)[];
}

/** The summary of a run. */
export function answerSummary({ info, picture, attribution }: ReportData): AnswerSummary {
  return {
    picture,
    width: info.image.width,
    height: info.image.height,
    cells: info.cells,
    map: attribution.sequenceHeatmap,
    tokens: info.tokens.map((token) => ({ ...token, alternatives: [] })),
    tokenWeight: attribution.tokenWeight,
    reasons: info.tokens.map((_, token) => textWinReason(info, attribution, token)),
  };
}
