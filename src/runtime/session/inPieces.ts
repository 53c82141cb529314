import { Tensor, type InferenceSession } from "onnxruntime-node";
import { ROWS_FROM_INPUT } from "../../core/instrument/lastRows.js";
import { TAP_OUTPUT } from "../../core/instrument/taps.js";
import { freeDeviceTensors } from "./deviceTensors.js";
import type { Runnable } from "./runnable.js";

type Values = InferenceSession.OnnxValueMapType;
type Numbers = Float32Array | Uint16Array | BigInt64Array;

const EMBEDS = "inputs_embeds";
/** Inputs with one entry per new position, and the axis it lies on, from the end. */
const BY_POSITION: Readonly<Record<string, number>> = { [EMBEDS]: 2, position_ids: 1 };
/** Outputs with one row per position, put together again. */
const ROWS = ["logits", TAP_OUTPUT];

/**
 * A decoder that takes in at most `size` positions at a time, for devices whose kernels are wrong for longer ones.
 * Batches of one sequence only.
 */
export function inPieces(session: Runnable, size: number): Runnable {
  const { inputNames, outputNames, inputMetadata } = session;
  return {
    ...{ inputNames, outputNames, inputMetadata },
    run: (feeds) => runInPieces(session, size, feeds),
    release: () => session.release(),
  };
}

async function runInPieces(session: Runnable, size: number, feeds: Values): Promise<Values> {
  const positions = axisLength(feeds[EMBEDS] as Tensor, 2);
  if (positions <= size) return session.run(feeds);
  const past = axisLength(feeds["attention_mask"] as Tensor, 1) - positions;
  const asked = askedRows(feeds, positions);
  const rows = new Map<string, Tensor[]>(ROWS.map((name) => [name, []]));
  let outputs: Values = {};
  for (let from = 0; from < positions; from += size) {
    const to = Math.min(positions, from + size);
    const before = outputs;
    const inputs = { ...pieceOf(feeds, from, to, past), ...asPast(before), ...asked?.feed(from, to) };
    outputs = await session.run(inputs).finally(() => freeDeviceTensors(Object.values(before)));
    for (const [name, parts] of rows) {
      const part = outputs[name];
      if (part && to > (asked?.first ?? 0)) parts.push(part);
    }
  }
  for (const [name, parts] of rows) if (parts.length > 0) outputs = { ...outputs, [name]: joinRows(parts) };
  return outputs;
}

/** The first position that is asked for, and how a piece is asked; null when the decoder gives all rows. */
function askedRows(feeds: Values, positions: number) {
  const from = feeds[ROWS_FROM_INPUT];
  if (!from) return null;
  const given = Number((from.data as BigInt64Array)[0]);
  const first = given < 0 ? Math.max(0, positions + given) : given;
  return {
    first,
    // A piece without such positions is asked for its last one, which is dropped: an empty tensor is not safe in ORT.
    feed: (start: number, end: number) => {
      const at = Math.min(Math.max(first, start), end - 1) - start;
      return { [ROWS_FROM_INPUT]: new Tensor("int64", BigInt64Array.of(BigInt(at)), [1]) };
    },
  };
}

function pieceOf(feeds: Values, from: number, to: number, past: number): Values {
  return Object.fromEntries(
    Object.entries(feeds).map(([name, value]) => {
      const axis = BY_POSITION[name];
      if (axis !== undefined) return [name, cut(value, axis, from, to)];
      return [name, name === "attention_mask" ? cut(value, 1, 0, past + to) : value];
    }),
  );
}

/** The cache among a decoder's outputs as its next step takes it. */
export function asPast(outputs: Values): Values {
  const cache = Object.entries(outputs).filter(([name]) => name.startsWith("present"));
  return Object.fromEntries(
    cache.map(([name, value]) => [name.replace("present", "past_key_values"), value]),
  );
}

/** Entries `from` to `to` of an axis, counted from the end (1: the last one). */
function cut(tensor: Tensor, axis: number, from: number, to: number): Tensor {
  const { dims, type } = tensor;
  const data = tensor.data as Numbers;
  const at = dims.length - axis;
  const entry = dims.slice(at + 1).reduce((a, b) => a * b, 1);
  const block = entry * axisLength(tensor, axis);
  const blocks = Array.from({ length: data.length / block }, (_, i) =>
    data.subarray(i * block + from * entry, i * block + to * entry),
  );
  return new Tensor(type, joined(blocks), dims.with(at, to - from));
}

/** [1, a, width] and [1, b, width] to [1, a + b, width]. */
function joinRows(parts: readonly Tensor[]): Tensor {
  const [first] = parts as [Tensor];
  const count = parts.reduce((sum, part) => sum + axisLength(part, 2), 0);
  return new Tensor(first.type, joined(parts.map((part) => part.data as Numbers)), first.dims.with(1, count));
}

/** Copies that stay of the kind of the first. */
function joined<T extends Numbers>(parts: readonly T[]): T {
  const [first] = parts as [T];
  const whole = new (first.constructor as new (length: number) => T)(
    parts.reduce((sum, part) => sum + part.length, 0),
  );
  let at = 0;
  for (const part of parts) {
    whole.set(part as never, at);
    at += part.length;
  }
  return whole;
}

function axisLength(tensor: Tensor, axis: number): number {
  return tensor.dims.at(-axis) ?? 0;
}
