import type { ExplainRequest } from "../../protocol/modelProcess.js";
import { throwIfCancelled } from "../../runtime/answer/cancellation.js";
import type { LoadedVlm } from "../../runtime/model/loadModel.js";
import { MODES, requestOf, type Mode } from "./modes.js";
import { timeExplained, timePlain, type AnswerTime } from "./timeAnswer.js";
import type { TransformersPeer } from "./transformersPeer.js";

/** One model's files, opened by us and by transformers.js. */
export interface MeasuredModels {
  readonly vlm: LoadedVlm;
  readonly peer: TransformersPeer;
}

/** The measured answers of every mode. */
export interface ModeTimes {
  readonly times: ReadonlyMap<string, readonly AnswerTime[]>;
  /** Whether all modes gave the same ids. */
  readonly sameAnswer: boolean;
  /** The answer. */
  readonly ids: readonly number[];
}

/** Tokens of the answers that only warm up. */
const WARM_UP_TOKENS = 2;

/**
 * Times every mode `rounds` times, in turn, so that a slow minute of the machine slows all of them; each round begins
 * with another mode.
 */
export async function timeModes(
  models: MeasuredModels,
  request: ExplainRequest,
  rounds: number,
  signal: AbortSignal,
  onRound: (round: number) => void,
): Promise<ModeTimes> {
  const { ids } = await timePlain(models.vlm, request, signal);
  const short = { ...request, maxNewTokens: WARM_UP_TOKENS };
  for (const mode of MODES) await timeMode(models, mode, short, ids.slice(0, WARM_UP_TOKENS), signal);
  const times = new Map<string, AnswerTime[]>(MODES.map((mode) => [mode.id, []]));
  for (let round = 0; round < rounds; round++) {
    onRound(round);
    for (let turn = 0; turn < MODES.length; turn++) {
      throwIfCancelled(signal);
      const mode = MODES[(round + turn) % MODES.length] as Mode;
      times.get(mode.id)?.push(await timeMode(models, mode, request, ids, signal));
    }
  }
  const all = [...times.values()].flat();
  return { times, ids, sameAnswer: all.every((time) => time.ids.join() === ids.join()) };
}

async function timeMode(
  { vlm, peer }: MeasuredModels,
  mode: Mode,
  request: ExplainRequest,
  ids: readonly number[],
  signal: AbortSignal,
): Promise<AnswerTime> {
  const asked = requestOf(mode, request, ids);
  if (mode.by === "transformers.js") return peer.time(asked, signal);
  if (mode.captureEvery === null) return timePlain(vlm, asked, signal);
  const { prepare, prefill, whole, gradient, ids: answer } = await timeExplained(vlm, asked, signal);
  // The run is tens of megabytes: it must not be kept with its time.
  return { prepare, prefill, whole, gradient, ids: answer };
}
