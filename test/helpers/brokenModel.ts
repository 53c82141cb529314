import { cpSync, mkdtempSync, renameSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { allTensors, readModel, writeModel, type ModelProto } from "../../src/core/onnx/index.js";
import { openModelFolder } from "../../src/runtime/modelFolder.js";
import { llavaModelFolder } from "./llavaModels.js";

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
  return p1WithPart("decoder_model_merged.onnx", change);
}

/** The same for any of its graphs. */
export function p1WithPart(file: string, change: (model: ModelProto) => void): string {
  const folder = copyOfP1();
  const model = readModel(openModelFolder(join(folder, "onnx")), file);
  for (const { tensor } of allTensors(model)) {
    for (const entry of tensor.externalData) if (entry.key === "location") entry.value = WEIGHTS;
  }
  change(model);
  renameSync(join(folder, "onnx", file), join(folder, "onnx", WEIGHTS));
  writeFileSync(join(folder, "onnx", file), writeModel(model));
  return folder;
}
