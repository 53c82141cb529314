import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { writeFusedDecoder } from "../../src/bench/model/fusedDecoder.js";
import { GraphWriter } from "../../src/bench/model/graphWriter.js";
import { writeEmbedding, writeVision } from "../../src/bench/model/imageGraphs.js";
import { modelJson } from "../../src/bench/model/modelJson.js";
import type { BenchDtype, BenchShape } from "../../src/bench/model/shapes.js";
import type { TensorSink } from "../../src/bench/model/tensorFile.js";
import { WeightStore } from "../../src/bench/model/weightStore.js";
import { create, DataLocation, TensorProtoSchema, tensorByteLength } from "../../src/core/onnx/index.js";
import { DTYPE_SUFFIXES } from "../../src/runtime/model/modelFiles.js";

/** A LLaVA of 7B: larger than most machines. */
export const LLAVA_7B: BenchShape = {
  name: "llava-7b",
  layers: 32,
  hidden: 4096,
  heads: 32,
  kvHeads: 32,
  headSize: 128,
  mlp: 11_008,
  vocabulary: 32_064,
  qkvBias: false,
};

/** A model folder of the benchmark's making whose weights were never written: graphs of a few hundred kB. */
export function paperModel(shape: BenchShape, dtypes: readonly BenchDtype[], imageTokens: number): string {
  const folder = mkdtempSync(path.join(tmpdir(), "dexar-paper-"));
  mkdirSync(path.join(folder, "onnx"));
  for (const [name, content] of Object.entries(modelJson({ ...shape, vocabulary: 20 }, imageTokens))) {
    writeFileSync(path.join(folder, name), JSON.stringify(content));
  }
  for (const dtype of dtypes) {
    const stored = dtype === "q4" ? "fp32" : dtype;
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
  const graph = new GraphWriter(new WeightStore(paperSink(`${file}_data`), 1, dtype));
  write(graph);
  writeFileSync(path.join(folder, "onnx", file), graph.finish());
}

/** Counts bytes instead of writing them. */
function paperSink(location: string): TensorSink {
  let offset = 0;
  return {
    append: ({ name, dataType, dims }) => {
      const tensor = create(TensorProtoSchema, {
        ...{ name, dataType, dims: dims.map(BigInt) },
        dataLocation: DataLocation.EXTERNAL,
      });
      const length = tensorByteLength(tensor);
      const range = { location, offset: String(offset), length: String(length) };
      tensor.externalData.push(
        ...Object.entries(range).map(([key, value]) => ({
          $typeName: "onnx.StringStringEntryProto" as const,
          key,
          value,
        })),
      );
      offset += length;
      return tensor;
    },
  };
}
