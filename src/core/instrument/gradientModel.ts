import { clone, create } from "@bufbuild/protobuf";
import {
  GraphProtoSchema,
  ModelProtoSchema,
  OperatorSetIdProtoSchema,
  TensorProto_DataType as DataType,
  ValueInfoProtoSchema,
  type ModelProto,
  type ValueInfoProto,
} from "onnx-buf";
import { Constants } from "../autodiff/constants.js";
import { differentiate } from "../autodiff/differentiate.js";
import { Emitter } from "../autodiff/emitter.js";
import { RowProgram, type Rewriting } from "../autodiff/rowProgram.js";
import type { Decoder, DecoderLayer } from "../graph/decoder.js";
import type { Graph } from "../graph/graph.js";
import { isHalf } from "../graph/isHalf.js";
import { isFlat } from "../graph/patterns/flat.js";
import { weightWidths } from "../graph/patterns/linear.js";
import type { ModelFolder } from "../onnx/index.js";
import { GRADIENT_IO } from "./gradientIo.js";
import { headGradient } from "./headGradient.js";
import { lensRows } from "./lensRows.js";
import { blockSpan, normSpan } from "./spans.js";
import { Taps } from "./taps.js";
import { tensorInfo } from "./tensorInfo.js";

/** The model that explains tokens, and what the decoder must tap for it. */
export interface GradientModel {
  readonly model: ModelProto;
  readonly taps: Taps;
}

/**
 * Writes the model that turns tapped rows and the value cache into attention gradients. With z the heads'
 * outputs and y the block's output of a layer, dA[j] = < v_j, d o / d z >: one backward per layer over one row
 * per token, no attention maps, no second forward. Throws `unsupported-op` naming node and layer.
 * @param device where it will run, for the choice of operators
 */
export function buildGradientModel(
  decoder: Decoder,
  folder: ModelFolder,
  device: Emitter["device"] = "cpu",
): GradientModel {
  const emit = new Emitter(device);
  const rewriting = { graph: decoder.graph, emit, constants: new Constants(decoder.graph, folder, emit) };
  const taps = new Taps();
  for (const { blockOutput } of decoder.layers) {
    taps.add(blockOutput, decoder.head.hidden, isFlat(decoder.graph, blockOutput));
  }
  const seeds = emitLens(decoder, rewriting);
  decoder.layers.forEach((layer, index) => {
    const block = blockProgram(rewriting, layer, index, taps);
    const cache = { name: GRADIENT_IO.value(index), half: isHalf(valueCache(decoder, layer)) };
    const gradient = (seed: string, output: string) =>
      headGradient(emit, layer.attention, cache, differentiate(block, seed), output);
    if (index === decoder.layers.length - 1) gradient(seeds.referenceLast, GRADIENT_IO.referenceLast);
    gradient(seeds.blocks[index] ?? "", GRADIENT_IO.gradient(index));
  });
  return { model: assemble(decoder, emit, taps), taps };
}

/** d o / d y, [1, K, hidden]: where the backward of each block begins. */
interface BlockSeeds {
  readonly blocks: readonly string[];
  /** The last layer's for preset `reference`. */
  readonly referenceLast: string;
}

/**
 * Emits the lens logits and their gradients with respect to the block outputs. The final norm is applied to
 * each block's output exactly once, to all layers' rows as one batch.
 */
function emitLens(decoder: Decoder, rewriting: Rewriting): BlockSeeds {
  const { layers, finalState, head } = decoder;
  const { emit } = rewriting;
  const lens = lensRows(head, rewriting, GRADIENT_IO.targets, layers.length);

  /** The final norm, which the decoder applies to the end of its residual stream, applied to `state` instead. */
  const finalNorm = (state: string) =>
    new RowProgram(rewriting, normSpan(decoder), (tensor) => (tensor === finalState ? state : null));

  const tapped = layers.map((layer) => tapName(layer.blockOutput));
  const once = finalNorm(emit.op("Concat", tapped, { axis: 1n }));
  emit.node("Transpose", [lens.logits(once.value(head.input))], [GRADIENT_IO.lens], { perm: [1n, 0n] });
  const blocks = splitLayers(emit, differentiate(once, lens.seed), layers.length);

  // Preset `reference`: the authors' code norms the last layer's state, which is normed already, again.
  const inner = finalNorm(tapName(lastLayer(decoder).blockOutput));
  const outer = finalNorm(inner.value(head.input));
  const referenceLast = differentiate(inner, differentiate(outer, lens.oneLayerSeed));
  return { blocks, referenceLast };
}

