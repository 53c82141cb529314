import type { ModelProto } from "onnx-buf";
import type { Emitter } from "../autodiff/emitter.js";
import { DexarError } from "../errors.js";
import type { Decoder, DecoderCopy } from "../graph/decoder.js";
import type { ModelFolder } from "../onnx/index.js";
import { buildGradientModel, type GradientModel } from "./gradientModel.js";
import { leanDecoder, tapDecoder } from "./tapDecoder.js";
import { leanMergedDecoder, tapMergedDecoder, type TappedCopy } from "./tapMergedDecoder.js";

/** A decoder's graph, written anew for generating and for explaining. */
export interface RewrittenDecoder extends GradientModel {
  /** For plain generation; null where only the original will do. */
  readonly lean: ModelProto | null;
  readonly tapped: ModelProto;
}

/**
 * Writes the gradient model of a decoder and the decoder that taps what it needs; of a merged decoder both copies are
 * tapped, and one gradient model explains the tokens of both. Throws `unsupported-op` or `decoder-structure`.
 */
export function rewriteDecoder(
  model: ModelProto,
  decoder: Decoder,
  folder: ModelFolder,
  device: Emitter["device"] = "cpu",
): RewrittenDecoder {
  const gradient = buildGradientModel(decoder, folder, device);
  const { taps } = gradient;
  if (decoder.merge === null) {
    const { head } = decoder;
    return { ...gradient, lean: leanDecoder(model, head), tapped: tapDecoder(model, taps, head) };
  }
  const expected = shapeOf(gradient);
  const copies = decoder.merge.copies.map((copy) => tappedCopy(copy, expected, folder, device));
  return { ...gradient, lean: leanMergedDecoder(model, copies), tapped: tapMergedDecoder(model, copies) };
}

function tappedCopy(
  { branch, decoder }: DecoderCopy,
  expected: string,
  folder: ModelFolder,
  device: Emitter["device"],
): TappedCopy {
  const gradient = buildGradientModel(decoder, folder, device);
  if (shapeOf(gradient) === expected) return { branch, taps: gradient.taps, head: decoder.head };
  throw new DexarError(
    "decoder-structure",
    `The ${branch} of the merged decoder has other operators than its twin, so one gradient does not hold for both.`,
    "Merge the two decoders of one export again (optimum's merge_decoders), or use an export that is not merged.",
  );
}

/** What two gradient models have in common whose decoders differ in the names of their tensors alone. */
function shapeOf({ model, taps }: GradientModel): string {
  const operators = model.graph?.node.map(({ opType }) => opType) ?? [];
  return [...taps.all.map(({ width }) => width), ...operators].join();
}
