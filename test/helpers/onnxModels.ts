import { create, GraphProtoSchema, ModelProtoSchema } from "../../src/core/onnx/index.js";
import type { GraphProto, ModelProto, TensorProto } from "../../src/core/onnx/index.js";

/** A model whose graph holds nothing but these initializers. */
export function modelOf(initializer: TensorProto[]): ModelProto {
  return modelWith(create(GraphProtoSchema, { name: "graph", initializer }));
}

/** A model around a graph. */
export function modelWith(graph: GraphProto): ModelProto {
  return create(ModelProtoSchema, {
    irVersion: 9n,
    opsetImport: [{ domain: "", version: 17n }],
    producerName: "test",
    graph,
  });
}

/** The code of the DexarError that `action` throws; any other outcome is an error. */
export function errorCodeOf(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    if (error instanceof Error && "code" in error && error.name === "DexarError") return String(error.code);
    throw error;
  }
  throw new Error("nothing was thrown");
}
