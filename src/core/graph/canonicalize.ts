import { clone, create } from "@bufbuild/protobuf";
import {
  GraphProtoSchema,
  NodeProtoSchema,
  TensorProto_DataType as DataType,
  TensorProtoSchema,
  type GraphProto,
  type ModelProto,
  type NodeProto,
  type TensorProto,
} from "onnx-buf";
import { makeTensor } from "../onnx/index.js";
import { floatAttribute, intsAttribute, makeAttribute } from "./attributes.js";
import { dequantiseDynamicLayers } from "./dynamicQuantisation.js";
import { inOrder } from "./inOrder.js";

/** The name given to a residual sum that the original node computes but does not write out. */
export function hiddenSumName(node: NodeProto): string {
  return `${node.output[0] ?? node.name}/residual_sum`;
}

/** What an original node becomes: the nodes and the constants that stand for it. */
interface Rewritten {
  readonly nodes: readonly NodeProto[];
  readonly constants?: readonly TensorProto[];
}

const REWRITES: Readonly<Record<string, (node: NodeProto) => Rewritten>> = {
  SkipSimplifiedLayerNormalization: splitSkipNorm,
  SkipLayerNormalization: splitSkipNorm,
  RMSNormalization: renameRmsNorm,
  ReduceMean: (node) => attributeAsInput(node, "axes"),
  ReduceSum: (node) => attributeAsInput(node, "axes"),
  Squeeze: (node) => attributeAsInput(node, "axes"),
  Unsqueeze: (node) => attributeAsInput(node, "axes"),
  Split: rewriteSplit,
  Constant: constantAsInitializer,
};

/**
 * A copy of the model's main graph in the few forms the matchers and rules know: a skip norm becomes `Add` and
 * a plain norm, an RMS norm has one name, a dynamically quantised layer is a product with the dequantised weight,
 * constants are initializers, and axes and split sizes are inputs (as from opset 18 on, whatever the model's opset
 * is), and nodes come in order. Values are unchanged but for the rounding of dynamically quantised activations; tensors keep their names, and
 * sums without a name get {@link hiddenSumName}.
 */
export function canonicalize(model: ModelProto): GraphProto {
  const original = model.graph ?? create(GraphProtoSchema);
  const sorted = { ...original, node: inOrder(original.node) };
  const rewritten = dequantiseDynamicLayers(sorted).map(
    (node) => REWRITES[node.opType]?.(node) ?? { nodes: [node] },
  );
  return create(GraphProtoSchema, {
    name: original.name,
    input: original.input,
    output: original.output,
    initializer: [...original.initializer, ...rewritten.flatMap(({ constants }) => constants ?? [])],
    valueInfo: original.valueInfo,
    node: rewritten.flatMap(({ nodes }) => nodes),
  });
}

/** Of ONNX Runtime's skip norms that give none. */
const SKIP_NORM_EPSILON = 1e-12;

function splitSkipNorm(node: NodeProto): Rewritten {
  const simplified = node.opType === "SkipSimplifiedLayerNormalization";
  const [input = "", skip = "", gamma = ""] = node.input;
  const beta = simplified ? "" : (node.input[3] ?? "");
  const bias = node.input[simplified ? 3 : 4] ?? "";
  const sum = node.output[3] || hiddenSumName(node);
  const skipped = bias ? `${sum}/with_bias` : skip;
  const norm = makeNode(
    node.name,
    simplified ? "SimplifiedLayerNormalization" : "LayerNormalization",
    [sum, gamma, ...(beta ? [beta] : [])],
    [node.output[0] ?? ""],
  );
  // The plain norms have another epsilon when none is given.
  const epsilon = floatAttribute(node, "epsilon", SKIP_NORM_EPSILON);
  norm.attribute = [makeAttribute("epsilon", epsilon), makeAttribute("axis", -1n)];
  const addBias = bias ? [makeNode(node.name, "Add", [skip, bias], [skipped])] : [];
  return { nodes: [...addBias, makeNode(node.name, "Add", [input, skipped], [sum]), norm] };
}

/** ONNX Runtime knows the RMS norm of opset 23 under another name in every opset. */
function renameRmsNorm(node: NodeProto): Rewritten {
  return { nodes: [Object.assign(clone(NodeProtoSchema, node), { opType: "SimplifiedLayerNormalization" })] };
}

/** Old opsets write a list of integers as attribute, new ones as second input. */
function attributeAsInput(node: NodeProto, name: string): Rewritten {
  const values = intsAttribute(node, name);
  if (!values) return { nodes: [node] };
  const constant = makeTensor(
    `${node.output[0] ?? node.name}/${name}`,
    DataType.INT64,
    [values.length],
    values,
  );
  const copy = clone(NodeProtoSchema, node);
  copy.input = [node.input[0] ?? "", constant.name];
  copy.attribute = node.attribute.filter((a) => a.name !== name);
  return { nodes: [copy], constants: [constant] };
}

/** A split into equal parts says into how many since opset 18. */
function rewriteSplit(node: NodeProto): Rewritten {
  if (node.input[1] || node.attribute.some((a) => a.name === "split" || a.name === "num_outputs")) {
    return attributeAsInput(node, "split");
  }
  const copy = clone(NodeProtoSchema, node);
  copy.attribute.push(makeAttribute("num_outputs", BigInt(node.output.length)));
  return { nodes: [copy] };
}

/** A constant of numbers; strings and sparse tensors stay nodes. */
function constantAsInitializer(node: NodeProto): Rewritten {
  const [attribute] = node.attribute;
  const name = node.output[0] ?? "";
  switch (attribute?.name) {
    case "value":
      return attribute.t
        ? { nodes: [], constants: [Object.assign(clone(TensorProtoSchema, attribute.t), { name })] }
        : { nodes: [node] };
    case "value_int":
      return { nodes: [], constants: [makeTensor(name, DataType.INT64, [], [Number(attribute.i)])] };
    case "value_ints": {
      const values = attribute.ints.map(Number);
      return { nodes: [], constants: [makeTensor(name, DataType.INT64, [values.length], values)] };
    }
    case "value_float":
      return { nodes: [], constants: [makeTensor(name, DataType.FLOAT, [], [attribute.f])] };
    case "value_floats":
      return {
        nodes: [],
        constants: [makeTensor(name, DataType.FLOAT, [attribute.floats.length], attribute.floats)],
      };
    default:
      return { nodes: [node] };
  }
}

function makeNode(name: string, opType: string, input: string[], output: string[]): NodeProto {
  return create(NodeProtoSchema, { name, opType, input, output });
}
