import { DynamicCache, Tensor as AnyTensor } from "@huggingface/transformers";
import { Tensor, type InferenceSession } from "onnxruntime-node";
import { Emitter } from "../../core/autodiff/emitter.js";
import { tensorInfo } from "../../core/instrument/tensorInfo.js";
import { DataType, writeModel } from "../../core/onnx/index.js";
import { createSession } from "./createSession.js";
import { keepsTensors, type SessionDevice } from "./device.js";
import { firstPositions, type PastKeyValues } from "./kvCache.js";
import { modelOf } from "./modelOf.js";

type Values = InferenceSession.OnnxValueMapType;

/** Copies the first `length` positions of a cache. */
export type CutCache = (cache: Values, length: number) => PastKeyValues | Promise<PastKeyValues>;

/** What cuts caches where they lie; in main memory it needs no session. */
export function cacheCutter(device: SessionDevice): { readonly cut: CutCache; release(): Promise<void> } {
  if (!keepsTensors(device)) return { cut: firstPositions, release: () => Promise.resolve() };
  const sessions = new Map<string, Promise<InferenceSession>>();
  const cut: CutCache = async (cache, length) => {
    const entries = Object.entries(cache).map(async ([name, value]) => {
      const { type } = value;
      const session = sessions.get(type) ?? openCutter(device, type);
      sessions.set(type, session);
      const end = new Tensor("int64", BigInt64Array.of(BigInt(length)), [1]);
      const { first } = await (await session).run({ cache: value, end });
      return [name.replace("present", "past_key_values"), new AnyTensor(first as never)] as const;
    });
    return new DynamicCache(Object.fromEntries(await Promise.all(entries)));
  };
  const release = async () => {
    for (const session of sessions.values()) await (await session).release();
  };
  return { cut, release };
}

/** ONNX Runtime in Node cannot read a device's tensors back, so a graph of one operator cuts them there. */
export function openCutter(device: SessionDevice, type: string): Promise<InferenceSession> {
  const emit = new Emitter();
  emit.node("Slice", ["cache", emit.ints(0), "end", emit.ints(2)], ["first"]);
  const element = type === "float16" ? DataType.FLOAT16 : DataType.FLOAT;
  const cache = ["batch", "heads", "positions", "width"];
  const model = modelOf(emit, {
    inputs: [tensorInfo("cache", element, cache), tensorInfo("end", DataType.INT64, [1])],
    outputs: [tensorInfo("first", element, ["batch", "heads", "first", "width"])],
  });
  return createSession(
    "cutter of the cache",
    { bytes: writeModel(model), directory: undefined },
    {
      device,
      staying: ["first"],
    },
  );
}
