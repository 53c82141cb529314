import { formatNumber } from "../run/formatNumber.js";
import type { ShownAttribution } from "../run/shownAttribution.js";
import { rowOf } from "../run/textWinner.js";
import { tokenLabel } from "../run/tokenLabel.js";
import type { RunInfo } from "../run/types.js";
import { figureSvg } from "./figureSvg.js";
import type { Figure, FigurePaper, FigureStyle } from "./types.js";

/** What to show of a saved run, and how. */
export interface RunFigureOptions {
  /** null: the whole answer. */
  readonly token: number | null;
  /** The upright picture as a `data:` address. */
  readonly picture: string;
  readonly style: FigureStyle;
  readonly paper: FigurePaper;
  readonly texts: FigureTexts;
}

/** The words of a figure that are not the run's own. */
export interface FigureTexts {
  readonly wholeAnswer: string;
  /** What the numbers of a token's map are. */
  readonly tokenLabel: string;
  /** What the numbers of the whole answer's map are. */
  readonly answerLabel: string;
}

/** The words in English. */
export const FIGURE_TEXTS: FigureTexts = {
  wholeAnswer: "Whole answer",
  tokenLabel: "weighted gradient",
  answerLabel: "token maps weighted by δ",
};

/** The figure of a run as it was saved: the whole answer's map, or a token's. */
export function runFigure(
  info: RunInfo,
  attribution: ShownAttribution,
  { token, texts, ...options }: RunFigureOptions,
): Promise<Figure> {
  const weights = attribution.tokenWeight;
  const own = token === null ? undefined : info.tokens[token];
  const map =
    own && token !== null
      ? {
          values: rowOf(attribution.tokenHeatmap, token, info.cells.length),
          title: `${tokenLabel(own.text)}  (δ ${formatNumber(weights[token] ?? 0)})`,
          label: texts.tokenLabel,
        }
      : { values: attribution.sequenceHeatmap, title: texts.wholeAnswer, label: texts.answerLabel };
  return figureSvg({
    ...options,
    info,
    map: { ...map, signed: false },
    answer: { weights, selected: own ? token : null },
  });
}
