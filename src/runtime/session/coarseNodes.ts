import { basename, dirname } from "node:path";
import { fromBinary } from "@bufbuild/protobuf";
import { ModelProtoSchema, readModel, type GraphProto } from "../../core/onnx/index.js";
import { openModelFolder } from "../modelFolder.js";
import type { SessionSource } from "./createSession.js";

/** WebGPU's language asks for sines and cosines to 2⁻¹¹ only; rotary positions are made of them. */
const COARSE: ReadonlySet<string> = new Set(["Sin", "Cos"]);

/** Names of the operators that WebGPU may compute too coarsely, those inside of `If` and its like too. */
export function coarseNodes(source: SessionSource): string[] {
  const model =
    "path" in source
      ? readModel(openModelFolder(dirname(source.path)), basename(source.path))
      : fromBinary(ModelProtoSchema, source.bytes);
  return model.graph ? namesIn(model.graph) : [];
}

function namesIn(graph: GraphProto): string[] {
  return graph.node.flatMap(({ opType, name, attribute }) => [
    ...(COARSE.has(opType) && name !== "" ? [name] : []),
    ...attribute.flatMap(({ g, graphs }) => [...(g ? [g] : []), ...graphs].flatMap(namesIn)),
  ]);
}
