import { basename, dirname } from "node:path";
import { graphWeights } from "../../core/memory/graphWeights.js";
import type { GraphWeights, ModelMemory, VisionSize } from "../../core/memory/types.js";
import { readModel } from "../../core/onnx/index.js";
import type { ModelConfigs } from "../families/family.js";
import type { PartRole } from "../families/parts.js";
import { readExplainableDecoder, type ExplainableDecoder } from "../model/explainableDecoder.js";
import { partsOf, type PartFiles } from "../model/modelFiles.js";
import { paperFolder } from "../modelFolder.js";
import { HALF_IS_NATIVE } from "./halfIsNative.js";

/** What the memory of a model depends on, from the heads of its files; no weights are read. */
export function modelMemory(
  parts: PartFiles,
  decoder: ExplainableDecoder,
  configs: ModelConfigs | null,
): ModelMemory {
  const weights = (role: PartRole) => sumWeights(partsOf(parts, role).map(({ path }) => weightsOf(path)));
  return {
    decoder: decoder.memory.size,
    vision: configs === null ? null : visionSize(configs),
    weights: {
      decoder: decoder.memory.weights,
      tappedDecoder: decoder.memory.tappedWeights,
      gradient: decoder.memory.gradient,
      visionEncoder: sumWeights([weights("vision"), weights("encoder")]),
      tokenEmbedding: weights("embedding"),
    },
  };
}

/** The same of a folder whose weights may be missing: the graphs alone say how large they are. */
export function modelMemoryOnPaper(parts: PartFiles, configs: ModelConfigs | null): ModelMemory {
  const { path } = parts.decoder;
  return modelMemory(parts, readExplainableDecoder(path, paperFolder(dirname(path))), configs);
}

function sumWeights(graphs: readonly GraphWeights[]): GraphWeights {
  const byType: Record<string, number> = {};
  for (const [type, bytes] of graphs.flatMap((graph) => Object.entries(graph.byType))) {
    byType[type] = (byType[type] ?? 0) + bytes;
  }
  const sum = (bytes: (graph: GraphWeights) => number) =>
    graphs.reduce((all, graph) => all + bytes(graph), 0);
  return {
    byType,
    private: sum((graph) => graph.private),
    mapped: sum((graph) => graph.mapped),
    whileLoading: Math.max(0, ...graphs.map((graph) => graph.whileLoading)),
  };
}

function weightsOf(path: string): GraphWeights {
  const model = readModel(paperFolder(dirname(path)), basename(path));
  return graphWeights(model, basename(path), HALF_IS_NATIVE);
}

/** The vision transformer of config.json; null where it does not say its sizes. */
function visionSize({ config }: ModelConfigs): VisionSize | null {
  const vision = (config["vision_config"] ?? {}) as Readonly<Record<string, unknown>>;
  const number = (...names: string[]) => names.map((name) => Number(vision[name])).find(isSize) ?? NaN;
  const [side, patch] = [number("image_size"), number("patch_size")];
  // Qwen2-VL's hidden size is that of the tokens it makes.
  const hidden = number("embed_dim", "hidden_size");
  const size = {
    patch,
    // Idefics 3, SmolVLM and Qwen merge squares of patches into one token.
    merged: (Number(config["scale_factor"]) || number("spatial_merge_size") || 1) ** 2,
    hidden,
    mlp: number("intermediate_size") || (number("mlp_ratio") || 4) * hidden,
    heads: number("num_attention_heads", "num_heads") || 1,
  };
  if (!Object.values(size).every(isSize)) return null;
  // Without a size of its own the encoder takes a picture of any.
  return { ...size, patches: isSize(side) ? Math.ceil(side / patch) ** 2 : null };
}

function isSize(value: number): boolean {
  return Number.isFinite(value) && value > 0;
}
