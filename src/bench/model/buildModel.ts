import { existsSync, symlinkSync, writeFileSync } from "node:fs";
import path from "node:path";
import { DTYPE_SUFFIXES } from "../../runtime/model/modelFiles.js";
import { missingPart, writeParts, type BuildWatch, type WriteGraph } from "./buildParts.js";
import { makeFolder } from "./diskRoom.js";
import { writeFusedDecoder } from "./fusedDecoder.js";
import { writeEmbedding, writeVision } from "./imageGraphs.js";
import { modelJson } from "./modelJson.js";
import { writePlainDecoder } from "./plainDecoder.js";
import type { BenchDtype, BenchShape, BenchStyle } from "./shapes.js";

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

const DECODERS: Readonly<Record<BenchStyle, WriteGraph>> = {
  fused: writeFusedDecoder,
  decomposed: writePlainDecoder,
};

/** How embeddings and vision encoder are stored: quantised decoders take them in float32, as on the hub. */
export function unquantised(dtype: BenchDtype): BenchDtype {
  return dtype === "q4" || dtype === "q8" ? "fp32" : dtype;
}

/**
 * The folder of a model with random weights, in transformers.js layout; built first where it is not in the cache.
 * Weights depend on shape and seed alone: all styles and dtypes are the same function, but for rounding.
 * @throws DexarError `cache-not-writable`, `disk-full` before anything is written, `cancelled` when the signal aborts
 */
export async function buildModel(plan: ModelPlan, watch: BuildWatch): Promise<string> {
  const { cache, shape, style, dtype, imageTokens, seed } = plan;
  const base = path.join(cache, "bench", `${shape.name}-${style}-seed${seed}-v${VERSION}`);
  const weights = path.join(base, "onnx");
  makeFolder(weights);
  const part = (name: string, stored: BenchDtype, write: WriteGraph) => {
    const file = path.join(weights, `${name}${DTYPE_SUFFIXES[stored] ?? ""}.onnx`);
    return missingPart(file, { version: VERSION, seed, dtype: stored, shape }, write);
  };
  const parts = [
    part("decoder_model_merged", dtype, DECODERS[style]),
    part("embed_tokens", unquantised(dtype), writeEmbedding),
    part("vision_encoder", unquantised(dtype), writeVision),
  ];
  await writeParts(
    parts.flatMap((missing) => missing ?? []),
    watch,
  );
  const folder = path.join(base, `${imageTokens}-image-tokens`, shape.name);
  makeFolder(folder);
  for (const [name, content] of Object.entries(modelJson(shape, imageTokens))) {
    writeFileSync(path.join(folder, name), JSON.stringify(content));
  }
  // A junction, which Windows lets everybody make; the weights are shared by all numbers of image tokens.
  if (!existsSync(path.join(folder, "onnx"))) symlinkSync(weights, path.join(folder, "onnx"), "junction");
  return folder;
}