/**
 * From z to y of one layer. Where the backward pass asks for the value of a waist or of a linear layer, it is tapped:
 * a few thousand numbers per token, which would take most of the block's weights to compute again.
 */
function blockProgram(rewriting: Rewriting, layer: DecoderLayer, index: number, taps: Taps): RowProgram {
  return new RowProgram(rewriting, blockSpan(layer, index), (tensor, shape) => {
    if (!layer.waists.includes(tensor) && !isLinearOutput(rewriting.graph, tensor)) return null;
    taps.add(tensor, shape.at(-1) ?? 1, isFlat(rewriting.graph, tensor));
    return tapName(tensor);
  });
}

/** What a linear layer gives, with its bias where that is an operator of its own: ONNX Runtime makes one of the two. */
function isLinearOutput(graph: Graph, tensor: string): boolean {
  const node = graph.producer(tensor);
  if (!node) return false;
  if (node.opType !== "Add") return weightWidths(graph, node) !== null;
  const terms = node.input.filter((input) => !graph.isConstant(input));
  return terms.length === 1 && isLinearOutput(graph, terms[0] ?? "");
}

/** [1, L * K, hidden] to L tensors [1, K, hidden]. */
function splitLayers(emit: Emitter, gradient: string, layers: number): string[] {
  if (layers === 1) return [gradient];
  const byLayer = emit.op("Reshape", [gradient, emit.ints(layers, -1, 0)]);
  const first = emit.ints(0);
  return Array.from({ length: layers }, (_, l) =>
    emit.op("Slice", [byLayer, emit.ints(l), emit.ints(l + 1), first]),
  );
}

/** Name of a tapped tensor's rows in the gradient model. */
function tapName(tensor: string): string {
  return `tap/${tensor}`;
}

function lastLayer(decoder: Decoder): DecoderLayer {
  const last = decoder.layers.at(-1);
  if (!last) throw new RangeError("a decoder without layers");
  return last;
}

function assemble(decoder: Decoder, emit: Emitter, taps: Taps): ModelProto {
  const rows = new Emitter();
  const axis = emit.ints(2);
  let end = 0;
  // Not one Split: on WebGPU an operator has a dozen outputs at most.
  for (const { tensor, width } of taps.all) {
    const [from, to] = [emit.ints(end), emit.ints((end += width))];
    rows.node("Slice", [GRADIENT_IO.taps, from, to, axis], [tapName(tensor)]);
  }
  const { taps: tapInput, targets, gradient, lens, referenceLast } = GRADIENT_IO;
  const heads = (name: string) =>
    tensorInfo(name, DataType.FLOAT, ["tokens", "kv_heads", "heads_of_each", "positions"]);
  const graph = create(GraphProtoSchema, {
    name: "dexar_gradient",
    node: [...rows.nodes, ...emit.nodes],
    initializer: [...emit.initializers.values()],
    input: [
      tensorInfo(tapInput, DataType.FLOAT, [1, "tokens", taps.width]),
      tensorInfo(targets, DataType.INT64, ["tokens"]),
      ...cacheInputs(decoder),
    ],
    output: [
      ...decoder.layers.map((_, index) => heads(gradient(index))),
      tensorInfo(lens, DataType.FLOAT, ["tokens", decoder.layers.length]),
      heads(referenceLast),
    ],
  });
  const opset = (domain: string, version: bigint) => create(OperatorSetIdProtoSchema, { domain, version });
  return create(ModelProtoSchema, {
    irVersion: 10n,
    producerName: "dexar",
    graph,
    opsetImport: [opset("", 21n), opset("com.microsoft", 1n)],
  });
}

/** The value caches as the decoder declares them, under the gradient model's names. */
function cacheInputs(decoder: Decoder): ValueInfoProto[] {
  return decoder.layers.map((layer, index) =>
    Object.assign(clone(ValueInfoProtoSchema, valueCache(decoder, layer)), {
      name: GRADIENT_IO.value(index),
    }),
  );
}

function valueCache(decoder: Decoder, { attention }: DecoderLayer): ValueInfoProto {
  const { output, input } = decoder.proto;
  const cache = [...output, ...input].find(({ name }) => name === attention.value);
  if (!cache) throw new RangeError(`"${attention.value}" is no output`);
  return cache;
}
