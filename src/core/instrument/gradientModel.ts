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
import { RowProgram, type KnownValues } from "../autodiff/rowProgram.js";
import { ROWS } from "../autodiff/rule.js";
import type { Decoder, DecoderLayer } from "../graph/decoder.js";
import type { ModelFolder } from "../onnx/index.js";
import { lensRows } from "./lensRows.js";
import { Taps } from "./taps.js";
import { tensorInfo } from "./tensorInfo.js";

/** Inputs and outputs of the gradient model. K explained tokens, L layers, H heads, P cached positions. */
export const GRADIENT_IO = {
  /** float32 [1, K, width]: one tap row per explained token. */
  taps: "taps",
  /** int64 [K]: the explained token ids. */
  targets: "targets",
  /** The value cache of a layer, [1, kvHeads, P, headSize]. */
  value: (layer: number) => `value.${layer}`,
  /** float32 [K, L, H, P]: signed dA (the attention gradient of Eq. 3's logit). */
  gradient: "gradient",
  /** float32 [K, L]: the lens logit o of the target (Eq. 3). */
  lens: "lens",
  /** float32 [K, H, P]: dA of the last layer with the final norm applied twice (preset `reference`). */
  referenceLast: "reference_last",
} as const;

export interface GradientModel {
  readonly model: ModelProto;
  readonly taps: Taps;
}

/**
 * Writes the model that turns tapped rows and the value cache into attention gradients. With z the heads'
 * outputs and y the block's output of a layer, dA[j] = < v_j, d o / d z >: one backward per layer over one row
 * per token, no attention maps, no second forward. The final norm is applied exactly once, and its rows of all
 * layers run as one batch.
 */
export function buildGradientModel(decoder: Decoder, folder: ModelFolder): GradientModel {
  const emit = new Emitter();
  const constants = new Constants(decoder.graph, folder, emit);
  const taps = new Taps();
  const tapName = (tensor: string) => `tap/${tensor}`;
  const layerCount = decoder.layers.length;
  const rowShape = [1, ROWS, decoder.head.hidden];
  const last = decoder.layers[layerCount - 1] as DecoderLayer;

  for (const layer of decoder.layers) taps.add(layer.blockOutput, decoder.head.hidden);
  const stacked = emit.op(
    "Concat",
    decoder.layers.map((l) => tapName(l.blockOutput)),
    { axis: 1n },
  );
  const lensProgram = (input: string) =>
    new RowProgram(
      decoder.graph,
      emit,
      constants,
      last.blockOutput,
      decoder.head.input,
      rowShape,
      (asked) => (asked === last.blockOutput ? input : null),
      "final norm",
    );

  const once = lensProgram(stacked);
  const lens = lensRows(decoder, constants, emit, GRADIENT_IO.targets, layerCount);
  emit.node("Transpose", [lens.logits(once.value(decoder.head.input))], [GRADIENT_IO.lens], {
    perm: [1n, 0n],
  });
  const blockSeeds = splitLayers(emit, differentiate(once, constants, emit, lens.seed), layerCount);

  // The authors' code norms the last layer's (already normed) state again.
  const normed = lensProgram(tapName(last.blockOutput));
  const twice = lensProgram(normed.value(decoder.head.input));
  const referenceSeed = differentiate(
    normed,
    constants,
    emit,
    differentiate(twice, constants, emit, lens.oneLayerSeed),
  );

  const gradients = decoder.layers.map((layer, index) => {
    const width = layer.attention.heads * layer.attention.headSize;
    const program = new RowProgram(
      decoder.graph,
      emit,
      constants,
      layer.attention.output,
      layer.blockOutput,
      [1, ROWS, width],
      waistTaps(layer, taps, tapName),
      `layer ${index}`,
    );
    const dz = (seed: string) =>
      headGradient(emit, layer, index, differentiate(program, constants, emit, seed));
    if (index === layerCount - 1)
      emit.node("Squeeze", [dz(referenceSeed), emit.ints(1)], [GRADIENT_IO.referenceLast]);
    return dz(blockSeeds[index] as string);
  });
  emit.node("Concat", gradients, [GRADIENT_IO.gradient], { axis: 1n });
  return { model: assemble(decoder, emit, taps, tapName), taps };
}

