import { cacheBytes, keptGradientBytes, tapBytes } from "../../core/memory/estimateMemory.js";
import type { AnswerSize, ModelMemory } from "../../core/memory/types.js";
import type { BenchRow } from "./types.js";

/** The prompt and answer that were measured. */
export type MeasuredAnswer = Pick<AnswerSize, "promptTokens" | "imageTokens" | "answerTokens">;

/** Bytes that an answer keeps in memory beside the prompt's. */
export interface KeptBytes {
  readonly cache: number;
  /** 0 where nothing is explained, as with the taps. */
  readonly gradients: number;
  readonly taps: number;
}

/** What is kept of an answer until it is written: the cache, and explained the taps and gradients of its tokens. */
export function keptBytes(model: ModelMemory, answer: MeasuredAnswer, explained: boolean): KeptBytes {
  const cache = cacheBytes(model, answer.answerTokens);
  if (!explained) return { cache, gradients: 0, taps: 0 };
  const whole = { ...answer, captureEvery: 16, forced: false, spooled: true };
  return { cache, gradients: keptGradientBytes(model, whole), taps: answer.answerTokens * tapBytes(model) };
}

/** Their sum. */
export function allBytes({ cache, gradients, taps }: KeptBytes): number {
  return cache + gradients + taps;
}

/** What is kept for each answer token of an explained run, and how much of it is what. */
export function keptRows(model: ModelMemory, answer: MeasuredAnswer): BenchRow[] {
  const kept = keptBytes(model, answer, true);
  const row = (id: string, label: string, bytes: number): BenchRow => ({
    ...{ id: `kept.${id}`, section: "kept in memory for an answer token", label, unit: "bytes" },
    value: bytes / answer.answerTokens,
  });
  return [
    row("all", "explain: cache, taps and gradients", allBytes(kept)),
    row("cache", "of it the cache, as in generate", kept.cache),
    row("taps", "of it taps", kept.taps),
    row("gradients", "of it gradients", kept.gradients),
  ];
}
