import { Tensor, type InferenceSession } from "onnxruntime-node";
import { readDecoder } from "../../core/graph/decoder.js";
import { buildGradientModel } from "../../core/instrument/gradientModel.js";
import { tapDecoder } from "../../core/instrument/tapDecoder.js";
import { writeModel, type ModelFolder, type ModelProto } from "../../core/onnx/index.js";
import { createSession } from "./createSession.js";
import { DecoderSession } from "./decoderSession.js";
import { CPU, operatorsFor, type SessionDevice } from "./device.js";
import { GradientSession } from "./gradientSession.js";
import { asPast, inPieces } from "./inPieces.js";
import { measureSpeed } from "./measureSpeed.js";
import { cacheNames, checkDecoder, CHECK_SHAPE, noise } from "./selfCheckModel.js";

/** Largest difference from the CPU that a device may have, relative to the largest value. */
export const TOLERANCE = 1e-4;
/** Longer than the tiles of the attention kernels, and no multiple of them. */
const PROMPT = 83;
/** Pieces that kernels for long prompts are not used for. */
const PIECE = 16;
const TARGETS = [11, 42];

/** What a self-check found. */
export interface SelfCheck {
  readonly difference: number;
  /** Positions that one forward pass may take in; null: any number. */
  readonly piece: number | null;
  /** Time of a fixed piece of work (`measureSpeed`); null where the device is not used, or nobody measured. */
  readonly milliseconds: number | null;
}

type Outcome = Readonly<Record<string, Float32Array>>;

/**
 * Runs forward pass, taps and gradient of a small decoder on the device and on the CPU. Where a long prompt comes out
 * wrong, it is tried in pieces: some devices have narrower vector units than the kernels for long prompts expect.
 * @returns the way that differs least; it is above {@link TOLERANCE} when the device cannot be used
 */
export async function selfCheck(device: SessionDevice): Promise<SelfCheck> {
  const found = await compare(device);
  const milliseconds = found.difference <= TOLERANCE ? await measureSpeed(device) : null;
  return { ...found, milliseconds };
}

async function compare(device: SessionDevice): Promise<Omit<SelfCheck, "milliseconds">> {
  const expected = await withSessions(CPU.name, (sessions) => explainTwo(sessions, null));
  return withSessions(device, async (sessions) => {
    const whole = largestDifference(expected, await explainTwo(sessions, null));
    if (whole <= TOLERANCE) return { difference: whole, piece: null };
    const inParts = largestDifference(expected, await explainTwo(sessions, PIECE));
    return inParts <= whole ? { difference: inParts, piece: PIECE } : { difference: whole, piece: null };
  });
}

const NO_FILES: ModelFolder = { open: () => undefined };

interface CheckSessions {
  readonly device: SessionDevice;
  /** The tapped decoder. */
  readonly decoder: InferenceSession;
  readonly gradient: GradientSession;
}

async function withSessions<T>(
  device: SessionDevice,
  work: (sessions: CheckSessions) => Promise<T>,
): Promise<T> {
  const model = checkDecoder();
  const structure = readDecoder(model);
  const { model: gradient, taps } = buildGradientModel(structure, NO_FILES, operatorsFor(device));
  const cache = Array.from({ length: CHECK_SHAPE.layers }, (_, l) => cacheNames("present", l));
  const values = cache.map(([, value]) => value);
  const open = (name: string, source: ModelProto, staying: string[]) =>
    createSession(name, { bytes: writeModel(source), directory: undefined }, { device, staying });
  const decoder = await open(
    "decoder of the self-check",
    tapDecoder(model, taps, structure.head),
    cache.flat(),
  );
  const backward = new GradientSession(
    await open("gradient of the self-check", gradient, []),
    values,
    taps.width,
  );
  try {
    return await work({ device, decoder, gradient: backward });
  } finally {
    await decoder.release();
    await backward.release();
  }
}

/** A prompt, one more step on its cache, and the gradients of both last rows. */
async function explainTwo(
  { device, decoder: session, gradient: backward }: CheckSessions,
  piece: number | null,
) {
  const decoder = new DecoderSession(piece === null ? session : inPieces(session, piece), "fp32", device);
  const rows: { taps: Float32Array; logits: Float32Array }[] = [];
  decoder.listener = {
    rows: 1,
    beforeStep: () => Promise.resolve(),
    onStep: ({ taps, logits }) => rows.push({ taps: taps ?? new Float32Array(), logits }),
  };
  try {
    const first = await decoder.run({ ...inputs(0, PROMPT), ...emptyCache() });
    const second = await decoder.run({ ...inputs(PROMPT, 1), ...asPast(first) });
    const taps = joined(rows.map((row) => row.taps));
    const { layers, referenceLast, lens } = await backward.run(taps, TARGETS, second);
    return {
      logits: joined(rows.map((row) => row.logits)),
      taps,
      gradient: joined(layers),
      referenceLast,
      lens,
    };
  } finally {
    decoder.freeCache();
  }
}

function inputs(from: number, count: number): Record<string, Tensor> {
  const { hidden } = CHECK_SHAPE;
  const embeds = Float32Array.from(noise(`embeds/${from}`, count * hidden));
  const mask = new BigInt64Array(from + count).fill(1n);
  return {
    inputs_embeds: new Tensor("float32", embeds, [1, count, hidden]),
    attention_mask: new Tensor("int64", mask, [1, from + count]),
  };
}

function emptyCache(): Record<string, Tensor> {
  const { layers, kvHeads, headSize } = CHECK_SHAPE;
  const names = Array.from({ length: layers }, (_, l) => cacheNames("past_key_values", l)).flat();
  const empty = () => new Tensor("float32", new Float32Array(), [1, kvHeads, 0, headSize]);
  return Object.fromEntries(names.map((name) => [name, empty()]));
}

function joined(parts: readonly Float32Array[]): Float32Array {
  return Float32Array.from(parts.flatMap((part) => [...part]));
}

/** Over all results, each relative to its largest value; infinite where one is not a number. */
function largestDifference(expected: Outcome, found: Outcome): number {
  const differences = Object.entries(expected).map(([name, values]) => {
    const others = found[name] ?? new Float32Array();
    let largest = 0;
    let worst = values.length === others.length ? 0 : Infinity;
    for (const [i, value] of values.entries()) {
      const difference = Math.abs(value - (others[i] ?? NaN));
      largest = Math.max(largest, Math.abs(value));
      worst = Math.max(worst, Number.isNaN(difference) ? Infinity : difference);
    }
    return worst / largest;
  });
  return Math.max(...differences);
}
