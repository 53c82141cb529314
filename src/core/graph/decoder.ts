import type { GraphProto, ModelProto, NodeProto } from "onnx-buf";
import { DexarError } from "../errors.js";
import { canonicalize } from "./canonicalize.js";
import { Graph } from "./graph.js";
import { findAttentions, type Attention } from "./patterns/attention.js";
import { findLensHead, type LensHead } from "./patterns/lensHead.js";
import { waists } from "./waists.js";

/** One decoder layer as the explanation sees it. */
export interface DecoderLayer {
  readonly attention: Attention;
  /** y: the residual stream after the block, [1, S, hidden]. */
  readonly blockOutput: string;
  /** Tensors every path from z to y passes through, z and y included: where the forward pass can be tapped. */
  readonly waists: readonly string[];
}

/** A decoder graph with the places DEX-AR needs, all found by structure. */
export interface Decoder {
  readonly proto: GraphProto;
  readonly graph: Graph;
  readonly style: Attention["style"];
  readonly layers: readonly DecoderLayer[];
  readonly head: LensHead;
}

/** Finds attention blocks, residual stream, final norm and head of a decoder; throws when one is missing. */
export function readDecoder(model: ModelProto): Decoder {
  const proto = canonicalize(model);
  const opsets = model.opsetImport.map((set) => [set.domain, Number(set.version)] as const);
  const graph = new Graph(proto, new Map(opsets));
  const logits = proto.output.find((o) => o.name === "logits")?.name;
  if (!logits) throw structureError('The decoder has no output named "logits".');
  if (graph.nodes.some((n) => n.opType === "If")) {
    throw structureError(
      "The decoder keeps its graph inside an If operator (two merged copies), which is not supported yet.",
    );
  }
  refuseUnreadableWeights(graph);
  const attentions = findAttentions(graph, proto.output);
  const [first] = attentions;
  if (!first) throw structureError("No attention block with a value cache was found in the decoder.");
  const head = findLensHead(graph, logits);
  const layers = attentions.map((attention, index) =>
    readLayer(graph, attention, attentions[index + 1], head),
  );
  return { proto, graph, style: first.style, layers, head };
}

function readLayer(
  graph: Graph,
  attention: Attention,
  next: Attention | undefined,
  head: LensHead,
): DecoderLayer {
  const path = waists(graph, attention.output, head.input);
  const later = next ? graph.dependents(next.output) : new Set([head.input]);
  const own = path.filter((tensor) => !later.has(tensor));
  const blockOutput = own.findLast((tensor) => isResidualSum(graph, graph.producer(tensor)));
  if (!blockOutput) {
    throw structureError(`The residual stream after attention ${attention.node} was not found.`);
  }
  return { attention, blockOutput, waists: path.slice(0, path.indexOf(blockOutput) + 1) };
}

/** Weights of a format no rule reads are named before anything is looked for among them. */
function refuseUnreadableWeights(graph: Graph): void {
  const node = graph.nodes.find(({ opType }) => opType === "MatMulBnb4");
  if (!node) return;
  throw new DexarError(
    "unsupported-op",
    `The decoder's weights are in bitsandbytes' 4-bit format (operator ${graph.describe(node)}), which is not supported yet.`,
    "Take another file of the same model: q4, q4f16, q8, fp16 or fp32.",
  );
}

/** A residual sum adds two activations; a bias or an epsilon adds a constant. */
function isResidualSum(graph: Graph, node: NodeProto | undefined): boolean {
  return node?.opType === "Add" && node.input.every((name) => !graph.isConstant(name));
}

function structureError(message: string): DexarError {
  return new DexarError(
    "decoder-structure",
    message,
    "Run `dexar models inspect` on the folder; exports made by onnxruntime-genai or by torch.onnx with a key/value cache work.",
  );
}
