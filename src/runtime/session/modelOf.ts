import type { Emitter } from "../../core/autodiff/emitter.js";
import {
  create,
  GraphProtoSchema,
  ModelProtoSchema,
  OperatorSetIdProtoSchema,
  type ModelProto,
  type ValueInfoProto,
} from "../../core/onnx/index.js";

/** A model of the nodes that were emitted, with its constants in the graph. */
export function modelOf(
  emit: Emitter,
  { inputs, outputs }: { readonly inputs: ValueInfoProto[]; readonly outputs: ValueInfoProto[] },
): ModelProto {
  const opset = (domain: string, version: bigint) => create(OperatorSetIdProtoSchema, { domain, version });
  return create(ModelProtoSchema, {
    irVersion: 10n,
    producerName: "dexar",
    opsetImport: [opset("", 21n), opset("com.microsoft", 1n)],
    graph: create(GraphProtoSchema, {
      name: "dexar",
      node: emit.nodes,
      initializer: [...emit.initializers.values()],
      input: inputs,
      output: outputs,
    }),
  });
}
