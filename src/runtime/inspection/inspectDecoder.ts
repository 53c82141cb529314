import { basename, dirname } from "node:path";
import { readDecoder, type Decoder } from "../../core/graph/decoder.js";
import { unsupportedOperators } from "../../core/instrument/unsupportedOperators.js";
import { readModel } from "../../core/onnx/index.js";
import type { ModelInspection } from "../../protocol/inspection.js";
import { readExplainableDecoder } from "../model/explainableDecoder.js";
import { paperFolder } from "../modelFolder.js";
import type { Findings } from "./findings.js";

/** The facts of a decoder that its graph tells. */
export type DecoderFacts = Pick<
  ModelInspection,
  "graphStyle" | "layers" | "heads" | "kvHeads" | "headSize" | "vocabulary"
>;

/** Those of a decoder that could not be read. */
export const UNKNOWN_DECODER: DecoderFacts = {
  graphStyle: null,
  layers: null,
  heads: null,
  kvHeads: null,
  headSize: null,
  vocabulary: null,
};

/** A decoder file that was looked at: its weights may be missing. */
export interface InspectedDecoder {
  readonly structure: Decoder;
  /** Whether nothing keeps it from being explained. */
  readonly explainable: boolean;
}

/** Reads a decoder's graph and finds all in it that cannot be explained; null when its structure is not found. */
export function inspectDecoder(path: string, findings: Findings): InspectedDecoder | null {
  const folder = paperFolder(dirname(path));
  const structure = findings.attempt(() => readDecoder(readModel(folder, basename(path))));
  if (structure === null) return null;
  const explainable =
    findings.attemptAll(() => unsupportedOperators(structure, folder)) &&
    findings.attempt(() => readExplainableDecoder(path, folder)) !== null;
  return { structure, explainable };
}

export function decoderFacts({ structure }: InspectedDecoder): DecoderFacts {
  const attention = structure.layers[0]?.attention;
  return {
    graphStyle: structure.style,
    layers: structure.layers.length,
    heads: attention?.heads ?? null,
    kvHeads: attention?.kvHeads ?? null,
    headSize: attention?.headSize ?? null,
    vocabulary: structure.head.vocabulary,
  };
}
