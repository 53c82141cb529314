import type { BenchDtype, BenchStyle } from "../model/shapes.js";

/** The setting the bars are about. */
const BAR_SHAPE = "smolvlm-256m";
const BAR_PROMPT = 832;
const BAR_TOKENS = 32;

/** Largest ratios that count as reached, by row id, whatever the weight type. */
const COMMON: Readonly<Record<string, number>> = {
  "whole.plain": 1.05,
  "decode.k1": 2,
  "memory.private.k16": 1.15,
  "another-token": 1.5,
  "second-question": 0.2,
};

/** Those of one weight type. */
const BY_DTYPE: Readonly<Record<BenchDtype, Readonly<Record<string, number>>>> = {
  fp32: { "whole.k16": 1.1, "decode.k16": 1.15 },
  q4: { "whole.k16": 1.25 },
  fp16: {},
  q8: {},
  q4f16: {},
};

/** Smallest ratios that count as reached: how many times more the textbook way takes. */
const TEXTBOOK: Readonly<Record<string, number>> = {
  "textbook.20": 35,
  "textbook.64": 60,
  "textbook.peak": 3,
};

/** What was measured. */
export interface BarSetting {
  readonly shape: string;
  readonly style: BenchStyle;
  readonly dtype: BenchDtype;
  readonly promptTokens: number;
  readonly tokens: number;
}

/** The bar of a row, undefined where none was set for it. */
export function barOf(id: string, setting: BarSetting): number | undefined {
  const set = isAboutBars(setting) && setting.tokens === BAR_TOKENS;
  return set ? (BY_DTYPE[setting.dtype][id] ?? COMMON[id]) : undefined;
}

/** The bar of a row of the textbook way, whose answers have lengths of their own. */
export function textbookBarOf(id: string, setting: BarSetting): number | undefined {
  return isAboutBars(setting) ? TEXTBOOK[id] : undefined;
}

function isAboutBars({ shape, style, promptTokens }: BarSetting): boolean {
  return shape === BAR_SHAPE && style === "fused" && promptTokens === BAR_PROMPT;
}
