import { clone, create } from "@bufbuild/protobuf";
import { GraphProtoSchema, NodeProtoSchema, TensorProto_DataType as DataType, type GraphProto, type ModelProto, type NodeProto } from "onnx-buf";
import { makeTensor } from "../onnx/index.js";
import { intAttribute, intsAttribute, makeAttribute } from "./attributes.js";

/** The name given to a residual sum that the original node computes but does not write out. */
export function hiddenSumName(node: NodeProto): string {
  return `${node.output[0] ?? node.name}/residual_sum`;
}

/** Operators that add a skip connection and normalise in one node, and the plain norm each contains. */
const SKIP_NORMS: Readonly<Record<string, string>> = {
  SkipSimplifiedLayerNormalization: "SimplifiedLayerNormalization",
  SkipLayerNormalization: "LayerNormalization",
};

/**
 * A copy of the model's main graph in the few forms the matchers and rules know: a skip norm becomes `Add`
 * and a plain norm, and reductions carry their axes as an input (opset 18). Values are unchanged; tensors
 * keep their names, and sums without a name get {@link hiddenSumName}.
 */
export function canonicalize(model: ModelProto): GraphProto {
  const original = model.graph ?? create(GraphProtoSchema);
  const graph = create(GraphProtoSchema, {
    name: original.name,
    input: original.input,
    output: original.output,
    initializer: [...original.initializer],
    valueInfo: original.valueInfo,
  });
  for (const node of original.node) {
    if (node.opType in SKIP_NORMS) graph.node.push(...splitSkipNorm(node));
    else if (node.opType.startsWith("Reduce")) graph.node.push(axesAsInput(graph, node));
    else graph.node.push(node);
  }
  return graph;
}

function splitSkipNorm(node: NodeProto): NodeProto[] {
  const simplified = node.opType === "SkipSimplifiedLayerNormalization";
  const [input = "", skip = "", gamma = ""] = node.input;
  const beta = simplified ? "" : (node.input[3] ?? "");
  const bias = node.input[simplified ? 3 : 4] ?? "";
  const sum = node.output[3] || hiddenSumName(node);
  const nodes: NodeProto[] = [];
  let skipped = skip;
  if (bias) {
    skipped = `${sum}/with_bias`;
    nodes.push(makeNode(node.name, "Add", [skip, bias], [skipped]));
  }
  nodes.push(makeNode(node.name, "Add", [input, skipped], [sum]));
  const norm = makeNode(node.name, SKIP_NORMS[node.opType] as string, [sum, gamma, ...(beta ? [beta] : [])], [node.output[0] ?? ""]);
  norm.attribute = [...node.attribute.filter((a) => a.name === "epsilon"), makeAttribute("axis", -1n)];
  nodes.push(norm);
  return nodes;
}

function axesAsInput(graph: GraphProto, node: NodeProto): NodeProto {
  const axes = intsAttribute(node, "axes");
  if (!axes) return node;
  const name = `${node.output[0] ?? node.name}/axes`;
  graph.initializer.push(makeTensor(name, DataType.INT64, [axes.length], axes));
  const copy = clone(NodeProtoSchema, node);
  copy.input = [node.input[0] ?? "", name];
  copy.attribute = [makeAttribute("keepdims", BigInt(intAttribute(node, "keepdims", 1)))];
  return copy;
}

function makeNode(name: string, opType: string, input: string[], output: string[]): NodeProto {
  return create(NodeProtoSchema, { name, opType, input, output });
}
