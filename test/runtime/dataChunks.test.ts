import { fromBinary } from "@bufbuild/protobuf";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import {
  allTensors,
  collectExternalFiles,
  DataLocation,
  ModelProtoSchema,
  tensorBytes,
  writeModel,
} from "../../src/core/onnx/index.js";
import type { Run } from "../../src/core/run/types.js";
import { explainAnswer } from "../../src/runtime/answer/explain.js";
import { generateAnswer } from "../../src/runtime/answer/generate.js";
import { loadModel } from "../../src/runtime/model/loadModel.js";
import { explainRequest, neverAborted } from "../helpers/explainRequest.js";
import { familyFolder } from "../helpers/familyFolder.js";
import { memoryFolder } from "../helpers/memoryFolder.js";

const NAME = "decoder_model_merged.onnx";
const CHUNKS = [`${NAME}_data`, `${NAME}_data_1`, `${NAME}_data_2`];
const temporary = mkdtempSync(join(tmpdir(), "dexar-chunks-"));
afterAll(() => rmSync(temporary, { recursive: true }));

/** A copy of a tiny model whose decoder keeps its weights, those inside branches too, in three files in turn. */
function inChunks(name: string): string {
  const folder = join(temporary, name);
  cpSync(familyFolder(name), folder, { recursive: true });
  const path = join(folder, "onnx", NAME);
  const model = fromBinary(ModelProtoSchema, readFileSync(path));
  const chunks = CHUNKS.map((location) => ({ location, parts: [] as Uint8Array[], size: 0 }));
  let next = 0;
  for (const { tensor } of allTensors(model)) {
    const bytes = tensorBytes(memoryFolder({}), tensor);
    const chunk = chunks[next % chunks.length];
    if (!chunk || bytes.length < 128) continue;
    next++;
    const entries = { location: chunk.location, offset: chunk.size, length: bytes.length };
    tensor.externalData = Object.entries(entries).map(
      ([key, value]) => ({ $typeName: "onnx.StringStringEntryProto", key, value: String(value) }) as never,
    );
    tensor.dataLocation = DataLocation.EXTERNAL;
    tensor.rawData = new Uint8Array();
    chunk.parts.push(bytes);
    chunk.size += bytes.length;
  }
  expect(collectExternalFiles(model).toSorted()).toEqual(CHUNKS);
  writeFileSync(path, writeModel(model));
  for (const { location, parts } of chunks)
    writeFileSync(join(folder, "onnx", location), Buffer.concat(parts));
  return folder;
}

async function answers(folder: string): Promise<{ run: Run; plain: readonly number[] }> {
  const vlm = await loadModel(folder, "fp32");
  try {
    const imagePath = join(folder, "pictures", "wide.png");
    const request = explainRequest({
      imagePath,
      prompt: "What is in the picture?",
      rawPrompt: false,
      maxNewTokens: 4,
    });
    const run = await explainAnswer(vlm, request, () => undefined, neverAborted);
    return { run, plain: (await generateAnswer(vlm, request, () => undefined, neverAborted)).ids };
  } finally {
    await vlm.dispose();
  }
}

// One fused decoder, and one that is merged, with weights in its branches.
test.each(["smolvlm", "florence2"])(
  "%s with its weights in three files answers to the bit the same",
  async (name) => {
    const folder = inChunks(name);
    const [whole, parted] = [await answers(familyFolder(name)), await answers(folder)];
    expect(parted.plain).toEqual(whole.plain);
    expect(parted.run.arrays.gradient).toEqual(whole.run.arrays.gradient);
    expect(parted.run.arrays.lensLogit).toEqual(whole.run.arrays.lensLogit);
  },
);
