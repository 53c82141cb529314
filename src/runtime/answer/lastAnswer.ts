import { stat } from "node:fs/promises";
import path from "node:path";
import type { GenerateRequest } from "../../protocol/modelProcess.js";
import type { DecoderStep } from "../session/decoderSession.js";
import type { CutCache } from "../session/cacheCutter.js";
import { freeDeviceTensors } from "../session/deviceTensors.js";
import { cacheBytes, canBeCut, firstPositions, type PastKeyValues } from "../session/kvCache.js";
import type { ModelInputs } from "./prompt.js";

/** Answers whose cache and rows take more bytes are not kept for the next question. */
const MAX_BYTES = 512 * 2 ** 20;

/** What an explained answer leaves behind, until another answer begins. */
export interface KeptAnswer {
  /** Ids of the positions in the cache: the prompt's, then the answer's without its last. */
  readonly ids: readonly number[];
  readonly promptLength: number;
  /** Names the pixels that went in; null: they came from a file and are not compared. */
  readonly picture: string | null;
  /** The decoder's cache after the last step. */
  readonly cache: DecoderStep["outputs"];
  /** Tapped row of each explained token. */
  readonly rows: readonly Float32Array[];
  /** Log of the sum of the exponentiated logits that each explained token was chosen from. */
  readonly normalisers: readonly number[];
}

/** The beginning of a sequence that need not go through vision encoder and decoder again. */
export interface ReusedPrefix {
  readonly length: number;
  readonly past: PastKeyValues;
}

/** Remembers the last explained answer of a model: its next question and its other tokens cost little then. */
export class LastAnswer {
  private kept: KeptAnswer | null = null;
  private file: { readonly path: string; readonly stamp: string } | null = null;

  constructor(private readonly cut: CutCache = firstPositions) {}

  /** Keeps an answer in place of the one before; one that is too large is not kept. */
  keep(answer: KeptAnswer): void {
    this.clear();
    if (bytesOf(answer) <= MAX_BYTES) this.kept = answer;
    else freeDeviceTensors(Object.values(answer.cache));
  }

  clear(): void {
    freeDeviceTensors(Object.values(this.kept?.cache ?? {}));
    this.kept = null;
    this.file = null;
  }

  /** Says which run file the kept answer was written to. */
  async savedAs(runPath: string): Promise<void> {
    this.file = { path: path.resolve(runPath), stamp: await stampOf(runPath) };
  }

  /** The kept answer if it is the one in this run file, and the file is as it was written; null otherwise. */
  async of(runPath: string): Promise<KeptAnswer | null> {
    const { file, kept } = this;
    if (file?.path !== path.resolve(runPath)) return null;
    return (await stampOf(runPath)) === file.stamp ? kept : null;
  }

  /**
   * Takes what a prompt shares with the kept answer, which is gone then; null when that is not all of the picture.
   * The last position of the prompt is always left to compute: its logits choose the first token. A question that is
   * only repeated is computed anew, so that its numbers are the same to the last bit.
   */
  async take(prompt: ModelInputs, request: GenerateRequest): Promise<ReusedPrefix | null> {
    const { kept } = this;
    const length = kept && sharedPositions(kept, prompt, request);
    try {
      return kept && length !== null ? { length, past: await this.cut(kept.cache, length) } : null;
    } finally {
      this.clear();
    }
  }
}

/** How many positions a prompt shares with a kept answer; null when it cannot go on from there. */
function sharedPositions(kept: KeptAnswer, prompt: ModelInputs, request: GenerateRequest): number | null {
  if (kept.picture === null || kept.picture !== pictureKey(prompt, request)) return null;
  if (!canBeCut(kept.cache)) return null;
  const different = prompt.ids.findIndex((id, at) => id !== kept.ids[at]);
  const isRepeated = different === -1 && prompt.ids.length === kept.promptLength;
  if (isRepeated && request.target === null) return null;
  const length = different === -1 ? prompt.ids.length - 1 : Math.min(different, prompt.ids.length - 1);
  return length <= (prompt.imagePositions.at(-1) ?? Infinity) ? null : length;
}

/**
 * Names the pixels of a prompt: the picture's bytes, where each of several lies on it, and how they are resized; null
 * when they came from a file.
 */
export function pictureKey(
  { picture, placed }: Pick<ModelInputs, "picture" | "placed">,
  { pixelValuesPath, resize }: Pick<GenerateRequest, "pixelValuesPath" | "resize">,
): string | null {
  const places = placed?.map(({ place }) => place) ?? [];
  return pixelValuesPath === null ? [picture.sha256, resize, ...places].join(" ") : null;
}

function bytesOf({ cache, rows }: KeptAnswer): number {
  return rows.reduce((sum, row) => sum + row.byteLength, cacheBytes(cache));
}

async function stampOf(file: string): Promise<string> {
  const stats = await stat(file).catch(() => null);
  return stats === null ? "" : `${stats.size} ${stats.mtimeMs}`;
}
