import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fromBinary } from "@bufbuild/protobuf";
import { InferenceSession, Tensor } from "onnxruntime-node";
import { afterAll, describe, expect, test } from "vitest";
import {
  create,
  GraphProtoSchema,
  ModelProtoSchema,
  NodeProtoSchema,
  writeModel,
  type ModelProto,
} from "../../src/core/onnx/index.js";
import { makeAttribute } from "../../src/core/graph/attributes.js";
import { coarseNodes } from "../../src/runtime/session/coarseNodes.js";
import { GraphBuilder } from "../helpers/graphBuilder.js";

const folder = mkdtempSync(path.join(tmpdir(), "dexar-coarse-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** sin(x · w) and cos of it; `w` is large enough to stay in the file. */
function angles(): ModelProto {
  const graph = new GraphBuilder();
  const weight = graph.constant("w", [512, 2]);
  const product = graph.op("MatMul", [graph.input("x", [1, 512]), weight], {}, "angle");
  graph.node("Sin", [product], [graph.output("sine", [1, 2])]);
  graph.node("Cos", [product], [graph.output("cosine", [1, 2])]);
  return graph.model();
}

/** Without the names of the operators that are `unnamed`. */
function without(model: ModelProto, unnamed: readonly string[]): ModelProto {
  for (const node of model.graph?.node ?? []) if (unnamed.includes(node.opType)) node.name = "";
  return model;
}

describe("operators that WebGPU may compute too coarsely", () => {
  test("are named, and the graph stays as it is", () => {
    const source = { bytes: writeModel(angles()), directory: undefined };
    expect(coarseNodes(source)).toEqual({ source, names: ["node:sine", "node:cosine"] });
  });

  test("get names where they have none, in branches too", () => {
    const sine = create(NodeProtoSchema, { opType: "Sin", input: ["angle"], output: ["inner"] });
    const branch = create(GraphProtoSchema, { node: [sine] });
    const model = without(angles(), ["Sin"]);
    const chosen = {
      opType: "If",
      name: "if",
      attribute: [makeAttribute("a", 1), { name: "then_branch", g: branch }],
    };
    model.graph?.node.push(create(NodeProtoSchema, chosen as never));
    const { source, names } = coarseNodes({ bytes: writeModel(model), directory: "/weights" });
    expect(names).toEqual(["Sin sine", "node:cosine", "Sin inner"]);
    if (!("bytes" in source)) throw new Error("the graph is not in memory");
    expect(source.directory).toBe("/weights");
    const nodes = fromBinary(ModelProtoSchema, source.bytes).graph?.node ?? [];
    expect(nodes.map(({ name }) => name)).toEqual(["node:angle", "Sin sine", "node:cosine", "if"]);
    expect(nodes[3]?.attribute[1]?.g?.node[0]?.name).toBe("Sin inner");
  });

  test("of a file too, whose weights stay where they are", async () => {
    const file = path.join(folder, "model.onnx");
    writeFileSync(file, writeModel(without(angles(), ["Sin", "Cos"])));
    const { source, names } = coarseNodes({ path: file });
    expect(names).toEqual(["Sin sine", "Cos cosine"]);
    if (!("bytes" in source) || source.directory === undefined)
      throw new Error("the graph was not written anew");
    const settings = { model_external_initializers_file_folder_path: source.directory };
    const session = await InferenceSession.create(source.bytes, { extra: { session: settings } });
    const plain = await InferenceSession.create(file);
    const feeds = { x: new Tensor("float32", new Float32Array(512).fill(0.01), [1, 512]) };
    const [found, expected] = [await session.run(feeds), await plain.run(feeds)];
    expect(found["sine"]?.data).toEqual(expected["sine"]?.data);
    await Promise.all([session.release(), plain.release()]);
  });
});
