import { Constants } from "../autodiff/constants.js";
import { differentiate } from "../autodiff/differentiate.js";
import { Emitter } from "../autodiff/emitter.js";
import { nodesBetween, RowProgram, type Span } from "../autodiff/rowProgram.js";
import { ROWS } from "../autodiff/rule.js";
import { ruleFor } from "../autodiff/rules/index.js";
import { DexarError } from "../errors.js";
import type { Decoder } from "../graph/decoder.js";
import type { ModelFolder } from "../onnx/index.js";

/**
 * All operators that keep a decoder from being explained, each with its place, where building its gradient stops at
 * the first: those without a derivative, and where all have one, those that are used in a way it does not cover.
 */
export function unsupportedOperators(decoder: Decoder, folder: ModelFolder): DexarError[] {
  return spansOf(decoder).flatMap((span) => {
    const { graph } = decoder;
    const unknown = nodesBetween(graph, span).flatMap((node) =>
      failureOf(() => ruleFor(graph, node, span.place)),
    );
    return unknown.length > 0 ? unknown : failureOf(() => writeGradient(decoder, folder, span));
  });
}

/** The parts of a decoder that are differentiated. */
function spansOf({ layers, finalState, head }: Decoder): Span[] {
  const blocks = layers.map(({ attention, blockOutput }, index) => ({
    start: attention.output,
    end: blockOutput,
    startShape: [1, ROWS, attention.heads * attention.headSize],
    place: `layer ${index}`,
  }));
  const norm = {
    start: finalState,
    end: head.input,
    startShape: [1, ROWS, head.hidden],
    place: "final norm",
  };
  return [...blocks, norm];
}

/** Writes the gradient of one part for nothing: every forward value is taken to be there. */
function writeGradient({ graph }: Decoder, folder: ModelFolder, span: Span): void {
  const emit = new Emitter();
  const rewriting = { graph, emit, constants: new Constants(graph, folder, emit) };
  differentiate(new RowProgram(rewriting, span, (tensor) => tensor), "seed");
}

function failureOf(work: () => unknown): DexarError[] {
  try {
    work();
    return [];
  } catch (error) {
    if (error instanceof DexarError) return [error];
    throw error;
  }
}
