import { TensorProto_DataType as DataType, type GraphProto, type ModelProto, type NodeProto } from "onnx-buf";
import { DexarError } from "../errors.js";
import { canonicalize } from "./canonicalize.js";
import { Graph } from "./graph.js";
import { BRANCHES, inlineBranch, mergeNode, type Branch } from "./mergedDecoder.js";
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
  /** Whose positions the explained attention weighs: the decoder's own sequence, or an encoder's. */
  readonly attends: "sequence" | "encoder";
  readonly layers: readonly DecoderLayer[];
  /** The residual stream that the final norm reads: the last layer's, or that of a layer without attention after it. */
  readonly finalState: string;
  readonly head: LensHead;
  /**
   * Where the file holds two decoders, one for the first step and one that goes on from a cache: the `If` and both
   * (this one is the former, as it runs). Null for a plain decoder.
   */
  readonly merge: { readonly node: NodeProto; readonly copies: readonly DecoderCopy[] } | null;
}

/** One of the two decoders that a merged decoder consists of. */
export interface DecoderCopy {
  readonly branch: Branch;
  readonly decoder: Decoder;
}

/**
 * Finds attention blocks, residual stream, final norm and head of a decoder; throws when one is missing. Of a merged
 * decoder both copies are read, which must be the same but for their caches.
 */
export function readDecoder(model: ModelProto): Decoder {
  const node = model.graph ? mergeNode(model.graph) : null;
  if (!node) return ownCaches(readCopy(model));
  const copies = BRANCHES.map((branch) => ({ branch, decoder: readCopy(inlineBranch(model, node, branch)) }));
  // The first step computes all caches, later ones only read an encoder's.
  const first = copies.find(({ decoder }) => writesCaches(decoder)) ?? copies[1];
  if (!first) throw new RangeError("an If without branches");
  for (const { decoder } of copies) checkAlike(node, ownCaches(first.decoder), decoder);
  return { ...first.decoder, merge: { node, copies } };
}

function readCopy(model: ModelProto): Decoder {
  const proto = canonicalize(model);
  const opsets = model.opsetImport.map((set) => [set.domain, Number(set.version)] as const);
  const graph = new Graph(proto, new Map(opsets));
  const logits = proto.output.find((o) => o.name === "logits")?.name;
  if (!logits) throw structureError('The decoder has no output named "logits".');
  const attentions = findAttentions(graph, proto);
  const explained = explainedAttentions(graph, attentions);
  const [first] = explained.own;
  const last = explained.own.at(-1);
  if (!first || !last)
    throw structureError("No attention block with a value cache was found in the decoder.");
  const head = findLensHead(graph, logits);
  const states = stateInputs(proto);
  const layers = explained.own.map((attention) => {
    const next = attentions[attentions.indexOf(attention) + 1];
    const later = laterLayers(graph, attention, next, states);
    return readLayer(graph, attention, later, head);
  });
  const finalState = residualStream(graph, last, waists(graph, last.output, head.input));
  const { attends } = explained;
  return { proto, graph, style: first.style, attends, layers, finalState, head, merge: null };
}

/** Inputs that hold what a layer without attention remembers, such as the last columns of a convolution. */
function stateInputs({ input }: GraphProto): string[] {
  return input.flatMap(({ name, type }) => {
    const tensor = type?.value.case === "tensorType" ? type.value.value : null;
    const isFloat = tensor?.elemType === DataType.FLOAT || tensor?.elemType === DataType.FLOAT16;
    // Attention's own caches have four dimensions.
    return isFloat && tensor.shape?.dim.length !== 4 ? [name] : [];
  });
}

/** What comes after a layer: all that depends on the next attention, or on a state that this one does not know. */
function laterLayers(
  graph: Graph,
  attention: Attention,
  next: Attention | undefined,
  states: readonly string[],
): ReadonlySet<string> {
  const known = graph.ancestors(attention.output);
  const starts = states.filter((name) => !known.has(name));
  return new Set([...starts, ...(next ? [next.output] : [])].flatMap((name) => [...graph.dependents(name)]));
}

