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
};

/** The bar of a row, undefined where none was set for it. */
export function barOf(
  id: string,
  setting: { shape: string; style: BenchStyle; dtype: BenchDtype; promptTokens: number; tokens: number },
): number | undefined {
  const { shape, style, dtype, promptTokens, tokens } = setting;
  const same =
    shape === BAR_SHAPE && style === "fused" && promptTokens === BAR_PROMPT && tokens === BAR_TOKENS;
  return same ? (BY_DTYPE[dtype][id] ?? COMMON[id]) : undefined;
}
