import { topRegions } from "../../core/heatmap/topRegions.js";
import { answerText } from "../../core/run/answerText.js";
import type { ReportData } from "../../core/run/reportData.js";
import { keptHeads, rowOf, textWinReason } from "../../core/run/textWinner.js";
import { clipped, rounded } from "./bounded.js";
import { headSummary, type HeadSummary } from "./headSummary.js";

/** A place of the picture, as a language model reads it. */
interface Place {
  /** `top left` … `bottom right`. */
  readonly where: string;
  /** Left, top, width, height in shares of the picture. */
  readonly box: readonly number[];
  /** Part of the heatmap in it. */
  readonly share: number;
}

/** A token of the answer. */
interface ExplainedToken {
  readonly index: number;
  readonly text: string;
  readonly probability: number;
  readonly delta: number;
  readonly looked_at: readonly Place[];
  readonly kept_heads: string;
  /** Why delta is 0. */
  readonly reason?: string;
}

/** What `explain_image` answers. */
export interface ExplainedRun {
  readonly run_id: string;
  readonly how_to_read: string;
  readonly model: string;
  readonly image: string;
  readonly prompt: string;
  readonly answer: string;
  /** `generated` by the model, or `forced`: the target that was given. */
  readonly answer_is: "generated" | "forced";
  readonly ended: string;
  readonly whole_answer: { readonly looked_at: readonly Place[] };
  readonly tokens: readonly ExplainedToken[];
  /** How many tokens are not listed: those with the smallest delta. */
  readonly tokens_left_out: number;
  readonly head_filter: HeadSummary;
  readonly notes: readonly string[];
}

const MOST_TOKENS = 40;
const MOST_PLACES = 3;
const MOST_CHARACTERS = 2000;

const HOW_TO_READ =
  "delta says how far the picture beat the text for a token: 0 means that the text won and the token rests on words, " +
  "not on the picture. looked_at lists the strongest regions of its heatmap: box is [left, top, width, height] in " +
  "shares of the picture from its top left corner, share the part of the heatmap inside. It shows what moved this " +
  "model's answer, not whether the answer is true.";

/** A run as a language model reads it: its size is bounded, whatever the run's is. */
export function explainedRun(data: ReportData, runId: string): ExplainedRun {
  const { info, attribution } = data;
  const shown = mostVisual(data);
  const answered = info.tokens.filter(({ stop }) => !stop).length;
  return {
    run_id: runId,
    how_to_read: HOW_TO_READ,
    model: `${info.model.name} (${info.model.dtype})`,
    image: `${info.image.name}, ${info.image.width} x ${info.image.height} pixels`,
    prompt: clipped(info.prompt.text.trim(), MOST_CHARACTERS),
    answer: clipped(answerText(info), MOST_CHARACTERS),
    answer_is: info.generation.mode,
    ended: info.generation.finish,
    whole_answer: { looked_at: places(data, attribution.sequenceHeatmap) },
    tokens: shown.map((index) => explainedToken(data, index)),
    tokens_left_out: answered - shown.length,
    head_filter: headSummary(data),
    notes: notesOf(data),
  };
}

/** The tokens with the largest delta, in the answer's order, without the end token. */
function mostVisual({ info, attribution }: ReportData): number[] {
  const delta = (token: number): number => attribution.tokenWeight[token] ?? 0;
  return info.tokens
    .flatMap(({ stop }, index) => (stop ? [] : [index]))
    .sort((a, b) => delta(b) - delta(a) || a - b)
    .slice(0, MOST_TOKENS)
    .sort((a, b) => a - b);
}

function explainedToken(data: ReportData, index: number): ExplainedToken {
  const { info, attribution } = data;
  const { text = "", logprob = Number.NaN } = info.tokens[index] ?? {};
  const { kept, total } = keptHeads(info, attribution, index);
  const reason = textWinReason(info, attribution, index);
  const map = rowOf(attribution.tokenHeatmap, index, info.cells.length);
  return {
    index,
    text: clipped(text, 100),
    probability: rounded(Math.exp(logprob)),
    delta: rounded(attribution.tokenWeight[index] ?? 0),
    // A map that does not count would only mislead.
    looked_at: reason === null ? places(data, map) : [],
    kept_heads: `${kept} of ${total}`,
    ...(reason !== null && { reason: clipped(reason, 200) }),
  };
}

function places({ info }: ReportData, map: Float32Array): Place[] {
  const { width, height } = info.image;
  return topRegions(map, info.cells, [0, 0, width, height], MOST_PLACES).map(({ word, box, share }) => ({
    where: word,
    box: box.map(rounded),
    share: rounded(share),
  }));
}

function notesOf({ info, attribution }: ReportData): string[] {
  const { seen, width, height } = info.image;
  const visual = info.tokens.some(({ stop }, index) => !stop && (attribution.tokenWeight[index] ?? 0) > 0);
  const cropped = seen[2] < width - 0.5 || seen[3] < height - 0.5;
  return [
    ...(visual ? [] : ["By this measure the answer did not use the picture: every token rests on text."]),
    ...(info.partial ? ["The run was stopped: this is a part of the answer."] : []),
    ...(info.generation.finish === "length"
      ? [
          `The answer was cut at ${info.generation.maxNewTokens} tokens; ask again with a larger max_new_tokens.`,
        ]
      : []),
    ...(cropped ? ["The model saw only the middle of the picture (a centre crop)."] : []),
    ...info.warnings.slice(0, 10).map((warning) => clipped(warning, 300)),
  ];
}
