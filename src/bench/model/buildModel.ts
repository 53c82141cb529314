import {
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import path from "node:path";
import { DTYPE_SUFFIXES, type ModelPart } from "../../runtime/model/modelFiles.js";
import { writeFusedDecoder } from "./fusedDecoder.js";
import { GraphWriter } from "./graphWriter.js";
import { writeEmbedding, writeVision } from "./imageGraphs.js";
import { modelJson } from "./modelJson.js";
import { writePlainDecoder } from "./plainDecoder.js";
import type { BenchDtype, BenchShape, BenchStyle } from "./shapes.js";
import { TensorFile } from "./tensorFile.js";
import { WeightStore } from "./weightStore.js";

/** Raised when built files change: those of another version are built anew. */
const VERSION = 1;

/** Which model to build, and where. */
export interface ModelPlan {
  /** Folder for built models; see `cacheFolder`. */
  readonly cache: string;
  readonly shape: BenchShape;
  readonly style: BenchStyle;
  readonly dtype: BenchDtype;
  readonly imageTokens: number;
  readonly seed: number;
}

type Write = (graph: GraphWriter, shape: BenchShape) => void;

const DECODERS: Readonly<Record<BenchStyle, Write>> = {
  fused: writeFusedDecoder,
  decomposed: writePlainDecoder,
};

/** 4-bit decoders take float32 embeddings, as on the hub. */
function unquantised(dtype: BenchDtype): BenchDtype {
  return dtype === "q4" ? "fp32" : dtype;
}

/**
 * The folder of a model with random weights, in transformers.js layout; built first where it is not in the cache.
 * Weights depend on shape and seed alone: all styles and dtypes are the same function, but for rounding.
 */
export function buildModel(plan: ModelPlan): string {
  const { cache, shape, style, dtype, imageTokens, seed } = plan;
  const base = path.join(cache, "bench", `${shape.name}-${style}-seed${seed}-v${VERSION}`);
  const weights = path.join(base, "onnx");
  mkdirSync(weights, { recursive: true });
  const build = (part: ModelPart, stored: BenchDtype, write: Write) => {
    buildPart(path.join(weights, `${part}${DTYPE_SUFFIXES[stored] ?? ""}.onnx`), plan, stored, write);
  };
  build("decoder_model_merged", dtype, DECODERS[style]);
  build("embed_tokens", unquantised(dtype), writeEmbedding);
  build("vision_encoder", unquantised(dtype), writeVision);
  const folder = path.join(base, `${imageTokens}-image-tokens`, shape.name);
  mkdirSync(folder, { recursive: true });
  for (const [name, content] of Object.entries(modelJson(shape, imageTokens))) {
    writeFileSync(path.join(folder, name), JSON.stringify(content));
  }
  // A junction, which Windows lets everybody make; the weights are shared by all numbers of image tokens.
  if (!existsSync(path.join(folder, "onnx"))) symlinkSync(weights, path.join(folder, "onnx"), "junction");
  return folder;
}

/** Builds one graph with its weights, unless its stamp says that it is there whole. */
function buildPart(file: string, { shape, seed }: ModelPlan, dtype: BenchDtype, write: Write): void {
  const [data, stampFile] = [`${file}_data`, `${file}.stamp.json`];
  const wanted = { version: VERSION, seed, dtype, shape };
  if (isStamped(stampFile, wanted, file, data)) return;
  rmSync(stampFile, { force: true });
  const tensors = new TensorFile(data);
  try {
    const graph = new GraphWriter(new WeightStore(tensors, seed, dtype));
    write(graph, shape);
    writeFileSync(file, graph.finish());
  } finally {
    tensors.close();
  }
  // Last and at once: a build that was interrupted has no stamp.
  writeFileSync(`${stampFile}.part`, JSON.stringify({ ...wanted, bytes: sizes(file, data) }));
  renameSync(`${stampFile}.part`, stampFile);
}

function isStamped(stampFile: string, wanted: object, ...files: string[]): boolean {
  if (![stampFile, ...files].every((file) => existsSync(file))) return false;
  return readFileSync(stampFile, "utf8") === JSON.stringify({ ...wanted, bytes: sizes(...files) });
}

function sizes(...files: string[]): number[] {
  return files.map((file) => statSync(file).size);
}