/** A waist between z and y is tapped when the backward pass asks for its value. */
function waistTaps(layer: DecoderLayer, taps: Taps, tapName: (t: string) => string): KnownValues {
  return (tensor, shape) => {
    if (!layer.waists.includes(tensor)) return null;
    taps.add(tensor, shape[shape.length - 1] as number);
    return tapName(tensor);
  };
}

/** [1, L * K, hidden] to L tensors [1, K, hidden]. */
function splitLayers(emit: Emitter, gradient: string, layers: number): string[] {
  if (layers === 1) return [gradient];
  const byLayer = emit.op("Reshape", [gradient, emit.ints(layers, -1, 0)]);
  return emit.ops("Split", [byLayer], layers, { axis: 0n, num_outputs: BigInt(layers) });
}

/** dA[k, i, j] = < v_j of the shared head, dz[k, i] >: [1, K, heads * size] and the cache to [K, 1, heads, P]. */
function headGradient(emit: Emitter, layer: DecoderLayer, index: number, dz: string): string {
  const { heads, kvHeads, headSize } = layer.attention;
  const groups = heads / kvHeads;
  const cache = emit.op("Cast", [GRADIENT_IO.value(index)], { to: BigInt(DataType.FLOAT) });
  const values = emit.op("Squeeze", [cache, emit.ints(0)]);
  // The small operand is transposed, never the cache: [K, kv, g, d] -> [kv, d, K, g].
  const byHead = emit.op("Transpose", [emit.op("Reshape", [dz, emit.ints(-1, kvHeads, groups, headSize)])], {
    perm: [1n, 3n, 0n, 2n],
  });
  const product = emit.op("MatMul", [values, emit.op("Reshape", [byHead, emit.ints(kvHeads, headSize, -1)])]);
  const split = emit.op("Reshape", [product, emit.ints(0, 0, -1, groups)]);
  const ordered = emit.op("Transpose", [split], { perm: [2n, 0n, 3n, 1n] });
  return emit.op("Reshape", [ordered, emit.ints(0, 1, heads, -1)]);
}

function assemble(decoder: Decoder, emit: Emitter, taps: Taps, tapName: (t: string) => string): ModelProto {
  const widths = emit.ints(...taps.all.map((tap) => tap.width));
  const unpack = new Emitter();
  unpack.node(
    "Split",
    [GRADIENT_IO.taps, widths],
    taps.all.map((tap) => tapName(tap.tensor)),
    { axis: 2n },
  );
  const values = decoder.layers.map((layer, i) => {
    const cache = decoder.proto.output.find((o) => o.name === layer.attention.value) as ValueInfoProto;
    return Object.assign(clone(ValueInfoProtoSchema, cache), { name: GRADIENT_IO.value(i) });
  });
  const graph = create(GraphProtoSchema, {
    name: "dexar_gradient",
    node: [...unpack.nodes, ...emit.nodes],
    initializer: [...emit.initializers.values()],
    input: [
      tensorInfo(GRADIENT_IO.taps, DataType.FLOAT, [1, "tokens", taps.width]),
      tensorInfo(GRADIENT_IO.targets, DataType.INT64, ["tokens"]),
      ...values,
    ],
    output: [
      tensorInfo(GRADIENT_IO.gradient, DataType.FLOAT, [
        "tokens",
        decoder.layers.length,
        "heads",
        "positions",
      ]),
      tensorInfo(GRADIENT_IO.lens, DataType.FLOAT, ["tokens", decoder.layers.length]),
      tensorInfo(GRADIENT_IO.referenceLast, DataType.FLOAT, ["tokens", "heads", "positions"]),
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
