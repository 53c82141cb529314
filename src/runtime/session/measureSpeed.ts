import { Tensor, type InferenceSession } from "onnxruntime-node";
import { Emitter } from "../../core/autodiff/emitter.js";
import { tensorInfo } from "../../core/instrument/tensorInfo.js";
import { DataType, makeTensor, writeModel } from "../../core/onnx/index.js";
import { createSession } from "./createSession.js";
import type { SessionDevice } from "./device.js";
import { modelOf } from "./modelOf.js";

const WIDTH = 1024;
const WEIGHTS = 4;
/** Linear layers; each weight is used by several, so that the model stays small. */
const LAYERS = 24;
const PROMPT = 16;
const STEPS = 4;
/** A first position that took this long, in milliseconds, says enough: no driver compiles that long. */
const SLOW = 2000;

/**
 * Times what an answer spends its time in: 4 single positions and a prompt of 16 through 24 linear layers of
 * 1024 x 1024. The first time, when drivers compile, does not count, unless it is slow beyond that.
 * @returns milliseconds; on slow devices an estimate
 */
export async function measureSpeed(device: SessionDevice): Promise<number> {
  const source = { bytes: writeModel(workload()), directory: undefined };
  const session = await createSession("workload of the device's check", source, { device });
  try {
    const first = await timed(session, [1]);
    if (first > SLOW) return first * (STEPS + 1);
    await timed(session, [PROMPT]);
    return await timed(session, [...Array.from({ length: STEPS }, () => 1), PROMPT]);
  } finally {
    await session.release();
  }
}

async function timed(session: InferenceSession, passes: readonly number[]): Promise<number> {
  const started = performance.now();
  for (const positions of passes) {
    const x = new Tensor("float32", new Float32Array(positions * WIDTH).fill(1), [positions, WIDTH]);
    await session.run({ x });
  }
  return performance.now() - started;
}

function workload() {
  const emit = new Emitter();
  const weights = Array.from({ length: WEIGHTS }, (_, i) =>
    emit.tensor(makeTensor(`w${i}`, DataType.FLOAT, [WIDTH, WIDTH], values(i))),
  );
  let y = "x";
  for (let layer = 0; layer < LAYERS; layer++) y = emit.op("MatMul", [y, weights[layer % WEIGHTS] ?? ""]);
  // One number per position: what is timed is the work, not the way back.
  emit.node("ReduceSum", [y, emit.ints(1)], ["y"]);
  return modelOf(emit, {
    inputs: [tensorInfo("x", DataType.FLOAT, ["positions", WIDTH])],
    outputs: [tensorInfo("y", DataType.FLOAT, ["positions", 1])],
  });
}

/** Small numbers of both signs: the product neither grows nor fades into numbers that processors are slow with. */
function values(seed: number): number[] {
  return Array.from({ length: WIDTH * WIDTH }, (_, i) => ((((i * 7919 + seed) % 101) - 50) / 50) * 0.05);
}
