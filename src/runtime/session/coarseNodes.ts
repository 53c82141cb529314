import { basename, dirname } from "node:path";
import { fromBinary } from "@bufbuild/protobuf";
import {
  ModelProtoSchema,
  readModel,
  writeModel,
  type GraphProto,
  type ModelProto,
  type NodeProto,
} from "../../core/onnx/index.js";
import { openModelFolder } from "../modelFolder.js";
import { sessionModel } from "../sessionModel.js";
import type { SessionSource } from "./createSession.js";

/** WebGPU's language asks for sines and cosines to 2⁻¹¹ only; rotary positions are made of them. */
const COARSE: ReadonlySet<string> = new Set(["Sin", "Cos"]);

/** A graph, and the names of the operators in it that WebGPU may compute too coarsely. */
export interface CoarseNodes {
  readonly source: SessionSource;
  readonly names: readonly string[];
}

/** Finds those operators, inside of `If` and its like too; a graph that leaves one of them unnamed is written anew. */
export function coarseNodes(source: SessionSource): CoarseNodes {
  if ("bytes" in source) {
    const model = fromBinary(ModelProtoSchema, source.bytes);
    const { names, isNew } = nameCoarse(model);
    return { source: isNew ? { ...source, bytes: writeModel(model) } : source, names };
  }
  const folder = openModelFolder(dirname(source.path));
  const model = readModel(folder, basename(source.path));
  const { names, isNew } = nameCoarse(model);
  return { source: isNew ? sessionModel(folder, model) : source, names };
}

/** Names of the operators; those without one are given one. */
function nameCoarse({ graph }: ModelProto): { readonly names: string[]; readonly isNew: boolean } {
  const nodes = graph ? coarseIn(graph) : [];
  const unnamed = nodes.filter(({ name }) => name === "");
  for (const node of unnamed) node.name = `${node.opType} ${node.output.join(" ")}`;
  return { names: nodes.map(({ name }) => name), isNew: unnamed.length > 0 };
}

function coarseIn(graph: GraphProto): NodeProto[] {
  return graph.node.flatMap((node) => [
    ...(COARSE.has(node.opType) ? [node] : []),
    ...node.attribute.flatMap(({ g, graphs }) => [...(g ? [g] : []), ...graphs].flatMap(coarseIn)),
  ]);
}