/** Inputs with the decoder's own sequence. */
const OWN_SEQUENCE = ["inputs_embeds", "input_ids"];

/** Where there is an encoder, the attention to it: the values do not depend on the decoder's own sequence. */
function explainedAttentions(
  graph: Graph,
  all: readonly Attention[],
): { own: readonly Attention[]; attends: Decoder["attends"] } {
  const isGiven = OWN_SEQUENCE.some((name) => graph.inputs.has(name));
  const cross = all.filter(({ value }) => {
    const sources = graph.ancestors(value);
    return isGiven && !OWN_SEQUENCE.some((name) => sources.has(name));
  });
  return cross.length > 0 ? { own: cross, attends: "encoder" } : { own: all, attends: "sequence" };
}

function writesCaches({ layers, graph }: Decoder): boolean {
  return layers.every(({ attention }) => graph.outputs.has(attention.value));
}

/** @throws DexarError `decoder-structure` for a decoder whose values are not among its outputs */
function ownCaches(decoder: Decoder): Decoder {
  const { layers, graph } = decoder;
  const layer = layers.findIndex(({ attention }) => !graph.outputs.has(attention.value));
  const attention = layers[layer]?.attention;
  if (attention === undefined) return decoder;
  throw structureError(
    `The values of attention ${attention.node} (layer ${layer}) are the input "${attention.value}" and no output of the decoder.`,
  );
}

/** The copies of a merged decoder share the gradient model, so they must have the same layers. */
function checkAlike(node: NodeProto, first: Decoder, other: Decoder): void {
  const shape = ({ attends, layers, head }: Decoder) =>
    JSON.stringify([
      attends,
      layers.map(({ attention: a }) => [cacheName(a.value), a.heads, a.kvHeads, a.headSize, a.window]),
      [head.hidden, head.vocabulary, head.node.opType],
    ]);
  if (shape(first) === shape(other)) return;
  throw structureError(
    `The two decoders inside node ${node.name} (If) are not alike: ${shape(first)} and ${shape(other)}.`,
  );
}

/** A cache by the name of the decoder's output, whether it is taken in or given out. */
function cacheName(name: string): string {
  return name.replace("past_key_values", "present");
}

function readLayer(
  graph: Graph,
  attention: Attention,
  later: ReadonlySet<string>,
  head: LensHead,
): DecoderLayer {
  const path = waists(graph, attention.output, head.input);
  const own = path.filter((tensor) => !later.has(tensor));
  const blockOutput = residualStream(graph, attention, own);
  return { attention, blockOutput, waists: path.slice(0, path.indexOf(blockOutput) + 1) };
}

/** The last of the residual stream among the waists after an attention. */
function residualStream(graph: Graph, attention: Attention, own: readonly string[]): string {
  const sums = own.filter((tensor) => isResidualSum(graph, graph.producer(tensor)));
  const last = sums.at(-1);
  if (last === undefined) {
    throw structureError(`The residual stream after attention ${attention.node} was not found.`);
  }
  return isNormedBetween(graph, own, sums) ? (own.at(-1) ?? last) : last;
}

/**
 * Whether the residual stream itself is normed (post-norm, as in BART): then all that comes after the first sum passes
 * through the norm, which is a waist before the second sum. In other blocks the stream goes past the norm.
 */
function isNormedBetween(graph: Graph, own: readonly string[], sums: readonly string[]): boolean {
  const [first = "", second = ""] = sums;
  const between = own.slice(own.indexOf(first) + 1, own.indexOf(second));
  const isNormed = between.some(
    (name) => !["Cast", "Identity", "Reshape"].includes(graph.producer(name)?.opType ?? ""),
  );
  return isNormed && graph.consumers(between.at(-1) ?? "").length > 1;
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
