import type { NodeProto } from "onnx-buf";
import { DexarError } from "../../errors.js";
import { floatAttribute, intAttribute } from "../attributes.js";
import type { Graph } from "../graph.js";
import { isFlat } from "./flat.js";
import { constantDims, weightWidths } from "./linear.js";

/** The linear layer that turns the normed residual stream into raw logits (Eq. 3). */
export interface LensHead {
  /** The normed residual stream the head reads, every row of it, [1, S, hidden]. */
  readonly input: string;
  /** The product with a constant matrix. */
  readonly node: NodeProto;
  /** A constant added to the product, one number per entry of the vocabulary on its last axis, or null. */
  readonly bias: string | null;
  /** Whether it gives [S, vocabulary], and the logits get their first axis back later. */
  readonly flat: boolean;
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
      return {
        input: beforeRowSelection(graph, node.input[0] ?? ""),
        node,
        bias: headBias(graph, node, bias),
        flat: isFlat(graph, node.output[0] ?? ""),
        hidden: widths.input,
        vocabulary: widths.output,
      };
    }
    if (SAME_VALUE.has(node.opType) || node.opType === "Reshape") continue;
    if (!AFTER_HEAD.has(node.opType)) throw unknownHead(graph, node);
    bias = node.opType === "Add" ? (node.input.find((name) => isVector(graph, name)) ?? null) : null;
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

/** A constant with several numbers, all on its last axis; a single one shifts all logits alike and is no bias. */
function isVector(graph: Graph, tensor: string): boolean {
  const dims = graph.isConstant(tensor) ? constantDims(graph, tensor)?.toReversed() : undefined;
  const [last = 1, ...others] = dims ?? [];
  return last > 1 && others.every((size) => size === 1);
}

/** MatMulNBits and Gemm can add a bias themselves. */
const OWN_BIAS: Readonly<Record<string, number>> = { MatMulNBits: 5, Gemm: 2 };

/**
 * The head's bias: the one it adds itself, or the one that is added after it.
 * @throws DexarError `unsupported-op` for a head that is no plain product and bias
 */
function headBias(graph: Graph, node: NodeProto, added: string | null): string | null {
  const own = node.input[OWN_BIAS[node.opType] ?? -1] || null;
  const factors = own === null ? ["alpha"] : ["alpha", "beta"];
  const isScaled = factors.some((name) => floatAttribute(node, name, 1) !== 1);
  if (node.opType === "Gemm" && (isScaled || intAttribute(node, "transA", 0) !== 0))
    throw unknownHead(graph, node, "scales or transposes what it multiplies");
  if (own === null) return added;
  if (added !== null) throw unknownHead(graph, node, "has a bias of its own, and another one is added");
  if (!isVector(graph, own)) throw unknownHead(graph, node, "has a bias that is not one number per token");
  return own;
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

function unknownHead(graph: Graph, node: NodeProto, why?: string): DexarError {
  const what = why ?? "stands between the language-model head and the logits";
  return new DexarError(
    "unsupported-op",
    `Operator ${graph.describe(node)} ${what}.`,
    "Report the model: DEX-AR needs to know whether the lens reads the value before or after this operator.",
  );
}
