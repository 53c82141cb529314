import type { Tensor } from "@huggingface/transformers";
import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { encodeNpy } from "../../core/tensor/npy.js";
import type { ExplainRequest } from "../../protocol/modelProcess.js";
import { preparePrompt } from "../../runtime/answer/prompt.js";
import type { LoadedVlm } from "../../runtime/model/loadModel.js";

/**
 * Writes what the decoder gets of a prompt, for another program: `inputs_embeds.npy` float32 [S, hidden] and
 * `image_positions.npy` int32 [N].
 */
export async function writeTextbookPrompt(
  vlm: LoadedVlm,
  request: ExplainRequest,
  folder: string,
): Promise<void> {
  const { ids, imagePositions, inputs } = await preparePrompt(vlm, request);
  const model = await vlm.plain();
  const text = (await model.encode_text({ input_ids: inputs["input_ids"] })) as Tensor;
  const image = (await model.encode_image({ pixel_values: inputs["pixel_values"] })) as Tensor;
  const rows = Float32Array.from(text.data as Float32Array);
  const features = image.data as Float32Array;
  const hidden = rows.length / ids.length;
  imagePositions.forEach((position, token) => {
    rows.set(features.subarray(token * hidden, (token + 1) * hidden), position * hidden);
  });
  await mkdir(folder, { recursive: true });
  const write = (name: string, bytes: Uint8Array) => writeFile(path.join(folder, name), bytes);
  await write("inputs_embeds.npy", encodeNpy("<f4", [ids.length, hidden], rows));
  const positions = Int32Array.from(imagePositions);
  await write("image_positions.npy", encodeNpy("<i4", [positions.length], positions));
}
