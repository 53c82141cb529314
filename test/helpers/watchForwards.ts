import { vi } from "vitest";
import { decoderOf } from "../../src/runtime/answer/answer.js";
import type { LoadedVlm } from "../../src/runtime/model/loadModel.js";

/** How many positions each forward pass of the decoder takes in from now on; `vi.restoreAllMocks` ends it. */
export async function watchForwards(vlm: LoadedVlm): Promise<number[]> {
  const lengths: number[] = [];
  const decoder = decoderOf(vlm, await vlm.tapped());
  const run = decoder.run.bind(decoder);
  vi.spyOn(decoder, "run").mockImplementation((feeds) => {
    lengths.push(feeds["inputs_embeds"]?.dims[1] ?? NaN);
    return run(feeds);
  });
  return lengths;
}
