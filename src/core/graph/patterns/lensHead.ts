import type { NodeProto } from "onnx-buf";
import { DexarError } from "../../errors.js";
import type { Graph } from "../graph.js";
import { constantDims, weightWidths } from "./linear.js";

/** The linear layer that turns the normed residual stream into raw logits (Eq. 3). */
export interface LensHead {
  /** The normed residual stream the head reads, every row of it, [1, S, hidden]. */
  readonly input: string;
  /** The MatMul or MatMulNBits node. */
  readonly node: NodeProto;
  /** A constant added to the logits, [vocabulary], or null. */
  readonly bias: string | null;
  readonly hidden: number;
  readonly vocabulary: number;
}

/** What an exporter may put between the head and `logits`: casts, scaling and soft caps. The lens is the raw value. */
const AFTER_HEAD = new Set(["Cast", "Identity", "Mul", "Div", "Tanh", "Add"]);

/** Finds the head by walking back from `logits` to the first linear layer. */
export function findLensHead(graph: Graph, logits: string): LensHead {
  let tensor = logits;
  let bias: string | null = null;
  for (let node = graph.producer(tensor); node; node = graph.producer(tensor)) {
    const widths = weightWidths(graph, node);
    if (widths)
      return {
        input: beforeRowSelection(graph, node.input[0] ?? ""),
        node,
        bias,
        hidden: widths.input,
        vocabulary: widths.output,
      };
    if (!AFTER_HEAD.has(node.opType)) throw unknownHead(node);
    const variable = node.input.find((name) => !graph.isConstant(name)) ?? "";
    bias = node.opType === "Add" ? vectorBias(graph, node) : null;
    tensor = variable;
  }
  throw new DexarError(
    "decoder-structure",
    `No linear layer leads to the output "${logits}".`,
    "The model folder must hold a decoder with its language-model head.",
  );
}

/** A bias counts when it is added right to the head's output: any later operator in between resets it. */
function vectorBias(graph: Graph, node: NodeProto): string | null {
  const constant = node.input.find((name) => graph.isConstant(name));
  return constant && constantDims(graph, constant)?.length === 1 ? constant : null;
}

/** Exports with `num_logits_to_keep` cut rows between the final norm and the head. */
function beforeRowSelection(graph: Graph, tensor: string): string {
  const node = graph.producer(tensor);
  return node?.opType === "Slice" ? beforeRowSelection(graph, node.input[0] ?? "") : tensor;
}

function unknownHead(node: NodeProto): DexarError {
  return new DexarError(
    "unsupported-op",
    `Operator ${node.domain || "ai.onnx"}:${node.opType} (node ${node.name}) stands between the language-model head and the logits.`,
    "Report the model: DEX-AR needs to know whether the lens reads the value before or after this operator.",
  );
}
