import { InferenceSession, Tensor as OrtTensor } from "onnxruntime-node";
import { float16ToNumber } from "../../src/core/tensor/float16.js";
import { writeModel, type ModelProto } from "../../src/core/onnx/index.js";
import { tensor, type Tensor } from "./interpreter/tensor.js";

/** Runs a model in ONNX Runtime on the CPU as written; feeds are float32, or int64 for the names in `integers`. */
export async function runOrt(
  model: ModelProto,
  feeds: Readonly<Record<string, Tensor>> = {},
  integers: readonly string[] = [],
): Promise<Record<string, Tensor>> {
  const session = await InferenceSession.create(writeModel(model), {
    graphOptimizationLevel: "disabled",
    logSeverityLevel: 3,
  });
  const given = Object.entries(feeds).map(([name, { dims, data }]) => {
    const values = integers.includes(name) ? BigInt64Array.from(data, BigInt) : Float32Array.from(data);
    return [
      name,
      new OrtTensor(values instanceof BigInt64Array ? "int64" : "float32", values, dims),
    ] as const;
  });
  const results = await session.run(Object.fromEntries(given));
  await session.release();
  return Object.fromEntries(Object.entries(results).map(([name, value]) => [name, numbers(value)]));
}

function numbers({ type, dims, data }: OrtTensor): Tensor {
  const list = Array.from(data as ArrayLike<number | bigint>, Number);
  return tensor(dims, type === "float16" ? list.map(float16ToNumber) : list);
}

/** Largest absolute difference; throws when the shapes differ. */
export function distance(a: Tensor, b: Tensor): number {
  if (a.dims.join() !== b.dims.join()) throw new RangeError(`shapes [${a.dims}] and [${b.dims}]`);
  return a.data.reduce((most, value, i) => Math.max(most, Math.abs(value - (b.data[i] as number))), 0);
}
