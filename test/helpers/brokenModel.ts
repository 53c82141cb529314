import { cpSync, mkdtempSync, renameSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { allTensors, readModel, writeModel, type ModelProto } from "../../src/core/onnx/index.js";
import { openModelFolder } from "../../src/runtime/modelFolder.js";
import { llavaModelFolder } from "./llavaModels.js";

const DECODER = "onnx/decoder_model_merged.onnx";
const WEIGHTS = "weights.bin";

/** A copy of p1 in a temporary folder, fp32 parts only. */
export function copyOfP1(): string {
  const folder = mkdtempSync(join(tmpdir(), "dexar-broken-"));
  cpSync(llavaModelFolder("p1"), folder, {
    recursive: true,
    filter: (path) => !/_(q4|fp16|q4f16)\.onnx$/.test(path),
  });
  return folder;
}

/** A copy of p1 whose decoder graph went through `change`; its weights lie in `onnx/weights.bin`. */
export function p1WithDecoder(change: (model: ModelProto) => void): string {
  const folder = copyOfP1();
  const model = readModel(openModelFolder(join(folder, "onnx")), "decoder_model_merged.onnx");
  for (const { tensor } of allTensors(model)) {
    for (const entry of tensor.externalData) if (entry.key === "location") entry.value = WEIGHTS;
  }
  change(model);
  renameSync(join(folder, DECODER), join(folder, "onnx", WEIGHTS));
  writeFileSync(join(folder, DECODER), writeModel(model));
  return folder;
}
