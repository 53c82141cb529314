import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { unquantised } from "../../src/bench/model/buildModel.js";
import { writeFusedDecoder } from "../../src/bench/model/fusedDecoder.js";
import { GraphWriter } from "../../src/bench/model/graphWriter.js";
import { writeEmbedding, writeVision } from "../../src/bench/model/imageGraphs.js";
import { modelJson } from "../../src/bench/model/modelJson.js";
import { BENCH_SHAPES, type BenchDtype, type BenchShape } from "../../src/bench/model/shapes.js";
import { TensorFile } from "../../src/bench/model/tensorFile.js";
import { WeightStore } from "../../src/bench/model/weightStore.js";
import { DTYPE_SUFFIXES } from "../../src/runtime/model/modelFiles.js";

/** A LLaVA of 7B: larger than most machines. */
export const LLAVA_7B = BENCH_SHAPES.find(({ name }) => name === "llava-1.5-7b") as BenchShape;

/** A model folder of the benchmark's making whose weights were never written: graphs of a few hundred kB. */
export function paperModel(shape: BenchShape, dtypes: readonly BenchDtype[], imageTokens: number): string {
  const folder = mkdtempSync(path.join(tmpdir(), "dexar-paper-"));
  mkdirSync(path.join(folder, "onnx"));
  for (const [name, content] of Object.entries(modelJson({ ...shape, vocabulary: 20 }, imageTokens))) {
    writeFileSync(path.join(folder, name), JSON.stringify(content));
  }
  for (const dtype of dtypes) {
    const stored = unquantised(dtype);
    writePart(folder, "decoder_model_merged", dtype, (graph) => writeFusedDecoder(graph, shape));
    writePart(folder, "embed_tokens", stored, (graph) => writeEmbedding(graph, shape));
    writePart(folder, "vision_encoder", stored, (graph) => writeVision(graph, shape));
  }
  return folder;
}

function writePart(
  folder: string,
  part: string,
  dtype: BenchDtype,
  write: (graph: GraphWriter) => void,
): void {
  const file = `${part}${DTYPE_SUFFIXES[dtype] ?? ""}.onnx`;
  const graph = new GraphWriter(new WeightStore(new TensorFile(`${file}_data`), 1, dtype));
  write(graph);
  writeFileSync(path.join(folder, "onnx", file), graph.finish());
}
