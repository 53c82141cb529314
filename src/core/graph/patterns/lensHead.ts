import type { NodeProto } from "onnx-buf";
import { DexarError } from "../../errors.js";
import type { Graph } from "../graph.js";
import { constantDims, weightWidths } from "./linear.js";

/** The linear layer that turns the normed residual stream into raw logits (Eq. 3). */
export interface LensHead {
  /** The normed residual stream the head reads, every row of it, [1, S, hidden]. */
  readonly input: string;
  /** The product with a constant matrix. */
  readonly node: NodeProto;
  /** A constant added to the logits, [vocabulary] or [1, vocabulary], or null. */
  readonly bias: string | null;
  readonly hidden: number;
  readonly vocabulary: number;
}

const SAME_VALUE = new Set(["Cast", "Identity"]);
/** Where rows are cut off, or put on other axes (around a Gemm). */
const ROW_SELECTION = new Set(["Slice", "Reshape", ...SAME_VALUE]);
/** What an exporter may put between the head and `logits`: scaling and soft caps. The lens is the raw value. */
const AFTER_HEAD = new Set(["Add", "Mul", "Div", "Tanh"]);

/** Finds the head by walking back from `logits` to the first linear layer. */
export function findLensHead(graph: Graph, logits: string): LensHead {
  // The last Add met on the way back is a bias, unless an operator that changes the value lies in between.
  let bias: string | null = null;
  let node = graph.producer(logits);
  for (let widths = null; node; node = graph.producer(variableInput(graph, node))) {
    widths = weightWidths(graph, node);
    if (widths) {
      const input = beforeRowSelection(graph, node.input[0] ?? "");
      return {
        input,
        node,
        bias: bias ?? ownBias(node),
        hidden: widths.input,
        vocabulary: widths.output,
      };
    }
    if (SAME_VALUE.has(node.opType) || node.opType === "Reshape") continue;
    if (!AFTER_HEAD.has(node.opType)) throw unknownHead(graph, node);
    bias = node.opType === "Add" ? vectorBias(graph, node) : null;
  }
  throw new DexarError(
    "decoder-structure",
    `No linear layer leads to the output "${logits}".`,
    "The model folder must hold a decoder with its language-model head.",
  );
}

/** The only input that is no constant. */
function variableInput(graph: Graph, node: NodeProto): string {
  if (node.opType === "Reshape") return node.input[0] ?? "";
  const variables = node.input.filter((name) => name && !graph.isConstant(name));
  if (variables.length > 1) throw unknownHead(graph, node);
  return variables[0] ?? "";
}

function vectorBias(graph: Graph, node: NodeProto): string | null {
  const constant = node.input.find((name) => graph.isConstant(name));
  const isVector =
    constant && constantDims(graph, constant)?.every((size, i, all) => size === 1 || i === all.length - 1);
  return isVector ? constant : null;
}

/** MatMulNBits and Gemm can add a bias themselves. */
function ownBias(node: NodeProto): string | null {
  const at: Readonly<Record<string, number>> = { MatMulNBits: 5, Gemm: 2 };
  return node.input[at[node.opType] ?? -1] || null;
}

/** Exports with `num_logits_to_keep` cut rows between the final norm and the head. */
function beforeRowSelection(graph: Graph, tensor: string): string {
  let source = tensor;
  for (let node = graph.producer(source); node; node = graph.producer(source)) {
    if (!ROW_SELECTION.has(node.opType)) break;
    source = node.input[0] ?? "";
  }
  return source;
}

function unknownHead(graph: Graph, node: NodeProto): DexarError {
  return new DexarError(
    "unsupported-op",
    `Operator ${graph.describe(node)} stands between the language-model head and the logits.`,
    "Report the model: DEX-AR needs to know whether the lens reads the value before or after this operator.",
  );
}
