import type { NodeProto } from "onnx-buf";
import { DexarError } from "../errors.js";
import { constantDims } from "../graph/patterns/linear.js";
import type { Graph } from "../graph/graph.js";
import type { Constants } from "./constants.js";
import type { Emitter } from "./emitter.js";
import type { Rule, Shape, ShapeContext } from "./rule.js";
import { ruleFor } from "./rules/index.js";

/** Name, in the emitted graph, of a forward value that needs no recomputation; null when it must be recomputed. */
export type KnownValues = (tensor: string, shape: Shape) => string | null;

/**
 * The row-wise part of a decoder between two tensors, ready to be recomputed and differentiated. Row-wise: row
 * k of every tensor depends on row k of the start only, so it runs for a few explained positions alone.
 */
export class RowProgram {
  /** Nodes on a path from start to end, in topological order, each with its rule. */
  readonly steps: readonly { readonly node: NodeProto; readonly rule: Rule }[];
  private readonly shapes = new Map<string, Shape>();
  private readonly values = new Map<string, string>();

  /**
   * @param start tensor the gradient is taken for; its shape is `startShape`
   * @param known tensors of the forward pass that need no recomputation
   * @param place words for messages ("layer 3")
   */
  constructor(
    private readonly graph: Graph,
    private readonly emit: Emitter,
    private readonly constants: Constants,
    readonly start: string,
    readonly end: string,
    startShape: Shape,
    private readonly known: KnownValues,
    private readonly place: string,
  ) {
    const cone = graph.dependents(start);
    const leading = graph.ancestors(end);
    const between = graph.nodes.slice(graph.order(start) + 1, graph.order(end) + 1);
    this.shapes.set(start, startShape);
    this.steps = between
      .filter((node) => node.output.some((name) => cone.has(name) && leading.has(name)))
      .map((node) => ({ node, rule: ruleFor(node, place) }));
    for (const { node, rule } of this.steps) this.inferShapes(node, rule);
  }

  /** Shape of a tensor of the program or of a constant. */
  shape(tensor: string): Shape {
    // Whatever else is added in (the residual stream) has the shape of a whole row: it broadcasts as one.
    return this.shapes.get(tensor) ?? constantDims(this.graph, tensor) ?? [1];
  }

  /** Name of the forward value of a tensor in the emitted graph, recomputed on first use. */
  value(tensor: string): string {
    const done = this.values.get(tensor);
    if (done !== undefined) return done;
    const name = this.compute(tensor);
    this.values.set(tensor, name);
    return name;
  }

  private compute(tensor: string): string {
    if (this.graph.isConstant(tensor)) return this.constants.import(tensor);
    const known = this.known(tensor, this.shape(tensor));
    if (known !== null) return known;
    const step = this.steps.find(({ node }) => node.output.includes(tensor));
    if (!step) throw this.unreachable(tensor);
    const { node } = step;
    // Casts to half precision fall away: everything here is float32.
    if (node.opType === "Cast") return this.value(node.input[0] ?? "");
    const inputs = node.input.map((name) => (name ? this.value(name) : ""));
    const outputs = node.output.map((name) => (name ? this.emit.name(name) : ""));
    // Level 4 would round the activations to 8 bits.
    this.emit.copy(
      node,
      inputs,
      outputs,
      node.attribute.filter((a) => a.name !== "accuracy_level"),
    );
    node.output.forEach((name, i) => name && this.values.set(name, outputs[i] as string));
    return outputs[node.output.indexOf(tensor)] as string;
  }

  private inferShapes(node: NodeProto, rule: Rule): void {
    const context: ShapeContext = {
      node,
      shape: (i) => this.shape(node.input[i] ?? ""),
      numbers: (i) => this.constants.numbers(node.input[i] ?? ""),
    };
    try {
      const shapes = rule.shape(context);
      node.output.forEach((name, i) => this.shapes.set(name, shapes[i] ?? []));
    } catch (cause) {
      if (cause instanceof DexarError) throw cause;
      throw this.unsupported(node, cause);
    }
  }

  private unsupported(node: NodeProto, cause: unknown): DexarError {
    const why = cause instanceof Error ? cause.message : String(cause);
    return new DexarError(
      "unsupported-op",
      `Operator ${node.domain || "ai.onnx"}:${node.opType} (node ${node.name}, ${this.place}) is used in an unsupported way: ${why}.`,
      "Report the model so that this form can be added.",
      { cause },
    );
  }

  private unreachable(tensor: string): DexarError {
    return new DexarError(
      "decoder-structure",
      `The gradient of ${this.place} needs the value of "${tensor}", which depends on more than one position.`,
      "Report the model: its block is not built as attention, residual sum, feed-forward.",
    );
  }
}
