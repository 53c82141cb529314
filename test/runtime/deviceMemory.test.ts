import { Tensor } from "onnxruntime-node";
import { describe, expect, it, vi } from "vitest";
import { LastAnswer, type KeptAnswer } from "../../src/runtime/answer/lastAnswer.js";
import { DecoderSession } from "../../src/runtime/session/decoderSession.js";
import { freeDeviceTensors, keepDeviceTensors } from "../../src/runtime/session/deviceTensors.js";
import type { Runnable } from "../../src/runtime/session/runnable.js";

/** A tensor in a device's memory, as ONNX Runtime makes them. */
function onDevice(dims: readonly number[] = [1, 1, 2, 4]) {
  const free = vi.fn();
  const options = { dataType: "float32", dims, dispose: free } as const;
  return { tensor: Tensor.fromGpuBuffer({} as never, options), free };
}

/** A decoder whose steps leave caches on a device; `freed` tells how often each was freed. */
function stepper() {
  const made: ReturnType<typeof onDevice>[] = [];
  const session: Runnable = {
    inputNames: ["past_key_values.0.key"],
    outputNames: ["logits", "present.0.key"],
    inputMetadata: [],
    run: () => {
      const cache = onDevice();
      made.push(cache);
      const logits = new Tensor("float32", new Float32Array(3), [1, 1, 3]);
      return Promise.resolve({ logits, "present.0.key": cache.tensor });
    },
    release: () => Promise.resolve(),
  };
  const freed = () => made.map(({ free }) => free.mock.calls.length);
  return { decoder: new DecoderSession(session, "fp32", "webgpu"), freed };
}

const asPast = (outputs: Awaited<ReturnType<DecoderSession["run"]>>) => {
  const cache = outputs["present.0.key"];
  if (!cache) throw new Error("no cache");
  return { "past_key_values.0.key": cache };
};

describe("the decoder's cache on a device", () => {
  it("is freed when the next step has taken it in, and at the end", async () => {
    const { decoder, freed } = stepper();
    const first = await decoder.run({});
    const second = await decoder.run(asPast(first));
    expect(freed()).toEqual([1, 0]);
    await decoder.run(asPast(second));
    expect(freed()).toEqual([1, 1, 0]);
    decoder.freeCache();
    expect(freed()).toEqual([1, 1, 1]);
    decoder.freeCache();
    await decoder.release();
    expect(freed()).toEqual([1, 1, 1]);
  });

  it("is left alone when somebody else has it", async () => {
    const { decoder, freed } = stepper();
    await decoder.run({});
    decoder.handOver();
    await decoder.release();
    expect(freed()).toEqual([0]);
  });
});

describe("the last answer's cache on a device", () => {
  const kept = (cache: KeptAnswer["cache"]): KeptAnswer => ({
    ...{ ids: [1, 2], promptLength: 2, picture: "p", rows: [], normalisers: [], cache },
  });

  it("is freed when another answer takes its place, and when it is cleared", () => {
    const [first, second] = [onDevice(), onDevice()];
    const answer = new LastAnswer();
    answer.keep(kept({ "present.0.key": first.tensor }));
    expect(first.free).not.toHaveBeenCalled();
    answer.keep(kept({ "present.0.key": second.tensor }));
    expect([first.free.mock.calls.length, second.free.mock.calls.length]).toEqual([1, 0]);
    answer.clear();
    expect(second.free).toHaveBeenCalledOnce();
  });

  it("is freed at once when it is too large to be kept", () => {
    const large = onDevice([1, 64, 8192, 1024]);
    new LastAnswer().keep(kept({ "present.0.key": large.tensor }));
    expect(large.free).toHaveBeenCalledOnce();
  });
});

describe("an encoder's cache on a device", () => {
  it("is freed by us alone, however often others let go of it", () => {
    const { tensor, free } = onDevice();
    const inMemory = new Tensor("float32", new Float32Array(1), [1]);
    keepDeviceTensors([tensor, inMemory]);
    keepDeviceTensors([tensor]);
    tensor.dispose();
    expect(free).not.toHaveBeenCalled();
    expect(tensor.location).toBe("gpu-buffer");
    freeDeviceTensors([tensor, inMemory]);
    freeDeviceTensors([tensor]);
    expect(free).toHaveBeenCalledOnce();
    expect(tensor.location).toBe("none");
    expect(inMemory.location).toBe("cpu");
  });
});
