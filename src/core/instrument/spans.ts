import type { Span } from "../autodiff/rowProgram.js";
import { ROWS } from "../autodiff/rule.js";
import type { Decoder, DecoderLayer } from "../graph/decoder.js";

/** From z to y of a layer, all that comes after the attention in its block. */
export function blockSpan({ attention, blockOutput }: DecoderLayer, index: number): Span {
  return {
    start: attention.output,
    end: blockOutput,
    startShape: [1, ROWS, attention.heads * attention.headSize],
    place: `layer ${index}`,
  };
}

/** From the end of the residual stream to what the head reads. */
export function normSpan({ finalState, head }: Pick<Decoder, "finalState" | "head">): Span {
  return { start: finalState, end: head.input, startShape: [1, ROWS, head.hidden], place: "final norm" };
}
