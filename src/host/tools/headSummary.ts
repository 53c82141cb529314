import { textWins } from "../../core/attribution/textWins.js";
import type { ReportData } from "../../core/run/reportData.js";
import { keptHeads, positionLabel } from "../../core/run/textWinner.js";

/** What the head filter did, over all tokens of the answer. */
export interface HeadSummary {
  /** Heads times tokens whose heatmap counts. */
  readonly kept: number;
  readonly dropped: number;
  /** Words that won most heads from the picture, with how many; null when the run does not say. */
  readonly text_that_won_most: readonly { readonly text: string; readonly heads: number }[] | null;
}

const MOST_WINNERS = 3;

/** Sums the head filter up. */
export function headSummary({ info, attribution }: ReportData): HeadSummary {
  const tokens = info.tokens.flatMap(({ stop }, index) => (stop ? [] : [index]));
  const counts = tokens.map((token) => keptHeads(info, attribution, token));
  const kept = counts.reduce((sum, count) => sum + count.kept, 0);
  const total = counts.reduce((sum, count) => sum + count.total, 0);
  return { kept, dropped: total - kept, text_that_won_most: winners({ info, attribution }, tokens) };
}

function winners(
  { info, attribution }: Pick<ReportData, "info" | "attribution">,
  tokens: readonly number[],
): HeadSummary["text_that_won_most"] {
  const { textWinner, scoreImage, scoreText, headWeight } = attribution;
  if (!textWinner) return null;
  const wins = textWins(
    { textWinner, scoreImage, scoreText, headWeight },
    {
      tokens,
      layers: info.settings.layers,
      layerCount: info.model.layers,
      headCount: info.model.heads,
    },
  );
  return [...wins]
    .filter(([, { dropped }]) => dropped > 0)
    .sort(([, a], [, b]) => b.dropped - a.dropped)
    .slice(0, MOST_WINNERS)
    .map(([position, { dropped }]) => ({ text: positionLabel(info, position), heads: dropped }));
}
