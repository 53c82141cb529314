import { Constants } from "../autodiff/constants.js";
import { differentiate } from "../autodiff/differentiate.js";
import { Emitter } from "../autodiff/emitter.js";
import { nodesBetween, RowProgram, type Span } from "../autodiff/rowProgram.js";
import { ruleFor } from "../autodiff/rules/index.js";
import { DexarError } from "../errors.js";
import type { Decoder } from "../graph/decoder.js";
import type { ModelFolder } from "../onnx/index.js";
import { blockSpan, normSpan } from "./spans.js";

/**
 * The operators that keep a decoder from being explained, each with its place, where building its gradient stops at
 * the first: of every layer and of the final norm all without a derivative; where each has one, the first that is used
 * in a way that does not cover. The attention and the head are not looked at: reading the decoder has found them.
 */
export function unsupportedOperators(decoder: Decoder, folder: ModelFolder): DexarError[] {
  const { graph, layers } = decoder;
  return [...layers.map(blockSpan), normSpan(decoder)].flatMap((span) => {
    const unknown = nodesBetween(graph, span).flatMap((node) =>
      failureOf(() => ruleFor(graph, node, span.place)),
    );
    return unknown.length > 0 ? unknown : failureOf(() => writeGradient(decoder, folder, span));
  });
}

/** Writes the gradient of one part and throws it away, as if every forward value were tapped. */
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
