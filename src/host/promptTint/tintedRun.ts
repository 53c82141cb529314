import type { LiveRun } from "../../protocol/panel.js";
import type { QuestionSource, RunStore, TintedRun } from "../services.js";

/** What a panel shows. */
export interface ShownRun {
  readonly liveRun: LiveRun | null;
  readonly shownRunId: string | null;
}

/**
 * The run that a page speaks of, with the place of its words; null when it is not shown any more, or was typed.
 * @param asked the document that the panel is tied to: it may have another name since the run
 */
export function tintedRun(
  runId: string,
  { liveRun, shownRunId }: ShownRun,
  asked: QuestionSource | null,
  runs: Pick<RunStore, "get">,
): TintedRun | null {
  if (liveRun !== null && liveRun.info.id === runId) {
    const answer = liveRun.tokens.map(({ text }) => text);
    return asked && { runId, prompt: liveRun.info.prompt, answer, source: asked };
  }
  const entry = runId === shownRunId ? runs.get(runId) : undefined;
  if (!entry?.source) return null;
  const { prompt, tokens } = entry.saved.info;
  const source = { ...entry.source, uri: asked?.uri ?? entry.source.uri };
  return { runId, prompt, answer: tokens.map(({ text }) => text), source };
}
