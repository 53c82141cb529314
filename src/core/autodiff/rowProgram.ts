import type { NodeProto } from "onnx-buf";
import { DexarError } from "../errors.js";
import { constantDims } from "../graph/patterns/linear.js";
import type { Graph } from "../graph/graph.js";
import type { Constants } from "./constants.js";
import type { Emitter } from "./emitter.js";
import type { Rule, Shape, ShapeContext } from "./rule.js";
import { ruleFor } from "./rules/index.js";

/** The decoder graph that is read, and the graph that is written from it. */
export interface Rewriting {
  readonly graph: Graph;
  readonly emit: Emitter;
  readonly constants: Constants;
}

/** The part of the decoder that a program covers. */
export interface Span {
  /** Tensor the gradient is taken for. */
  readonly start: string;
  readonly startShape: Shape;
  /** Tensor that is differentiated. */
  readonly end: string;
  /** Words for messages ("layer 3"). */
  readonly place: string;
}

/** The operators on a path from a span's start to its end, in topological order. */
export function nodesBetween(graph: Graph, { start, end }: Pick<Span, "start" | "end">): NodeProto[] {
  const cone = graph.dependents(start);
  const leading = graph.ancestors(end);
  const between = graph.nodes.slice(graph.order(start) + 1, graph.order(end) + 1);
  return between.filter((node) => node.output.some((name) => cone.has(name) && leading.has(name)));
}

/** Name, in the emitted graph, of a forward value that needs no recomputation; null when it must be recomputed. */
export type KnownValues = (tensor: string, shape: Shape) => string | null;

/** One operator of a program, with its derivative. */
export interface Step {
  readonly node: NodeProto;
  readonly rule: Rule;
}

/**
 * The row-wise part of a decoder between two tensors, ready to be recomputed and differentiated. Row-wise: row
 * k of every tensor depends on row k of the start only, so it runs for a few explained positions alone.
 */
export class RowProgram {
  /** Nodes on a path from start to end, in topological order. */
  readonly steps: readonly Step[];
  private readonly shapes = new Map<string, Shape>();
  private readonly values = new Map<string, string>();

  /** Throws `unsupported-op` when an operator on the way has no rule or is used in a way its rule does not cover. */
  constructor(
    readonly rewriting: Rewriting,
    readonly span: Span,
    private readonly known: KnownValues,
  ) {
    const { graph } = rewriting;
    this.shapes.set(span.start, span.startShape);
    this.steps = nodesBetween(graph, span).map((node) => ({ node, rule: ruleFor(graph, node, span.place) }));
    for (const { node, rule } of this.steps) this.inferShapes(node, rule);
  }

  /** Shape of a tensor of the program or of a constant. */
  shape(tensor: string): Shape {
    // Whatever else is added in (the residual stream) has the shape of a whole row: it broadcasts as one.
    return this.shapes.get(tensor) ?? constantDims(this.rewriting.graph, tensor) ?? [1];
  }

  /** Name of the forward value of a tensor in the emitted graph, recomputed on first use. */
  value(tensor: string): string {
    const done = this.values.get(tensor);
    if (done !== undefined) return done;
    const name = this.compute(tensor);
    this.values.set(tensor, name);
    return name;
  }

  /** The error for an operator that is used in a way no rule covers. */
  unsupported(node: NodeProto, cause: unknown): DexarError {
    const why = cause instanceof Error ? cause.message : String(cause);
    return new DexarError(
      "unsupported-op",
      `Operator ${this.rewriting.graph.describe(node)} in ${this.span.place} is used in an unsupported way: ${why}.`,
      "Report the model so that this form can be added.",
      { cause },
    );
  }

  private compute(tensor: string): string {
    const { graph, emit, constants } = this.rewriting;
    if (graph.isConstant(tensor)) return constants.import(tensor);
    const known = this.known(tensor, this.shape(tensor));
    if (known !== null) return known;
    const step = this.steps.find((s) => s.node.output.includes(tensor));
    if (!step) throw this.unreachable(tensor);
    const { node, rule } = step;
    if (rule.forward) {
      const input = (i: number) => node.input[i] ?? "";
      return rule.forward({
        ...{ node, emit },
        x: (i) => this.value(input(i)),
        shape: (i) => this.shape(input(i)),
      });
    }
    const inputs = node.input.map((name) => (name ? this.value(name) : ""));
    const outputs = node.output.map((name) => (name ? emit.name(name) : ""));
    // Level 4 would round the activations to 8 bits.
    const exact = node.attribute.filter((a) => a.name !== "accuracy_level");
    emit.copy(node, inputs, outputs, exact);
    node.output.forEach((name, i) => name && this.values.set(name, outputs[i] as string));
    return outputs[node.output.indexOf(tensor)] as string;
  }

  private inferShapes(node: NodeProto, rule: Rule): void {
    const context: ShapeContext = {
      node,
      shape: (i) => this.shape(node.input[i] ?? ""),
      numbers: (i) => this.rewriting.constants.numbers(node.input[i] ?? ""),
      lastNumber: (i) => this.lastNumber(node.input[i] ?? ""),
    };
    try {
      const shapes = rule.shape(context);
      node.output.forEach((name, i) => this.shapes.set(name, shapes[i] ?? []));
    } catch (cause) {
      if (cause instanceof DexarError) throw cause;
      throw this.unsupported(node, cause);
    }
  }

  private lastNumber(tensor: string): number | null {
    const { graph, constants } = this.rewriting;
    const node = graph.producer(tensor);
    if (node?.opType === "Concat") return this.lastNumber(node.input.at(-1) ?? "");
    return constants.tensor(tensor) === null ? null : (constants.numbers(tensor).at(-1) ?? null);
  }

  private unreachable(tensor: string): DexarError {
    return new DexarError(
      "decoder-structure",
      `The gradient of ${this.span.place} needs the value of "${tensor}", which depends on more than one position.`,
      "Report the model: its block is not built as attention, residual sum, feed-forward.",
    );
  }
}
