import { TensorProto_DataType as DataType, type ModelProto } from "onnx-buf";
import type { Decoder } from "../graph/decoder.js";
import { isHalf } from "../graph/isHalf.js";
import { weightWidths } from "../graph/patterns/linear.js";
import { Graph } from "../graph/graph.js";
import { externalRange, tensorElementCount } from "../onnx/index.js";
import type { DecoderSize } from "./types.js";

/** What the memory of a decoder's work depends on, from its structure and the graphs written for explaining. */
export function decoderSize(
  decoder: Decoder,
  gradient: ModelProto,
  { tapWidth, lastLogits }: { readonly tapWidth: number; readonly lastLogits: boolean },
): DecoderSize {
  const { proto, layers, head, style, graph } = decoder;
  const attention = layers[0]?.attention;
  const { heads = 0, kvHeads = 0, headSize = 0 } = attention ?? {};
  const widths = graph.nodes
    .filter((node) => node !== head.node)
    .map((node) => weightWidths(graph, node)?.output ?? 0);
  return {
    style,
    layers: layers.length,
    ...{ heads, kvHeads, headSize },
    hidden: head.hidden,
    widest: widths.reduce((a, b) => Math.max(a, b), head.hidden),
    vocabulary: head.vocabulary,
    nodes: proto.node.length,
    cacheBytes: isHalf(proto.output.find((output) => output.name === attention?.value)) ? 2 : 4,
    lastLogitsOnly: lastLogits || proto.input.some((input) => input.name === "num_logits_to_keep"),
    tapWidth,
    unpackedLayer: unpackedBytes(gradient) / layers.length,
  };
}

/** Bytes in float32 of the weights that the gradient model unpacks or casts. */
function unpackedBytes(gradient: ModelProto): number {
  const proto = gradient.graph;
  if (proto === undefined) return 0;
  const graph = new Graph(proto);
  return proto.initializer
    .filter((tensor) => externalRange(tensor) !== undefined && tensor.dataType !== (DataType.FLOAT as number))
    .filter((tensor) => graph.consumers(tensor.name).some((node) => node.opType !== "Gather"))
    .reduce((sum, tensor) => sum + tensorElementCount(tensor) * 4, 0);
}
