import { create } from "@bufbuild/protobuf";
import { NodeProtoSchema, type GraphProto, type NodeProto } from "onnx-buf";
import { makeAttribute } from "./attributes.js";
import { Graph } from "./graph.js";

/**
 * The nodes of a graph in which linear layers with 8-bit weights and dynamically quantised activations
 * (DynamicQuantizeLinear, MatMulInteger, Cast, Mul by both scales: what ONNX Runtime's `quantize_dynamic` writes)
 * are products with the dequantised weight. That is the function whose gradient is taken: the rounding of the
 * activations, which is flat almost everywhere, is passed straight through. Tensors keep their names; codes,
 * scales and zero points stay where they lie.
 */
export function dequantiseDynamicLayers(proto: GraphProto): readonly NodeProto[] {
  const graph = new Graph(proto);
  const layers = proto.node.flatMap((node) => dynamicLayer(graph, node) ?? []);
  const written = new Map(layers.map((layer) => [layer.last, plainNodes(layer)]));
  const parts = new Set(layers.flatMap(({ nodes }) => nodes));
  return proto.node.flatMap((node) => written.get(node) ?? (parts.has(node) ? [] : [node]));
}

/** A dynamically quantised linear layer. */
interface DynamicLayer {
  /** The activation before it is quantised. */
  readonly x: string;
  /** Codes [in, out], scale and, where there is one, zero point: one for all, or one for each column. */
  readonly weight: readonly string[];
  /** The node that writes the layer's result. */
  readonly last: NodeProto;
  /** The nodes that nothing else reads. */
  readonly nodes: readonly NodeProto[];
}

/** The layer around a MatMulInteger; null for any other node, and for an integer product of another form. */
function dynamicLayer(graph: Graph, product: NodeProto): DynamicLayer | null {
  if (product.opType !== "MatMulInteger") return null;
  const [codes = "", weight = "", zeroOfX = "", ...zero] = product.input;
  const [x = "", scaleOfX = ""] = activation(graph, codes, zeroOfX);
  const scaled = scaledResult(graph, product, scaleOfX);
  const constants = [weight, scaled?.scale ?? "", ...zero.filter((name) => name)];
  if (!scaled || !constants.every((name) => graph.isConstant(name))) return null;
  return { x, weight: constants, ...scaled };
}

/** An activation and its scale, from its codes and their zero point; none where these are not its own. */
function activation(graph: Graph, codes: string, zero: string): readonly string[] {
  const quantise = graph.producer(codes);
  if (quantise?.opType !== "DynamicQuantizeLinear" || quantise.output[2] !== zero) return [];
  return [quantise.input[0] ?? "", quantise.output[1] ?? ""];
}

/** The integers as floats, times the product of both scales. */
function scaledResult(
  graph: Graph,
  product: NodeProto,
  scaleOfX: string,
): (Pick<DynamicLayer, "last" | "nodes"> & { readonly scale: string }) | null {
  const cast = onlyReader(graph, product, "Cast");
  const last = cast && onlyReader(graph, cast, "Mul");
  if (!cast || !last) return null;
  const scales = graph.producer(otherInput(last, cast.output[0]));
  if (scales?.opType !== "Mul" || !scales.input.includes(scaleOfX)) return null;
  const nodes = [product, cast, last, ...(onlyReader(graph, scales, "Mul") ? [scales] : [])];
  return { last, nodes, scale: otherInput(scales, scaleOfX) };
}

function onlyReader(graph: Graph, node: NodeProto, opType: string): NodeProto | null {
  const [only, ...others] = graph.consumers(node.output[0] ?? "");
  return only?.opType === opType && others.length === 0 ? only : null;
}

function otherInput(node: NodeProto, tensor: string | undefined): string {
  return node.input.find((name) => name !== tensor) ?? "";
}

/** The layer as a product with the dequantised weight. */
function plainNodes({ x, weight, last }: DynamicLayer): NodeProto[] {
  const [output = ""] = last.output;
  const dequantised = `${output}/dequantised_weight`;
  const attribute = [makeAttribute("axis", 1n)];
  const name = last.name;
  return [
    create(NodeProtoSchema, {
      ...{ name, attribute },
      opType: "DequantizeLinear",
      input: [...weight],
      output: [dequantised],
    }),
    create(NodeProtoSchema, { name, opType: "MatMul", input: [x, dequantised], output: [output] }),
  ];
}
