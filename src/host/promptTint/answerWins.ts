import { textWins } from "../../core/attribution/textWins.js";
import type { ReportData } from "../../core/run/reportData.js";
import type { WordWinsReport } from "../../protocol/panel.js";

/** Which words won S_text over the whole answer under the run's own settings; null when the run does not say who won. */
export function answerWins(runId: string, { info, attribution }: ReportData): WordWinsReport | null {
  const { textWinner } = attribution;
  if (!textWinner) return null;
  const { layers: layerCount, heads: headCount } = info.model;
  const { layers, includeStop } = info.settings;
  const tokens = info.tokens.flatMap(({ stop }, index) => (stop && !includeStop ? [] : [index]));
  const wins = textWins({ ...attribution, textWinner }, { tokens, layers, layerCount, headCount });
  return {
    runId,
    token: null,
    total: tokens.length * (layers[1] - layers[0]) * headCount,
    wins: [...wins].map(([position, won]) => ({ position, wins: won })),
  };
}
