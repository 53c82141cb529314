import { existsSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { bytesText } from "../../core/memory/bytesText.js";
import { throwIfCancelled } from "../../runtime/answer/cancellation.js";
import { checkRoom, diskFull } from "./diskRoom.js";
import { GraphWriter } from "./graphWriter.js";
import type { BenchDtype, BenchShape } from "./shapes.js";
import { TensorFile } from "./tensorFile.js";
import { WeightStore } from "./weightStore.js";

/** Writes one kind of graph of a shape. */
export type WriteGraph = (graph: GraphWriter, shape: BenchShape) => void;

/** Who waits for a model that is being built. */
export interface BuildWatch {
  readonly signal: AbortSignal;
  /** Told how far it has come, a short text each time. */
  readonly onProgress: (doing: string) => void;
}

/** What the files of a graph depend on; it is written beside them. */
export interface PartStamp {
  readonly version: number;
  readonly seed: number;
  readonly dtype: BenchDtype;
  readonly shape: BenchShape;
}

/** A graph with its weights that is yet to be written. */
export interface Part {
  readonly file: string;
  readonly graph: Uint8Array;
  readonly tensors: TensorFile;
  readonly stamp: PartStamp;
}

/** One graph of a model, laid out; null where the stamp says that it is there whole. */
export function missingPart(file: string, stamp: PartStamp, write: WriteGraph): Part | null {
  if (isStamped(file, stamp)) return null;
  const tensors = new TensorFile(dataOf(file));
  const graph = new GraphWriter(new WeightStore(tensors, stamp.seed, stamp.dtype));
  write(graph, stamp.shape);
  return { file, graph: graph.finish(), tensors, stamp };
}

/**
 * Writes what is missing of a model, streamed, with a stamp for each graph.
 * @throws DexarError `disk-full`, before anything is written where that can be foretold; `cancelled`
 */
export async function writeParts(parts: readonly Part[], watch: BuildWatch): Promise<void> {
  const [first] = parts;
  if (first === undefined) return;
  const all = parts.reduce((sum, { tensors }) => sum + tensors.bytes, 0);
  await checkRoom(path.dirname(first.file), all);
  const report = everyQuarter(all, watch.onProgress);
  let before = 0;
  for (const part of parts) {
    await writePart(part, watch.signal, (bytes) => {
      report(before + bytes);
    });
    before += part.tensors.bytes;
  }
}

async function writePart(part: Part, signal: AbortSignal, onBytes: (bytes: number) => void): Promise<void> {
  const { file, graph, tensors, stamp } = part;
  rmSync(stampOf(file), { force: true });
  writeFileSync(file, graph);
  try {
    await tensors.write(signal, onBytes);
  } catch (error) {
    // Half a model is of no use and may be gigabytes.
    rmSync(dataOf(file), { force: true });
    throwIfCancelled(signal);
    if (error instanceof Error && "code" in error && error.code === "ENOSPC") {
      throw diskFull(path.dirname(file), tensors.bytes, null, error);
    }
    throw error;
  }
  // Last and at once: a build that was interrupted has no stamp.
  const half = `${stampOf(file)}.part`;
  writeFileSync(half, stampText(file, stamp));
  renameSync(half, stampOf(file));
}

/** Tells of a build at its beginning and at each quarter of it. */
function everyQuarter(all: number, onProgress: (doing: string) => void): (bytes: number) => void {
  let next = 0;
  return (bytes) => {
    if (bytes < (next / 4) * all || next === 4) return;
    onProgress(`building: ${next * 25} % of ${bytesText(all)}`);
    next++;
  };
}

function isStamped(file: string, stamp: PartStamp): boolean {
  if (![stampOf(file), file, dataOf(file)].every((name) => existsSync(name))) return false;
  return readFileSync(stampOf(file), "utf8") === stampText(file, stamp);
}

function stampText(file: string, stamp: PartStamp): string {
  const bytes = [file, dataOf(file)].map((name) => statSync(name).size);
  return JSON.stringify({ ...stamp, bytes });
}

function stampOf(file: string): string {
  return `${file}.stamp.json`;
}

function dataOf(file: string): string {
  return `${file}_data`;
}
